"""The URL frontier: every URL that was enqueued, what it waits for, and its outcome.

It is also the crawl's queue: a URL has a row from the moment it is enqueued; a crawl claims rows, and ends each in
exactly one outcome (:mod:`spiders.frontier.outcomes`). Several processes may share it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import BindParameter, Connection, Engine, bindparam, case, func, or_, select, update

from spiders.frontier.backfill_units import Units
from spiders.frontier.bookkeeping.erasure import without_erased
from spiders.frontier.clock_bounds import REVISIT_MAX, SKEW_MAX, is_past
from spiders.frontier.database import chunks, open_database, upsert
from spiders.frontier.endpoint_kinds import LISTING_ARTICLES, kind_bits
from spiders.frontier.leases import Leases
from spiders.frontier.offers import also_listed, each_once, put_offers
from spiders.frontier.outcomes import SUCCESS, Outcome, http_outcome
from spiders.frontier.records import (
    Counts,
    DiscoveredUrl,
    Failure,
    FinishedTask,
    Task,
    ended_row,
    finish_row,
    on_the_list,
    task_of,
    url_row,
    visit_row,
)
from spiders.frontier.redirect_circles import end_circles
from spiders.frontier.tables import ANOTHER_CHANGE, urls, visits

__all__ = [
    "Counts",
    "DiscoveredUrl",
    "Failure",
    "FinishedTask",
    "Frontier",
    "Outcome",
    "Task",
    "default_path",
    "http_outcome",
]


def default_path(lake: Path) -> Path:
    """Where a lake's frontier is stored unless a database URL is set."""
    return lake / "state" / "ledger.sqlite"


