"""The ways by which a source is discovered, and how each fared when it was last read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import Engine, select
from sqlalchemy.dialects import postgresql, sqlite

from spiders.tables import ways


class Kind(StrEnum):
    """What sort of listing a way is."""

    FEED = "feed"
    NEWS_SITEMAP = "news-sitemap"
    SITEMAP = "sitemap"
    SECTION = "section"
    ARCHIVE = "archive"  # a section page of one date


@dataclass(frozen=True, slots=True)
class Way:
    """A feed, sitemap or section page, as of its last reading; moments in seconds since 1970."""

    source: str
    url: str
    kind: Kind
    checked_at: float
    changed_at: float
    due_at: float
    parent: str | None = None
    told_modified: str | None = None
    failures: int = 0
    etag: str | None = None
    last_modified: str | None = None
    body_digest: str | None = None
    found: int = 0
    newest: str | None = None
    issue: str | None = None  # an outcome of the fetch, or a Fault of the listing
    issue_detail: str | None = None


class Ways:
    """The table of ways."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def load(self, source: str) -> dict[str, Way]:
        """A source's ways by URL."""
        with self._engine.connect().execution_options(reading=True) as db:
            rows = db.execute(select(ways).where(ways.c.source == source)).mappings().all()
        return {row["url"]: Way(**{**row, "kind": Kind(row["kind"])}) for row in rows}

    def save(self, way: Way) -> None:
        """Keep how a reading went."""
        values = {**asdict(way), "kind": str(way.kind)}
        insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
        told = {name: value for name, value in values.items() if name not in ("source", "url")}
        with self._engine.begin() as db:
            db.execute(insert(ways).values(**values).on_conflict_do_update(index_elements=["source", "url"], set_=told))
