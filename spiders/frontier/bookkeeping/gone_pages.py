"""Pages that were read once and answer 404 or 410 now; two visits must agree before anybody is told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, select

from spiders.frontier.database import chunks
from spiders.frontier.outcomes import KEPT, SUCCESS, Outcome
from spiders.frontier.tables import urls, visits

# One visit may fall into a deployment or a move to another server.
VISITS_MIN = 2

Address = tuple[str, str]  # source, canonical URL as enqueued


@dataclass(frozen=True, slots=True)
class GonePage:
    """A URL that answered 404 or 410 on its last visits."""

    url_id: int
    source: str
    canonical: str  # as enqueued; the page's own rel=canonical may be another
    since: datetime  # the first of these visits, UTC

    @property
    def address(self) -> Address:
        """What names it in any frontier."""
        return self.source, self.canonical


def gone_pages(engine: Engine) -> list[GonePage]:
    """All pages whose last visits, two or more in a row, found them gone; in the frontier's order."""
    gone = select(urls.c.id, urls.c.source, urls.c.canonical, urls.c.gone_since)
    is_gone = urls.c.gone_since.is_not(None), urls.c.outcome == str(Outcome.GONE), urls.c.gone_visits >= VISITS_MIN
    # Put in order here: a database that is to order by id looks through all URLs.
    gone = gone.where(*is_gone)
    with engine.connect().execution_options(reading=True) as db:
        return [
            GonePage(row.id, row.source, row.canonical, datetime.fromtimestamp(row.gone_since, UTC))
            for row in sorted(db.execute(gone), key=lambda row: int(row.id))
        ]


def back_again(engine: Engine, pages: Collection[Address]) -> set[Address]:
    """Which of these pages answered on their last visit."""
    found: set[Address] = set()
    there = urls.c.outcome.in_([str(outcome) for outcome in SUCCESS])
    with engine.connect().execution_options(reading=True) as db:
        for some in chunks(sorted({canonical for _, canonical in pages})):
            query = select(urls.c.source, urls.c.canonical).where(urls.c.canonical.in_(some), there)
            found.update((row.source, row.canonical) for row in db.execute(query))
    return found & {*pages}


def archived_at(engine: Engine, url_ids: Sequence[int]) -> dict[int, list[tuple[str, int]]]:
    """Where the responses of these URLs lie in the raw archive: (raw_file, raw_offset), by URL."""
    found: dict[int, list[tuple[str, int]]] = {}
    with engine.connect().execution_options(reading=True) as db:
        for some in chunks(url_ids):
            kept = visits.c.outcome.in_([str(outcome) for outcome in KEPT]) & visits.c.raw_file.is_not(None)
            query = select(visits.c.url_id, visits.c.raw_file, visits.c.raw_offset).where(visits.c.url_id.in_(some))
            for row in db.execute(query.where(kept)):
                found.setdefault(row.url_id, []).append((row.raw_file, row.raw_offset))
    return found