class Frontier:
    """The frontier in a SQLite file or at any SQLAlchemy URL."""

    def __init__(self, where: str | Path, *, clock: Callable[[], float] = time.time) -> None:
        self.engine: Engine = open_database(where)
        self.clock = clock
        self.leases = Leases(self.engine, clock)
        self.units = Units(self.engine, clock)
        postgres = self.engine.dialect.name == "postgresql"
        first = _FIRST.with_for_update(skip_locked=True) if postgres else _FIRST
        taken = update(urls).where(urls.c.id.in_(first)).values(state="claimed", lease=bindparam("b_lease"))
        self._claim = taken.returning(urls)
        self._new_urls = upsert(self.engine, urls).on_conflict_do_nothing(index_elements=["source", "canonical"])
        new = upsert(self.engine, visits)
        replaced = {c.name: new.excluded[c.name] for c in visits.c if not c.primary_key}
        self._enter_visits = new.on_conflict_do_update(index_elements=["run_id", "url_id"], set_=replaced)

    def close(self) -> None:
        """Close the database connections."""
        self.engine.dispose()

    def enqueue(self, run_id: str, offers: Iterable[DiscoveredUrl], *, span: str = "") -> int:
        """Enqueue URLs, each once per source by its canonical form; returns how many were new.

        A known URL changes only if there is news: a later modification date makes it due at once, and a URL waiting in
        another span's queue moves into this one.
        """
        batch = list(each_once(offers))
        new = 0
        with self.engine.begin() as db:
            batch = without_erased(db, batch)
            for some in chunks(batch):
                new += put_offers(db, self._new_urls, run_id, some, span, self.clock())
                self._end_at_once(db, run_id, [one for one in some if one.outcome is not None])
        return new

    def _end_at_once(self, db: Connection, run_id: str, offers: list[DiscoveredUrl]) -> None:
        """Record the visits that end offers which this run was the first to make, and which are never to be fetched."""
        if not offers:
            return
        mine = urls.c.canonical.in_([one.canonical for one in offers]) & (urls.c.first_run == run_id)
        known = db.execute(select(urls.c.id, urls.c.source, urls.c.canonical).where(mine))
        ids = {(row.source, row.canonical): row.id for row in known}
        rows = [
            visit_row(run_id, ids[one.source, one.canonical], one.source, one.outcome or "", one.detail, self.clock())
            for one in offers
            if (one.source, one.canonical) in ids
        ]
        if rows:
            db.execute(self._enter_visits, rows)

    # -- the queue ---------------------------------------------------------------------------------------------

    def wake(self, sources: Sequence[str], *, recrawl_all: bool = False) -> int:
        """Put URLs that are due for another visit back into the daily queue; returns how many.

        ``recrawl_all`` takes every page that was ever read, due or not.
        """
        now = self.clock()
        # Sampled and vanished pages are due weeks ahead: believed of a visit that was not itself ahead of the clock.
        ahead = or_(urls.c.ended_at.is_(None), urls.c.ended_at > now + SKEW_MAX)
        due = or_(urls.c.due_at <= now, is_past(urls.c.due_at, now, REVISIT_MAX) & ahead)
        which = or_(due, urls.c.fetched_at.is_not(None)) if recrawl_all else due
        with self.engine.begin() as db:
            woken = db.execute(
                update(urls)
                .where(urls.c.source.in_(sources), urls.c.state == "done", which)
                .values(state="pending", span="", due_at=None)
            )
            return int(woken.rowcount)

    def hosts_waiting(self, sources: Sequence[str], span: str = "") -> list[tuple[str, str]]:
        """(source, host) pairs that have URLs to claim."""
        query = (
            select(urls.c.source, urls.c.host)
            .where(urls.c.state == "pending", urls.c.source.in_(sources), urls.c.span == span)
            .distinct()
        )
        with self._read() as db:
            return [(row.source, row.host) for row in db.execute(query)]

    def claim(self, lease: int, source: str, host: str, limit: int, span: str = "") -> list[Task]:
        """Claim up to ``limit`` URLs of one host, newest first."""
        given = {"b_source": source, "b_span": span, "b_host": host, "b_limit": limit, "b_lease": lease}
        with self.engine.begin() as db:
            rows = sorted(db.execute(self._claim, given), key=lambda row: float(row.rank))
        return [task_of(row) for row in rows]

    def release(self, tasks: Iterable[Task]) -> None:
        """Return claimed URLs to the queue, unvisited."""
        with self.engine.begin() as db:
            for some in chunks([task.id for task in tasks]):
                db.execute(update(urls).where(urls.c.id.in_(some)).values(state="pending", lease=None))

    def enter(self, run_id: str, offers: Sequence[DiscoveredUrl]) -> dict[tuple[str, str], Task]:
        """Add pages that no crawl fetched; returns their tasks by (source, canonical). No crawler claims them.

        A URL that was erased has no task.
        """
        tasks: dict[tuple[str, str], Task] = {}
        with self.engine.begin() as db:
            offers = without_erased(db, offers)
            rows = [{**url_row(o, run_id, self.clock(), ""), "state": "entered"} for o in offers]
            if rows:
                db.execute(self._new_urls, rows)
            for some in chunks(offers):
                for row in db.execute(select(urls).where(urls.c.canonical.in_([o.canonical for o in some]))):
                    tasks[row.source, row.canonical] = task_of(row)
            also_listed(db, [o for o in offers if o.listed_by & ~tasks[o.source, o.canonical].listed_by])
        return tasks

    def follow(self, run_id: str, lease: int, task: Task, url: str, canonical: str, host: str) -> Task | None:
        """Enqueue a redirect's target and claim it at once; None if it already has a row.

        It inherits what discovery said about ``task``.
        """
        offer = DiscoveredUrl(task.source, url, canonical, host, task.hints, listed_by=task.listed_by)
        values = {**url_row(offer, run_id, self.clock(), ""), "state": "claimed", "lease": lease}
        with self.engine.begin() as db:
            if not without_erased(db, [offer]):
                return None
            row = db.execute(self._new_urls.values(**values).returning(urls)).first()
            if row is None:
                also_listed(db, [offer])
        return task_of(row) if row is not None else None

    # -- ending ------------------------------------------------------------------------------------------------

    def finish(self, run_id: str, ended: Sequence[FinishedTask]) -> None:
        """Record how visits ended, in one transaction. A redirect's target stands in the detail of ``moved``."""
        if not ended:
            return
        ended = [on_the_list(one) for one in ended]
        with self.engine.begin() as db:
            db.execute(_FINISH, [finish_row(run_id, e) for e in ended])
            db.execute(self._enter_visits, [ended_row(run_id, e) for e in ended])
            end_circles(db, ended)

    # -- asking ------------------------------------------------------------------------------------------------

    def counts(self, run_id: str | None = None) -> dict[str, Counts]:
        """Counts per source of new URLs, waiting URLs, and outcomes; for one run, or for the last visit of every
        URL."""
        new = select(urls.c.source, func.count()).group_by(urls.c.source)
        waiting = (
            select(urls.c.source, func.count()).where(urls.c.state.in_(("pending", "claimed"))).group_by(urls.c.source)
        )
        ends = select(urls.c.source, urls.c.outcome, func.count()).where(urls.c.state == "done")
        ends = ends.group_by(urls.c.source, urls.c.outcome)
        if run_id is not None:
            new = new.where(urls.c.first_run == run_id)
            waiting = waiting.where(urls.c.first_run == run_id)
            ends = select(visits.c.source, visits.c.outcome, func.count()).where(visits.c.run_id == run_id)
            ends = ends.group_by(visits.c.source, visits.c.outcome)
        with self._read() as db:
            discovered = {str(source): int(n) for source, n in db.execute(new)}
            pending = {str(source): int(n) for source, n in db.execute(waiting)}
            outcomes: dict[str, dict[str, int]] = {}
            for source, outcome, n in db.execute(ends):
                outcomes.setdefault(str(source), {})[str(outcome)] = int(n)
        return {
            name: Counts(discovered.get(name, 0), pending.get(name, 0), outcomes.get(name, {}))
            for name in sorted({*discovered, *pending, *outcomes})
        }

    def outcomes(self, source: str | None = None) -> dict[str, str]:
        """The last outcome of each URL, as enqueued; waiting URLs are left out."""
        query = select(urls.c.url, urls.c.outcome).where(urls.c.state == "done")
        if source is not None:
            query = query.where(urls.c.source == source)
        with self._read() as db:
            return {str(url): str(outcome) for url, outcome in db.execute(query)}

    def articles(self, source: str, limit: int) -> list[str]:
        """Examples of a source's article URLs, those that were listed last first."""
        is_listed = urls.c.listed_by.bitwise_and(kind_bits(LISTING_ARTICLES)) != 0
        query = select(urls.c.url).where(urls.c.source == source, is_listed, urls.c.host != "")
        with self._read() as db:
            return [str(url) for (url,) in db.execute(query.order_by(urls.c.id.desc()).limit(limit))]

    def failures(self, source: str | None = None, reason: str | None = None, limit: int | None = None) -> list[Failure]:
        """URLs whose last visit failed, latest first."""
        query = select(urls).where(_failed(source, reason)).order_by(urls.c.ended_at.desc(), urls.c.id).limit(limit)
        with self._read() as db:
            return [
                Failure(r.source, r.url, r.outcome, r.detail, r.ended_at, r.failures, r.due_at, r.run_id)
                for r in db.execute(query)
            ]

    def retry(self, source: str | None = None, reason: str | None = None) -> int:
        """Put failed URLs back into the daily queue; returns how many."""
        with self.engine.begin() as db:
            again = db.execute(
                update(urls).where(_failed(source, reason)).values(state="pending", span="", due_at=None, failures=0)
            )
            return int(again.rowcount)

    def _read(self) -> Connection:
        return self.engine.connect().execution_options(reading=True)


