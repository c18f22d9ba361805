"""The batches of one publish: cleaned while earlier ones are planned and committed, one commit each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import date

import pyarrow as pa

from cleaning.schema.arrow import to_table
from flows.crawling.runs import RunWindows
from flows.date_range import DateRange
from flows.lake.index import ReadFile, raw_files_path
from flows.lake.store import Lake
from flows.publishing import site_templates
from flows.publishing.batches import CleanedBatch, batches_of, cleaned_batches, under_lock
from flows.publishing.cleaning_version import cleaning_versions
from flows.publishing.commit_plan import plan_commit
from flows.publishing.publisher import Publishing, PublishReport
from flows.publishing.unpublished import Record, Unpublished, date_of, unpublished_still
from flows.publishing.workers.cleaning_pool import CleaningPool


def commit_batches(
    lake: Lake,
    how: Publishing,
    groups: Iterable[Unpublished],
    reopened: Unpublished,
    window: DateRange | None,
    report: PublishReport,
) -> None:
    """Clean and commit what is unpublished.

    Args:
        lake: written to; its lock is held for planning and committing alone.
        how: settings.
        groups: records that were never published; each group is listed when its turn comes.
        reopened: records that were published as outside the range that was asked for then.
        window: days whose articles are wanted besides those that each record's crawl was asked for.
        report: added to.
    """
    listed, stamp = 0, cleaning_versions(how.sources, fast=how.fast)
    windows = RunWindows(lake.root)

    def keep(record: Record, day: date) -> bool:
        asked = windows.of(record.run_id)
        return asked is None or day in asked or (window is not None and day in window)

    def batches() -> Iterator[CleanedBatch]:
        nonlocal listed
        for group in groups:
            listed += len(group.records)
            yield from batches_of(group, how.batch_pages)
        listed += len(reopened.records)
        yield from batches_of(reopened, how.batch_pages, is_reopened=True)

    with (
        CleaningPool(lake.root, how.sources, workers=how.workers, page_seconds=how.page_seconds, fast=how.fast) as pool,
        closing(cleaned_batches(pool, batches(), how.on_progress, lambda: listed)) as cleaned,
    ):
        for batch in cleaned:
            with under_lock(pool, lake, batch.pages) as (cleaned_again, learnt):
                pages = unpublished_still(lake, cleaned_again, reopened=batch.is_reopened)
                planned = plan_commit(lake, pages, how.decide, keep, stamp)
                files = {
                    **planned.files,
                    **site_templates.memory_files(lake, learnt),
                    **_read_files(lake, batch.files),
                }
                report.changed += lake.commit(files)
            report.commits += 1
            report.seconds += sum(c.seconds for _, c in pages)
            report.count(planned.fates)


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
