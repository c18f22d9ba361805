"""Keeps the table ``coverage`` in step with frontier and lake: a day is counted anew when a URL of it has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Engine

from cleaning.records import Coverage
from flows.coverage.fates import Fates
from flows.coverage.reach import MARGIN_DAYS, DayCounts, reaching
from flows.coverage.rows import ANY, day_of, rows_of_day
from flows.lake.made_from import MadeFrom, stamp
from flows.lake.parquet_reader import read_parquet
from flows.lake.partitions import put_rows
from flows.lake.store import Lake
from spiders.frontier.bookkeeping.coverage_records import CoverageRecords
from spiders.frontier.endpoint_kinds import Kind

# What the index of published records looked like at the last count.
STATE = "state/coverage.json"
# (day, source) pairs per commit: some rows each, and no more open days than a month of a large catalogue.
BATCH_DAYS = 5_000
WAYS = tuple(str(kind) for kind in Kind)


def refresh_coverage(lake: Lake, frontier: Engine) -> list[str]:
    """Count what changed since the last count. Holds the lake's write lock; another call makes up for one that died.

    Returns:
        The paths that changed.
    """
    records, fates = CoverageRecords(frontier), Fates(lake)
    changed: list[str] = []
    with lake.write_lock():
        _note_published(lake, records)
        for batch in records.uncounted():
            records.count({url: day_of(url, fates.of(url))[0] for url in batch})
        while days := records.waiting_days(BATCH_DAYS):
            changed += lake.commit(_files(lake, days, records, fates))
            records.done(days)
    return changed


def _files(
    lake: Lake, days: list[tuple[date, str]], records: CoverageRecords, fates: Fates
) -> dict[str, pa.Table | None]:
    """The partitions of these days, with the rows of these sources made anew."""
    around = _around(days, records)
    rows: list[Coverage] = []
    gone: dict[date, set[str]] = {}
    for day, source in days:
        urls = [(url, fates.of(url)) for url in records.of_day(source, day)]
        rows += rows_of_day(source, day, urls, reaching(around[source], day, WAYS))
        gone.setdefault(day, set()).update(f"{source} {way}" for way in (ANY, *WAYS))
    return put_rows(lake, "coverage", rows, gone)


def _around(days: Iterable[tuple[date, str]], records: CoverageRecords) -> dict[str, list[DayCounts]]:
    """What was listed of each source on the days to count and around them."""
    margin = timedelta(days=MARGIN_DAYS)
    found = {}
    for source, pairs in groupby(sorted((source, day) for day, source in days), key=lambda pair: pair[0]):
        own = [day for _, day in pairs]
        counted = records.by_day(source, own[0] - margin, own[-1] + margin)
        found[source] = [
            DayCounts(
                day,
                sum(n for kinds, n in of_kinds if kinds),
                {way: sum(n for kinds, n in of_kinds if way in kinds) for way in WAYS},
            )
            for day, of_kinds in sorted(counted.items())
        ]
    return found


def _note_published(lake: Lake, records: CoverageRecords) -> None:
    """Make uncounted what was published, or cleaned again, since the last count."""
    known = MadeFrom(lake.root, STATE, "everything is counted again")
    files = sorted((lake.root / "index" / "published").glob("date=*/part-0.parquet"))
    stamps = {file: stamp(file) for file in files}
    changed = [file for file in files if known.of(file.parent.name) != stamps[file]]
    if changed:
        records.recount(_runs(changed))
        known.remember({file.parent.name: stamps[file] for file in changed})


def _runs(files: Iterable[Path]) -> Iterator[str]:
    found: set[str] = set()
    for file in files:
        found.update(pc.unique(read_parquet(file, ["run_id"]).column("run_id")).to_pylist())
    return iter(sorted(found))
