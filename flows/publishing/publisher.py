"""From raw archive to tables: list what is unpublished, clean it, plan one commit per batch, commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from cleaning.limits import PAGE_SECONDS
from cleaning.records import SourceFacts
from flows.date_range import DateRange
from flows.lake.index import Published, PublishedAs
from flows.lake.store import Lake
from flows.publishing.gone_marks import mark_files
from flows.publishing.unpublished import (
    Unpublished,
    left_out,
    raw_files,
    unpublished,
)
from spiders.frontier.bookkeeping.lost_records import ArchivedRecord, ArchivedRecords

if TYPE_CHECKING:
    from flows.publishing.batches import PublishProgress
    from flows.publishing.commit_plan import Decide


# Pages per commit. About 10 kB each in memory, so 50 MB; and losing a batch costs a minute.
BATCH_PAGES = 5_000


@dataclass(slots=True)
class PublishReport:
    """Result of a publish."""

    fates: dict[str, Counter[str]] = field(default_factory=dict)  # source → fate → pages
    rejected: dict[str, Counter[str]] = field(default_factory=dict)  # source → reason → pages, new rejections only
    commits: int = 0
    changed: list[str] = field(default_factory=list)  # paths relative to the lake's root, once per commit
    seconds: float = 0.0  # CPU time of cleaning
    lost: list[ArchivedRecord] = field(
        default_factory=list
    )  # archived once, unreadable now; fetched again by a later run

    @property
    def pages(self) -> int:
        """Number of records read."""
        return sum(c.total() for c in self.fates.values())

    def count(self, rows: Sequence[Published]) -> None:
        """Add the fates of a batch."""
        for row in rows:
            self.fates.setdefault(row.source, Counter())[row.fate] += 1
            if row.fate == PublishedAs.REJECTED and row.reason:
                self.rejected.setdefault(row.source, Counter())[row.reason] += 1


@dataclass(frozen=True, slots=True)
class Publishing:
    """How to publish.

    Attributes:
        sources: facts of the catalogue by name.
        decide: decides which new articles are copies.
        workers: cleaning processes; one per processor if None.
        batch_pages: pages per commit.
        page_seconds: wall-clock time after which a page is given up.
        fast: ask for a second opinion only where the block model is unsure.
        on_progress: called after each page.
        frontier: which knows what should lie in the raw files; what cannot be read any more goes back into its queue.
    """

    sources: Mapping[str, SourceFacts]
    decide: Decide
    workers: int | None = None
    batch_pages: int = BATCH_PAGES
    page_seconds: float = PAGE_SECONDS
    fast: bool = False
    on_progress: Callable[[PublishProgress], None] = lambda _: None
    frontier: Engine | None = None


def publish_raw(
    lake: Lake,
    how: Publishing,
    *,
    runs: Sequence[str] | None = None,
    since: date | None = None,
    window: DateRange | None = None,
) -> PublishReport:
    """Publish what the raw archive has and the lake does not; what is already there stays unchanged.

    Records are read and cleaned while earlier ones are planned and committed. The write lock is held for planning and
    committing alone: a page that hurts delays no other writer. What another writer published meanwhile is left out.

    Args:
        lake: written to.
        how: settings.
        runs: only records of these crawls.
        since: only records fetched on this day or later.
        window: also publish articles of these days that an earlier backfill fetched and left out.

    Raises:
        LakeError: as for :meth:`Lake.write_lock`.
        CleaningError: if cleaning itself fails on so many pages that the fault is not theirs.
    """
    report = PublishReport()
    with lake.write_lock():
        pass  # a commit that a writer left half done is finished before anything is read
    archived = ArchivedRecords(how.frontier)
    groups = unpublished(lake, raw_files(lake.root, runs, since), archived)
    report.lost = archived.lost
    first = next(groups, None)
    reopened = left_out(lake.root, window) if window else Unpublished([], [])
    if first is not None or reopened.records:
        from flows.publishing.batch_commits import commit_batches  # noqa: PLC0415  what cleans and plans, and its pool

        commit_batches(lake, how, chain([first] if first else [], groups), reopened, window, report)
    _mark_gone(lake, how, report)
    return report


def _mark_gone(lake: Lake, how: Publishing, report: PublishReport) -> None:
    """Bring ``gone_at`` in step with the frontier, after the rows that the marks stand on are there."""
    if how.frontier is None:
        return
    with lake.write_lock():
        files = mark_files(lake, how.frontier)
        if files:
            report.changed += lake.commit(files)
            report.commits += 1
