"""What discovery offers, put into the frontier: new URLs get a row, known ones what is news of them.

A batch costs a handful of statements, whatever its size.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, Row, bindparam, func, not_, select, update

from spiders.frontier.records import DiscoveredUrl, iso, url_row
from spiders.frontier.tables import ANOTHER_CHANGE, urls
from spiders.hint_names import names_to_json

_KNOWN = (
    urls.c.id, urls.c.source, urls.c.canonical, urls.c.state, urls.c.span, urls.c.hint_modified, urls.c.hint_names,
    urls.c.listed_by, urls.c.ended_at,
)  # fmt: skip
_BEFORE = func.coalesce(urls.c.listed_by, 0)
_ALSO_LISTED = (
    update(urls)
    .where(
        urls.c.source == bindparam("b_source"),
        urls.c.canonical == bindparam("b_canonical"),
        not_(_BEFORE.bitwise_and(bindparam("b_listed_by")) == bindparam("b_listed_by")),
    )
    .values(listed_by=_BEFORE.bitwise_or(bindparam("b_listed_by")), uncounted=ANOTHER_CHANGE)
)


def each_once(offers: Iterable[DiscoveredUrl]) -> Iterable[DiscoveredUrl]:
    """Each URL once, as it was offered last, with the kinds of endpoints of all its offers."""
    known: dict[tuple[str, str], DiscoveredUrl] = {}
    for one in offers:
        before = known.get((one.source, one.canonical))
        listed_by = one.listed_by | (before.listed_by if before else 0)
        known[one.source, one.canonical] = one if listed_by == one.listed_by else replace(one, listed_by=listed_by)
    return known.values()


def put_offers(
    db: Connection, new_urls: Insert, run_id: str, offers: Sequence[DiscoveredUrl], span: str, now: float
) -> int:
    """Put offers into the frontier; returns how many are new.

    Args:
        db: in a transaction.
        new_urls: the INSERT into ``urls`` that leaves existing rows alone.
        run_id: the crawl that offers them.
        offers: no URL twice, and no more than fit into one statement.
        span: the queue that they go to.
        now: seconds since 1970.
    """
    known = {
        (row.source, row.canonical): row
        for row in db.execute(select(*_KNOWN).where(urls.c.canonical.in_([one.canonical for one in offers])))
    }
    fresh = [one for one in offers if (one.source, one.canonical) not in known]
    if fresh:
        db.execute(new_urls, [url_row(one, run_id, now, span) for one in fresh])
    again = [(row, one) for one in offers if (row := known.get((one.source, one.canonical))) is not None]
    also_listed(db, [one for row, one in again if one.listed_by & ~(row.listed_by or 0)])
    # Only the columns that change: a crawl may have claimed the row since it was read.
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row, one in again:
        if changes := _changes(row, one, span, now):
            values = {f"b_{name}": value for name, value in changes.items()}
            alike.setdefault(tuple(changes), []).append({"b_id": row.id, **values})
    for names, rows in alike.items():
        changed = update(urls).where(urls.c.id == bindparam("b_id"))
        db.execute(changed.values({name: bindparam(f"b_{name}") for name in names}), rows)
    return len(fresh)


def also_listed(db: Connection, offers: Sequence[DiscoveredUrl]) -> None:
    """Add the kinds of endpoints that listed known URLs to those that their rows have."""
    rows = [{"b_source": one.source, "b_canonical": one.canonical, "b_listed_by": one.listed_by} for one in offers]
    if rows:
        db.execute(_ALSO_LISTED, rows)


def _changes(row: Row[Any], offer: DiscoveredUrl, span: str, now: float) -> dict[str, Any]:
    """The columns of a known URL that discovery changes: its queue, a later date of change, which makes it due, and the
    names that the listing states."""
    changes: dict[str, Any] = {}
    modified = iso(offer.hints.modified)
    # A byline that changed is changed in the feed too; a listing without names says nothing of them.
    if offer.hints.authors and (names := names_to_json(offer.hints)) != row.hint_names:
        changes["hint_names"] = names
    if row.state == "pending" and row.span != span:
        changes["span"] = span
    if row.state == "entered":  # by an import that was killed
        changes |= {"state": "pending", "span": span}
    if modified is not None and (row.hint_modified is None or _later(modified, row.hint_modified)):
        changes["hint_modified"] = modified
        # The first date of change that a listing states is news only if the last visit did not see what it speaks of.
        seen = row.hint_modified is None and row.ended_at is not None and not _is_after(modified, row.ended_at)
        if row.state == "done" and not seen:
            changes["due_at"] = now
    return changes


def _later(one: str, other: str) -> bool:
    return datetime.fromisoformat(one) > datetime.fromisoformat(other)


def _is_after(moment: str, seconds: float) -> bool:
    return datetime.fromisoformat(moment).timestamp() > seconds
