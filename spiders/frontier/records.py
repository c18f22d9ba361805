"""The records that pass between a crawl and its frontier, and their conversion to rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from cleaning.records import Hints
from spiders.frontier.outcomes import SUCCESS, Outcome, is_outcome
from spiders.frontier.storable import storable
from spiders.hint_names import names_to_json, with_names

# A URL without a date comes after all that have one: feeds and news sitemaps date their entries, old archives may not.
UNDATED_RANK = 0.0
NO_HINTS = Hints()


@dataclass(frozen=True, slots=True)
class DiscoveredUrl:
    """An article URL that discovery found."""

    source: str
    url: str
    canonical: str
    host: str  # the URL's host, with its port if that is not the scheme's default: the unit of politeness
    hints: Hints = NO_HINTS
    outcome: str | None = None  # set if it ended at once: off-site, blocked-address, bad-url
    detail: str | None = None
    listed_by: int = 0  # the kinds of endpoints that listed it, as endpoint_kinds.kind_bits gives them


@dataclass(frozen=True, slots=True)
class Task:
    """A claimed URL, with what is known from earlier visits."""

    id: int
    source: str
    url: str
    canonical: str
    host: str
    hints: Hints
    first_seen: float
    checks: int = 0
    failures: int = 0
    etag: str | None = None
    last_modified: str | None = None
    body_digest: str | None = None
    changed_at: float | None = None
    interval: float | None = None
    listed_by: int = 0
    gone_visits: int = 0  # visits in a row that found it gone


@dataclass(frozen=True, slots=True)
class FinishedTask:
    """How a visit ended, and when to visit again."""

    task: Task
    outcome: str
    ended_at: float
    detail: str | None = None
    attempts: int = 1
    bytes: int = 0
    raw_file: str | None = None
    raw_offset: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_digest: str | None = None
    due_at: float | None = None
    interval: float | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """Totals of a source's URLs."""

    discovered: int = 0  # new URLs
    pending: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)

    @property
    def fetched(self) -> int:
        """Responses kept: new pages and revisions."""
        return self.outcomes.get(Outcome.FETCHED, 0) + self.outcomes.get(Outcome.REVISION, 0)

    @property
    def unchanged(self) -> int:
        """Visits that found nothing new."""
        return self.outcomes.get(Outcome.UNCHANGED, 0)

    @property
    def failed(self) -> dict[str, int]:
        """Failures by outcome."""
        return {outcome: n for outcome, n in self.outcomes.items() if outcome not in SUCCESS}


@dataclass(frozen=True, slots=True)
class Failure:
    """A URL whose last visit failed."""

    source: str
    url: str
    outcome: str
    detail: str | None
    ended_at: float
    failures: int
    due_at: float | None  # when a later crawl retries by itself; None: only with --retry
    run_id: str


def on_the_list(ended: FinishedTask) -> FinishedTask:
    """The end of a visit under a name of the closed list: any other word is a fault of newsmill's own."""
    if is_outcome(ended.outcome):
        return ended
    detail = f"{ended.outcome!r} is not an outcome: {ended.detail or ''}"
    return replace(ended, outcome=Outcome.INTERNAL_ERROR, detail=detail)


def finish_row(run_id: str, ended: FinishedTask) -> dict[str, Any]:
    """The parameters of the statement that finishes a URL."""
    return {
        "b_id": ended.task.id,
        "b_outcome": str(ended.outcome),
        "b_detail": _stored(ended.detail),
        "b_run_id": run_id,
        "b_ended_at": ended.ended_at,
        "b_kept": int(ended.outcome in (Outcome.FETCHED, Outcome.REVISION)),
        "b_answered": int(ended.outcome in SUCCESS),
        "b_gone": int(ended.outcome == Outcome.GONE),
        "b_failures": ended.failures,
        "b_interval": ended.interval,
        "b_due_at": ended.due_at,
        "b_etag": _stored(ended.etag),
        "b_last_modified": _stored(ended.last_modified),
        "b_body_digest": ended.body_digest,
    }


def ended_row(run_id: str, ended: FinishedTask) -> dict[str, Any]:
    """The row of ``visits`` for a visit by a crawl."""
    row = visit_row(run_id, ended.task.id, ended.task.source, ended.outcome, ended.detail, ended.ended_at)
    return {
        **row,
        "attempts": ended.attempts,
        "bytes": ended.bytes,
        "raw_file": ended.raw_file,
        "raw_offset": ended.raw_offset,
    }


def visit_row(run_id: str, url_id: int, source: str, outcome: str, detail: str | None, now: float) -> dict[str, Any]:
    """The row of ``visits`` for a URL that ended without a request."""
    return {
        "run_id": run_id,
        "url_id": url_id,
        "source": source,
        "outcome": str(outcome),
        "detail": _stored(detail),
        "ended_at": now,
        "attempts": 0,
        "bytes": 0,
        "raw_file": None,
        "raw_offset": None,
    }


def url_row(offer: DiscoveredUrl, run_id: str, now: float, span: str) -> dict[str, Any]:
    """The row of ``urls`` for a discovered URL."""
    hints = offer.hints
    over = offer.outcome is not None
    return {
        "source": offer.source,
        "canonical": offer.canonical,
        "url": offer.url,
        "host": offer.host,
        "state": "done" if over else "pending",
        "span": span,
        "rank": -hints.published.timestamp() if hints.published else UNDATED_RANK,
        "first_run": run_id,
        "first_seen": now,
        "via": hints.via,
        "hint_title": hints.title,
        "hint_published": iso(hints.published),
        "hint_modified": iso(hints.modified),
        "hint_names": names_to_json(hints),
        "outcome": str(offer.outcome) if over else None,
        "detail": offer.detail,
        "run_id": run_id if over else None,
        "ended_at": now if over else None,
        "listed_by": offer.listed_by,
        "uncounted": 1,
    }


def task_of(row: Any) -> Task:
    """The task for a claimed row of ``urls``."""
    hints = with_names(
        Hints(row.hint_title, moment_of(row.hint_published), moment_of(row.hint_modified), row.via), row.hint_names
    )
    return Task(
        id=row.id,
        source=row.source,
        url=row.url,
        canonical=row.canonical,
        host=row.host,
        hints=hints,
        first_seen=row.first_seen,
        checks=row.checks,
        failures=row.failures,
        etag=row.etag,
        last_modified=row.last_modified,
        body_digest=row.body_digest,
        changed_at=row.changed_at,
        interval=row.interval,
        listed_by=row.listed_by or 0,
        gone_visits=row.gone_visits or 0,
    )


def _stored(text: str | None) -> str | None:
    return None if text is None else storable(text)


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 text of an aware datetime."""
    return moment.isoformat() if moment else None


def moment_of(text: str | None) -> datetime | None:
    """The datetime that ISO 8601 text gives."""
    return datetime.fromisoformat(text) if text else None