def _failed(source: str | None, reason: str | None) -> Any:
    condition = (urls.c.state == "done") & urls.c.outcome.not_in([str(outcome) for outcome in SUCCESS])
    if source is not None:
        condition &= urls.c.source == source
    if reason is not None:
        condition &= urls.c.outcome == reason
    return condition


# Built once, like the statements below: assembling one costs more than running it.
_FIRST = (
    select(urls.c.id)
    .where(
        urls.c.state == "pending",
        urls.c.source == bindparam("b_source"),
        urls.c.span == bindparam("b_span"),
        urls.c.host == bindparam("b_host"),
    )
    .order_by(urls.c.rank)
    .limit(bindparam("b_limit"))
)
_KEPT: BindParameter[int] = bindparam("b_kept")
_ANSWERED: BindParameter[int] = bindparam("b_answered")
_GONE: BindParameter[int] = bindparam("b_gone")
_FINISH = (
    update(urls)
    .where(urls.c.id == bindparam("b_id"))
    .values(
        state="done",
        lease=None,
        outcome=bindparam("b_outcome"),
        detail=bindparam("b_detail"),
        run_id=bindparam("b_run_id"),
        ended_at=bindparam("b_ended_at"),
        fetched_at=case((_KEPT == 1, bindparam("b_ended_at")), else_=urls.c.fetched_at),
        changed_at=case((_KEPT == 1, bindparam("b_ended_at")), else_=urls.c.changed_at),
        checks=urls.c.checks + _ANSWERED,
        failures=bindparam("b_failures"),
        interval=bindparam("b_interval"),
        due_at=bindparam("b_due_at"),
        etag=func.coalesce(bindparam("b_etag"), urls.c.etag),
        last_modified=func.coalesce(bindparam("b_last_modified"), urls.c.last_modified),
        body_digest=func.coalesce(bindparam("b_body_digest"), urls.c.body_digest),
        uncounted=ANOTHER_CHANGE,
        # A failure that says nothing of the page leaves it gone, or there.
        gone_since=case(
            (_GONE == 1, func.coalesce(urls.c.gone_since, bindparam("b_ended_at"))),
            (_ANSWERED == 1, None),
            else_=urls.c.gone_since,
        ),
        gone_visits=case(
            (_GONE == 1, func.coalesce(urls.c.gone_visits, 0) + 1), (_ANSWERED == 1, 0), else_=urls.c.gone_visits
        ),
    )
)
