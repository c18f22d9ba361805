"""Erased URLs in the frontier: their rows are deleted, and what is left of each is the hash that keeps it out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, Engine, delete, or_, select, tuple_, update

from cleaning.urls import article_id
from spiders.frontier.database import chunks, upsert
from spiders.frontier.records import DiscoveredUrl
from spiders.frontier.tables import erased, urls, visits

Lineage = tuple[str, int]  # raw_file, raw_offset


def rows_of(engine: Engine, addresses: Collection[str], records: Collection[Lineage]) -> dict[int, str]:
    """The rows of some URLs: id → canonical URL, found by address and by what was archived of them."""
    found: dict[int, str] = {}
    columns = urls.c.id, urls.c.canonical
    with engine.connect().execution_options(reading=True) as db:
        for some in chunks(sorted(addresses)):
            query = select(*columns).where(or_(urls.c.canonical.in_(some), urls.c.url.in_(some)))
            found |= {row.id: row.canonical for row in db.execute(query)}
        for places in chunks(sorted(records)):
            archived = tuple_(visits.c.raw_file, visits.c.raw_offset).in_(places)
            query = select(*columns).join(visits, visits.c.url_id == urls.c.id).where(archived)
            found |= {row.id: row.canonical for row in db.execute(query)}
    return found


def archived_of(engine: Engine, ids: Collection[int]) -> set[Lineage]:
    """Every record that was archived of these rows, revisits included."""
    found: set[Lineage] = set()
    with engine.connect().execution_options(reading=True) as db:
        for some in chunks(sorted(ids)):
            query = select(visits.c.raw_file, visits.c.raw_offset).where(
                visits.c.url_id.in_(some), visits.c.raw_file.is_not(None)
            )
            found |= {(row.raw_file, row.raw_offset) for row in db.execute(query)}
    return found


def erase(
    engine: Engine, ids: Collection[int], identities: Iterable[str], addresses: Collection[str], now: float
) -> None:
    """Delete rows with their visits, and keep these identities (article_ids) out from now on.

    In SQLite the deleted bytes are overwritten, and the file is packed: nothing of a row is left in free pages. In
    PostgreSQL they go with the next vacuum.

    Args:
        engine: the frontier's.
        ids: rows of ``urls``.
        identities: article_ids; those of the rows' own URLs are added by the caller.
        addresses: as they may stand in the detail of a redirect to them.
        now: seconds since 1970.
    """
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.begin() as db:
        if is_sqlite:
            db.exec_driver_sql("PRAGMA secure_delete = ON")
        for some in chunks(sorted(ids)):
            db.execute(delete(visits).where(visits.c.url_id.in_(some)))
            db.execute(delete(urls).where(urls.c.id.in_(some)))
        for targets in chunks(sorted(addresses)):
            for table in (visits, urls):
                db.execute(update(table).where(table.c.detail.in_(targets)).values(detail=None))
        kept_out = [{"article_id": identity, "erased_at": now} for identity in sorted(set(identities))]
        if kept_out:
            db.execute(upsert(engine, erased).on_conflict_do_nothing(), kept_out)
    if is_sqlite:
        # On the driver's own connection: SQLAlchemy would begin a transaction, in which no file can be packed.
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("VACUUM")
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.close()


def without_erased(db: Connection, offers: Sequence[DiscoveredUrl]) -> list[DiscoveredUrl]:
    """The offers whose URL was not erased. An erased one leaves no row: its address is not written down again."""
    if db.execute(select(erased.c.article_id).limit(1)).first() is None:
        return list(offers)
    identities = [article_id(one.canonical) for one in offers]
    kept_out: set[str] = set()
    for some in chunks(sorted(set(identities))):
        kept_out |= set(db.scalars(select(erased.c.article_id).where(erased.c.article_id.in_(some))))
    return [one for one, identity in zip(offers, identities, strict=True) if identity not in kept_out]
