"""Cleans published pages again, from the raw archive, where rules or facts of a source have changed since.

Each URL gets the rows it would have had under the current rules: a text changes, a page becomes an article or ceases to
be one, a date moves a row. Ids and stories stay; only copies of an article that no longer is one are decided afresh.
``index/published`` records each page's cleaning version, so a call that was killed resumes where it stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from cleaning.records import Article, Cleaned, Reason, Rejection, SourceFacts
from flows.crawling.runs import RunWindows
from flows.date_range import DateRange
from flows.lake.index import (
    Lineage,
    Published,
    PublishedAs,
    Version,
    known_versions,
    published_path,
    published_rows,
)
from flows.lake.parquet_reader import read_parquet
from flows.lake.store import Lake
from flows.publishing import site_templates
from flows.publishing.batches import CleanedBatch, clean_batch, cleaned_batches, under_lock
from flows.publishing.cleaning_version import cleaning_versions
from flows.publishing.commit_plan import plan_commit
from flows.publishing.publisher import Publishing
from flows.publishing.unpublished import Record, date_of
from flows.publishing.workers.cleaning_pool import CleaningPool
from spiders.catalogue import unlisted_name

# A page that could not be read this time tells us nothing: its earlier rows stay.
UNREAD = (Reason.TIME_LIMIT, Reason.UNREADABLE)

# Pages of a preview: some 3 s of cleaning, and likely to reveal a change that affects one page in fifty.
PREVIEW_PAGES = 150
# Fates of records that have a row of their own.
ROWS = (PublishedAs.ARTICLE, PublishedAs.DUPLICATE, PublishedAs.REVISION, PublishedAs.REJECTED)


@dataclass(slots=True)
class RecleanReport:
    """Result of cleaning again."""

    changes: dict[str, Counter[str]] = field(default_factory=dict)  # source → kind of change → pages
    left: Counter[str] = field(default_factory=Counter)  # why a page was left as it is → pages
    commits: int = 0
    changed: list[str] = field(default_factory=list)  # paths relative to the lake's root, once per commit
    seconds: float = 0.0  # CPU time of cleaning

    @property
    def pages(self) -> int:
        """Number of pages cleaned again."""
        return sum(counter.total() for counter in self.changes.values())

    def table(self) -> list[dict[str, str | int]]:
        """One row per source and kind of change, for a table artifact or a terminal."""
        return [
            {"source": source, "change": change, "pages": pages}
            for source, counter in sorted(self.changes.items())
            for change, pages in counter.most_common()
        ]


def stale(
    root: Path,
    facts: Mapping[str, SourceFacts],
    fetched: DateRange | None = None,
    sources: Collection[str] | None = None,
    *,
    fast: bool = False,
) -> Iterator[tuple[str, list[Published]]]:
    """Records cleaned with other rules or facts than today's, by fetch date (YYYY-MM-DD), oldest first.

    Args:
        root: the lake's root folder.
        facts: of the catalogue, by name.
        fetched: only records fetched on these days.
        sources: only records of these sources.
        fast: as in :class:`Publishing`; pages cleaned in the other mode are stale.
    """
    stamp = cleaning_versions(facts, fast=fast)
    for file in sorted((root / "index" / "published").glob("date=*/part-0.parquet")):
        day = file.parent.name.removeprefix("date=")
        if fetched and not fetched.first.isoformat() <= day <= fetched.last.isoformat():
            continue
        rows = [
            row
            for row in published_rows(read_parquet(file))
            if row.cleaned_with != stamp(row.source) and (sources is None or row.source in sources)
        ]
        if rows:
            yield day, rows


def reclean(
    lake: Lake, how: Publishing, *, fetched: DateRange | None = None, sources: Collection[str] | None = None
) -> RecleanReport:
    """Clean again whatever other rules or facts have cleaned; what today's cleaned stays unchanged.

    Args:
        lake: written to; its lock is held for planning and committing alone.
        how: settings, as for publishing.
        fetched: only records fetched on these days.
        sources: only records of these sources.

    Raises:
        LakeError: as for :meth:`Lake.write_lock`.
        CleaningError: if cleaning itself fails on so many pages that the fault is not theirs.
    """
    report = RecleanReport()
    with lake.write_lock():
        pass  # a commit that a writer left half done is finished before anything is read
    listed = sum(len(rows) for _, rows in stale(lake.root, how.sources, fetched, sources, fast=how.fast))
    if not listed:
        return report
    rows_of: dict[Lineage, Published] = {}

    def batches() -> Iterator[CleanedBatch]:
        for _, rows in stale(lake.root, how.sources, fetched, sources, fast=how.fast):
            cleanable = _cleanable(lake.root, how.sources, rows, report)
            for start in range(0, len(cleanable), how.batch_pages):
                batch = cleanable[start : start + how.batch_pages]
                rows_of.update((row.lineage, row) for row in batch)
                yield CleanedBatch([_record(row) for row in batch], [])

    with (
        CleaningPool(lake.root, how.sources, workers=how.workers, page_seconds=how.page_seconds, fast=how.fast) as pool,
        closing(cleaned_batches(pool, batches(), how.on_progress, lambda: listed)) as cleaned,
    ):
        for batch in cleaned:
            rows = [rows_of.pop(record.lineage) for record in batch.records]
            with under_lock(pool, lake, batch.pages) as (pages, learnt):
                _commit(lake, how, *_unchanged(lake, rows, pages), learnt, report)
    return report


def preview(
    lake: Lake, how: Publishing, *, fetched: DateRange | None = None, sources: Collection[str] | None = None
) -> Counter[str]:
    """Clean an evenly spread sample of the pages that :func:`reclean` would, and report what would change; writes
    nothing.

    Returns:
        For at most PREVIEW_PAGES pages: kind of change → pages.
    """
    rows = [
        row
        for _, of_day in stale(lake.root, how.sources, fetched, sources, fast=how.fast)
        for row in of_day
        if row.fate in ROWS
    ]
    some = rows[:: -(-len(rows) // PREVIEW_PAGES) or 1]
    cleanable = _cleanable(lake.root, how.sources, some, RecleanReport())
    with CleaningPool(
        lake.root, how.sources, workers=how.workers, page_seconds=how.page_seconds, fast=how.fast
    ) as pool:
        cleaned, _ = clean_batch(pool, lake, [_record(r) for r in cleanable])
    return sum(_changes(lake.root, cleanable, cleaned).values(), Counter())


def _changes(
    root: Path, before: Sequence[Published], cleaned: Sequence[tuple[Record, Cleaned]]
) -> dict[str, Counter[str]]:
    """What cleaning again changes for these records: source → kind of change → pages."""
    known = known_versions(root, {row.article_id for row in before})
    stood = {version.lineage: version for versions in known.values() for version in versions}
    changes: dict[str, Counter[str]] = {}
    for record, page in cleaned:
        change = _change(stood.get(record.lineage), page.result)
        changes.setdefault(record.source, Counter())[change] += 1
    return changes


def _change(before: Version | None, now: Article | Rejection) -> str:
    if before is None:
        return "it had no row of its own"
    if isinstance(now, Rejection):
        if before.table == "rejected":
            return "rejected as before" if before.key == now.reason else "rejected for another reason"
        return f"no longer an article: {now.reason}"
    if before.table == "rejected":
        return f"now an article, was {before.key}"
    if before.day != now.published_date:
        return "another publication day"
    return "the same text" if before.text_hash == now.text_hash else "another text"


def _cleanable(
    root: Path, facts: Mapping[str, SourceFacts], rows: Sequence[Published], report: RecleanReport
) -> list[Published]:
    """The records that can be cleaned as well as the first time, in publishing order."""
    gone = {name for name in {row.raw_file for row in rows} if not (root / name).exists()}
    report.left["its raw file is gone"] += sum(row.raw_file in gone for row in rows)
    # a page taken from an archive by its host alone has the default facts, then and now
    known = [row for row in rows if row.source in facts or row.source == unlisted_name(row.url)]
    report.left["its source is not in the catalogue"] += len(rows) - len(known)
    return sorted((row for row in known if row.raw_file not in gone), key=lambda row: _record(row).order)


def _unchanged(
    lake: Lake, rows: Sequence[Published], pages: Sequence[tuple[Record, Cleaned]]
) -> tuple[list[Published], list[tuple[Record, Cleaned]]]:
    """The rows, and the pages cleaned from them, that no other writer has replaced since they were listed."""
    stored: dict[Lineage, Published] = {}
    for day in {date_of(row.raw_file) for row in rows}:
        stored.update((row.lineage, row) for row in published_rows(lake.read_file(published_path(day))))
    kept = {row.lineage: row for row in rows if stored.get(row.lineage) == row}
    return list(kept.values()), [(record, page) for record, page in pages if record.lineage in kept]


def _commit(
    lake: Lake,
    how: Publishing,
    batch: Sequence[Published],
    cleaned: Sequence[tuple[Record, Cleaned]],
    learnt: dict[str, site_templates.Sites],
    report: RecleanReport,
) -> None:
    """Replace the earlier rows of a batch with the new ones."""
    earlier = {row.lineage: row for row in batch}
    read = [(record, page) for record, page in cleaned if not _is_unread(page, earlier[record.lineage])]
    report.left["it could not be read this time"] += len(cleaned) - len(read)
    windows = RunWindows(lake.root)
    anew = {record.lineage: earlier[record.lineage] for record, _ in read}

    def keep(record: Record, day: date) -> bool:
        asked = windows.of(record.run_id)
        in_the_lake = anew[record.lineage].fate not in (PublishedAs.OUTSIDE_RANGE, PublishedAs.REJECTED)
        return in_the_lake or asked is None or day in asked

    changes = _changes(lake.root, batch, read)
    planned = plan_commit(lake, read, how.decide, keep, cleaning_versions(how.sources, fast=how.fast), anew)
    report.changed += lake.commit({**planned.files, **site_templates.memory_files(lake, learnt)})
    report.commits += 1
    report.seconds += sum(page.seconds for _, page in cleaned)
    for source, counter in changes.items():
        report.changes.setdefault(source, Counter()).update(counter)


def _is_unread(page: Cleaned, before: Published) -> bool:
    return isinstance(page.result, Rejection) and page.result.reason in UNREAD and before.fate != PublishedAs.REJECTED


def _record(row: Published) -> Record:
    hinted = str(row.published_date) if row.published_date else ""
    return Record(row.raw_file, row.raw_offset, row.run_id, row.source, row.url, row.fetched_at, hinted)
