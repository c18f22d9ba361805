"""From raw archive to tables: list what is unpublished, clean it, plan one commit per batch, commit."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

import pyarrow as pa
from sqlalchemy import Engine

from cleaning.limits import PAGE_SECONDS
from cleaning.records import Cleaned, SourceFacts
from cleaning.schema.arrow import to_table
from flows.crawling.runs import RunWindows
from flows.lake.index import Published, PublishedAs, ReadFile, raw_files_path
from flows.lake.store import Lake
from flows.publishing import site_templates
from flows.publishing.cleaning_version import cleaning_versions
from flows.publishing.commit_plan import Decide, plan_commit
from flows.publishing.edited_lines import edited_lines
from flows.publishing.gone_marks import mark_files
from flows.publishing.unpublished import Record, Unpublished, date_of, left_out, raw_files, unpublished
from flows.publishing.workers import CleaningPool
from spiders.frontier.lost_records import ArchivedRecord, ArchivedRecords

log = logging.getLogger(__name__)

# Pages per commit. About 10 kB each in memory, so 50 MB; and losing a batch costs a minute.
BATCH_PAGES = 5_000

Window = tuple[date, date]  # first and last day of publication, both inclusive


@dataclass(frozen=True, slots=True)
class PublishProgress:
    """Progress of a publish."""

    done: int  # pages cleaned
    listed: int  # pages known to be unpublished; grows as more fetch dates are listed


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
        workers: cleaning processes; one fewer than the processors if None.
        batch_pages: pages per commit.
        page_seconds: wall-clock time after which a page is given up.
        on_progress: called after each page.
        frontier: which knows what should lie in the raw files; what cannot be read any more goes back into its queue.
    """

    sources: Mapping[str, SourceFacts]
    decide: Decide
    workers: int | None = None
    batch_pages: int = BATCH_PAGES
    page_seconds: float = PAGE_SECONDS
    on_progress: Callable[[PublishProgress], None] = lambda _: None
    frontier: Engine | None = None


def publish_raw(
    lake: Lake,
    how: Publishing,
    *,
    runs: Sequence[str] | None = None,
    since: date | None = None,
    window: Window | None = None,
) -> PublishReport:
    """Publish what the raw archive has and the lake does not; what is already there stays unchanged.

    Args:
        lake: held for the whole call.
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
        archived = ArchivedRecords(how.frontier)
        groups = unpublished(lake, raw_files(lake.root, runs, since), archived)
        report.lost = archived.lost
        first = next(groups, None)
        reopened = left_out(lake.root, window) if window else Unpublished([], [])
        if first is None and not reopened.records:
            _mark_gone(lake, how, report)
            return report
        listed, stamp = 0, cleaning_versions(how.sources)
        windows = RunWindows(lake.root)

        def keep(record: Record, day: date) -> bool:
            asked = windows.of(record.run_id)
            return asked is None or any(first <= day <= last for first, last in (asked, window or asked))

        with CleaningPool(lake.root, how.sources, workers=how.workers, page_seconds=how.page_seconds) as pool:
            for group in chain([first] if first else [], groups, [reopened]):
                listed += len(group.records)
                for batch in _batches(group, how.batch_pages):
                    so_far = PublishProgress(report.pages, listed)
                    cleaned, learnt = clean_batch(pool, lake, batch.records, how.on_progress, so_far)
                    planned = plan_commit(lake, cleaned, how.decide, keep, stamp)
                    files = {
                        **planned.files,
                        **site_templates.memory_files(lake, learnt),
                        **_read_files(lake, batch.files),
                    }
                    report.changed += lake.commit(files)
                    report.commits += 1
                    report.seconds += sum(c.seconds for _, c in cleaned)
                    report.count(planned.fates)
        _mark_gone(lake, how, report)
    return report


def _mark_gone(lake: Lake, how: Publishing, report: PublishReport) -> None:
    """Bring ``gone_at`` in step with the frontier, after the rows that the marks stand on are there."""
    files = mark_files(lake, how.frontier) if how.frontier is not None else {}
    if files:
        report.changed += lake.commit(files)
        report.commits += 1


def clean_batch(
    pool: CleaningPool,
    lake: Lake,
    records: Sequence[Record],
    on_progress: Callable[[PublishProgress], None],
    so_far: PublishProgress,
) -> tuple[list[tuple[Record, Cleaned]], dict[str, site_templates.Sites]]:
    """Clean a batch in two passes: pages that contain site-wide lines are cleaned again with the updated site
    templates.

    Args:
        pool: does the cleaning.
        lake: whose site templates are read.
        records: the batch.
        on_progress: called after each page.
        so_far: progress before this batch.

    Returns:
        Each record with its cleaned form, and the site templates learnt from the batch, by fetch date.
    """
    cleaned: list[tuple[Record, Cleaned]] = []
    for pair in pool.clean(records, {}):
        cleaned.append(pair)
        on_progress(PublishProgress(so_far.done + len(cleaned), so_far.listed))
    learnt = site_templates.learn(cleaned, edited_lines(lake, cleaned))
    repeating = site_templates.suspects(cleaned, site_templates.recall(lake.root, learnt))
    anew = dict(pool.clean(repeating, repeating))
    return [(record, anew.get(record, page)) for record, page in cleaned], learnt


def _batches(group: Unpublished, size: int) -> Iterator[Unpublished]:
    """The records of a group in batches; its files count as fully read with the last one."""
    if not group.records and group.files:
        yield group
    for start in range(0, len(group.records), size):
        is_last = start + size >= len(group.records)
        yield Unpublished(group.records[start : start + size], group.files if is_last else [])


def _read_files(lake: Lake, read: Sequence[ReadFile]) -> dict[str, pa.Table | None]:
    """The files of ``index/raw_files`` after these raw files were read."""
    by_day: dict[str, list[ReadFile]] = {}
    for file in read:
        by_day.setdefault(date_of(file.raw_file), []).append(file)
    files: dict[str, pa.Table | None] = {}
    for day, rows in by_day.items():
        path = raw_files_path(day)
        present = lake.read_file(path)
        old = {r["raw_file"]: ReadFile(**r) for r in present.to_pylist()} if present is not None else {}
        merged = {**old, **{r.raw_file: r for r in rows}}
        files[path] = to_table(ReadFile, [merged[name] for name in sorted(merged)])
    return files
