"""What the frontier knows of each day: how visits ended, which listings could not be read, how long runs took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlalchemy import Engine, func, select

from flows.crawling.runs import Run
from spiders.frontier.database import chunks
from spiders.frontier.tables import leases, listing_faults, urls, visits


@dataclass(slots=True)
class VisitDay:
    """The visits of one source on the runs that began on one day (UTC)."""

    outcomes: Counter[str] = field(default_factory=Counter)  # outcome → URLs
    bytes: int = 0  # of responses
    faults: dict[str, tuple[str, str]] = field(default_factory=dict)  # listing that was not read → (issue, detail)


@dataclass(frozen=True, slots=True)
class RunTime:
    """One crawl process."""

    run_id: str
    started_at: datetime
    minutes: float  # from its start to its end; to its last sign of life where it never ended
    is_backfill: bool
    is_ended: bool


def visit_days(engine: Engine, runs: Iterable[tuple[date, Run]]) -> dict[tuple[str, date], VisitDay]:
    """Visits and listing faults by source and day.

    Args:
        engine: the frontier's.
        runs: each with the day on which it began, as :func:`flows.crawling.runs.runs_begun` gives them.
    """
    day_of = {run.run_id: day for day, run in runs}
    found: dict[tuple[str, date], VisitDay] = {}
    for run, source, outcome, n, size in _grouped(engine, list(day_of)):
        day = found.setdefault((source, day_of[run]), VisitDay())
        day.outcomes[outcome] += n
        day.bytes += size
    for run, source, url, issue, detail in _faults(engine, list(day_of)):
        found.setdefault((source, day_of[run]), VisitDay()).faults[url] = (issue, detail or "")
    return found


def examples(engine: Engine, run_ids: Iterable[str], source: str, outcome: str, limit: int) -> list[tuple[str, str]]:
    """URLs of a source that ended in an outcome, each with its detail."""
    query = (
        select(urls.c.url, visits.c.detail)
        .join(urls, urls.c.id == visits.c.url_id)
        .where(visits.c.run_id.in_(list(run_ids)), visits.c.source == source, visits.c.outcome == outcome)
        .order_by(visits.c.ended_at.desc(), urls.c.id)
        .limit(limit)
    )
    with engine.connect().execution_options(reading=True) as db:
        return [(str(url), detail or "") for url, detail in db.execute(query)]


def run_times(engine: Engine, runs: Iterable[tuple[date, Run]]) -> list[RunTime]:
    """How long each crawl process took, oldest first. A run without a lease in the frontier is left out."""
    known = {run.run_id: run for _, run in runs}
    found = []
    for chunk in chunks(list(known)):
        query = select(leases.c.run_id, func.max(leases.c.heartbeat), func.max(leases.c.ended_at))
        query = query.where(leases.c.run_id.in_(chunk)).group_by(leases.c.run_id)
        with engine.connect().execution_options(reading=True) as db:
            for run_id, beat, ended in db.execute(query):
                began = datetime.strptime(run_id[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
                last = max(ended or beat, began.timestamp())
                minutes = (last - began.timestamp()) / 60
                found.append(RunTime(run_id, began, minutes, known[run_id].window is not None, ended is not None))
    return sorted(found, key=lambda run: run.run_id)


def crawled_days(runs: Iterable[tuple[date, Run]]) -> Mapping[date, set[str]]:
    """Which sources were crawled for news, not for a backfill, on each day with a crawl; days in order."""
    crawled: dict[date, set[str]] = {}
    for day, run in runs:
        if run.window is None:
            crawled.setdefault(day, set()).update(run.sources)
    return crawled


def _grouped(engine: Engine, run_ids: list[str]) -> Iterable[tuple[str, str, str, int, int]]:
    for chunk in chunks(run_ids):
        query = select(visits.c.run_id, visits.c.source, visits.c.outcome, func.count(), func.sum(visits.c.bytes))
        query = query.where(visits.c.run_id.in_(chunk)).group_by(visits.c.run_id, visits.c.source, visits.c.outcome)
        with engine.connect().execution_options(reading=True) as db:
            for run, source, outcome, n, size in db.execute(query):
                yield str(run), str(source), str(outcome), int(n), int(size or 0)


def _faults(engine: Engine, run_ids: list[str]) -> Iterable[tuple[str, str, str, str, str | None]]:
    for chunk in chunks(run_ids):
        query = select(listing_faults).where(listing_faults.c.run_id.in_(chunk))
        with engine.connect().execution_options(reading=True) as db:
            for row in db.execute(query):
                yield row.run_id, row.source, row.url, row.issue, row.detail
