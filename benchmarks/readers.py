"""Reads a table in a loop beside a publish that replaces its files as fast as it can, by each way that analysts have.

    python -m benchmarks.readers --seconds 20

Every commit gives all partitions a new revision with another number of rows. A read fails where the reader raises;
it is torn where a partition has rows of two commits or not all rows of one; it is mixed where partitions are of
different commits, which only a snapshot excludes. Exits with 1 where a way that the documentation recommends failed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds

from cleaning.schema.arrow import TABLES, schema
from flows.lake.snapshot import take_snapshot
from flows.lake.store import Lake, partition

FIRST = date(2026, 11, 1)
DAYS = 4
# Between two commits: the lock is asked for every 50 ms, and a snapshot waits for it.
PAUSE_SECONDS = 0.1
COLUMNS = ["published_date", "revision"]
# Rows of a partition at a revision: files of two revisions have different lengths and footers.
ROWS = (20, 160, 40, 320)
Rows = Iterable[tuple[date, int]]


def rows_of(revision: int) -> int:
    """How many rows each partition has at a revision."""
    return ROWS[revision % len(ROWS)]


def table(day: date, revision: int) -> pa.Table:
    """One partition at a revision: texts that do not compress, everything else alike."""
    wanted = schema(TABLES["articles"].row)
    count, chance = rows_of(revision), random.Random(revision)
    columns = []
    for column in wanted:
        values: list[object] = [_value(column, day, revision)] * count
        if column.name == "article_id":
            values = [f"{number:032x}" for number in range(count)]
        if column.name == "text":
            values = [chance.randbytes(400).hex() for _ in range(count)]
        columns.append(pa.array(values, column.type))
    return pa.Table.from_arrays(columns, schema=wanted)


def _value(column: pa.Field, day: date, revision: int) -> object:
    if column.name == "published_date":
        return day
    if column.name == "revision":
        return revision
    if column.nullable:
        return None
    kinds: list[tuple[Callable[[pa.DataType], bool], object]] = [
        (pa.types.is_boolean, False),
        (pa.types.is_integer, 0),
        (pa.types.is_floating, 0.5),
        (pa.types.is_timestamp, datetime(2026, 11, 20)),  # noqa: DTZ001  Arrow's type carries the zone
        (pa.types.is_date, day),
        (pa.types.is_list, []),
    ]
    return next((value for is_kind, value in kinds if is_kind(column.type)), "x")


def write(root: Path, stop: Event, commits: multiprocessing.Queue[int]) -> None:
    """Commit revision after revision until stopped; the first four are made before, so that each costs little."""
    days = [FIRST + timedelta(days=number) for number in range(DAYS)]
    lake, revision = Lake(root), 0
    made = {(day, number): table(day, number) for day in days for number in range(len(ROWS))}
    place = schema(TABLES["articles"].row).get_field_index("revision")
    while not stop.is_set():
        files: dict[str, pa.Table | None] = {}
        for day in days:
            rows = made[day, revision % len(ROWS)]
            stamp = pa.array([revision] * len(rows), rows.schema.field(place).type)
            files[partition("articles", day)] = rows.set_column(place, rows.schema.field(place), stamp)
        with lake.write_lock():
            lake.commit(files)
        revision += 1
        time.sleep(PAUSE_SECONDS)
    commits.put(revision)


def _frame(frame: pl.DataFrame) -> Rows:
    return frame.select(COLUMNS).rows()


def pandas_whole(folder: Path) -> Rows:
    """``pd.read_parquet(folder)``."""
    read = pd.read_parquet(folder)
    return zip(read["published_date"], read["revision"], strict=True)


def pandas_filtered(folder: Path) -> Rows:
    """``pd.read_parquet(folder, filters=…)``."""
    read = pd.read_parquet(folder, filters=[("published_date", ">=", FIRST)])
    return zip(read["published_date"], read["revision"], strict=True)


def duckdb_glob(folder: Path) -> Rows:
    """``from 'folder/**/*.parquet'``."""
    found: list[tuple[date, int]] = duckdb.sql(
        f"select published_date, revision, text from '{folder}/**/*.parquet'"
    ).fetchall()
    return ((row[0], row[1]) for row in found)


def duckdb_arrow(folder: Path) -> Rows:
    """DuckDB over ``pyarrow.dataset``, to which it hands its filters."""
    lake_table = ds.dataset(folder, partitioning="hive")  # noqa: F841  DuckDB finds it by its name
    found: list[tuple[date, int]] = duckdb.sql(
        f"select published_date, revision, text from lake_table where published_date >= date '{FIRST}'"
    ).fetchall()
    return ((row[0], row[1]) for row in found)


def duckdb_snapshot(folder: Path) -> Rows:
    """``newsmill snapshot``, then DuckDB by name."""
    return duckdb_glob(_snapshot(folder))


def polars_by_name(folder: Path) -> Rows:
    """``pl.scan_parquet('folder/**/*.parquet')``: opens each file twice."""
    return _frame(pl.scan_parquet(f"{folder}/**/*.parquet").collect())


def polars_open_files(folder: Path) -> Rows:
    """``pl.scan_parquet`` of files that are open already."""
    return _frame(pl.scan_parquet([file.open("rb") for file in sorted(folder.glob("date=*/*.parquet"))]).collect())


def polars_arrow(folder: Path) -> Rows:
    """``pl.scan_pyarrow_dataset``, with a filter that is pushed down."""
    scan = pl.scan_pyarrow_dataset(ds.dataset(folder, partitioning="hive"))
    return _frame(scan.filter(pl.col("published_date") >= FIRST).collect())


def polars_use_pyarrow(folder: Path) -> Rows:
    """``pl.read_parquet(folder, use_pyarrow=True)``."""
    return _frame(pl.read_parquet(folder, use_pyarrow=True))


def polars_snapshot(folder: Path) -> Rows:
    """``newsmill snapshot``, then polars by name."""
    return polars_by_name(_snapshot(folder))


def _snapshot(folder: Path) -> Path:
    """The articles of a fresh snapshot. Commits go on while it is read: nothing in it may change."""
    target = folder.parent / "snapshot"
    shutil.rmtree(target, ignore_errors=True)
    take_snapshot(Lake(folder.parent), target)
    return target / "articles"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to read."""

    name: str
    read: Callable[[Path], Rows]
    is_recommended: bool = True
    is_one_commit: bool = False


WAYS = (
    Way("pandas, whole folder", pandas_whole),
    Way("pandas, filters", pandas_filtered),
    Way("DuckDB, by name", duckdb_glob, is_recommended=False),
    Way("DuckDB, pyarrow dataset", duckdb_arrow),
    Way("DuckDB, snapshot", duckdb_snapshot, is_one_commit=True),
    Way("polars, by name", polars_by_name, is_recommended=False),
    Way("polars, open files", polars_open_files),
    Way("polars, pyarrow dataset", polars_arrow),
    Way("polars, use_pyarrow", polars_use_pyarrow),
    Way("polars, snapshot", polars_snapshot, is_one_commit=True),
)


@dataclass(slots=True)
class Tally:
    """What the reads of one way gave."""

    reads: int = 0
    torn: int = 0
    mixed: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    def add(self, rows: Rows) -> None:
        """Count one read by its rows."""
        self.reads += 1
        seen = Counter((day, revision) for day, revision in rows)
        by_day = Counter(day for day, _ in seen)
        whole = all(count == rows_of(revision) for (_, revision), count in seen.items())
        self.torn += len(by_day) != DAYS or max(by_day.values()) > 1 or not whole
        self.mixed += len({revision for _, revision in seen}) > 1


def measure(way: Way, folder: Path, seconds: float) -> Tally:
    """Read in a loop."""
    tally, end = Tally(), time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            tally.add(way.read(folder))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # polars panics, which is no Exception
            tally.reads += 1
            tally.errors[f"{type(error).__name__}: {str(error).splitlines()[0]}"[:150]] += 1
    return tally


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0, help="for each way")
    parser.add_argument("--only", help="ways whose name holds this")
    given = parser.parse_args()
    bad = False
    os.environ["RUST_BACKTRACE"] = "0"
    processes = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        stop, commits = processes.Event(), processes.Queue()
        writer = processes.Process(target=write, args=(root, stop, commits))
        writer.start()
        while len(list((root / "articles").glob("date=*/part-0.parquet"))) < DAYS:
            time.sleep(0.1)
        try:
            for way in WAYS:
                if given.only and given.only not in way.name:
                    continue
                got = measure(way, root / "articles", given.seconds)
                failed = got.errors.total()
                told = "; ".join(f"{count} × {what}" for what, count in got.errors.most_common(3))
                print(
                    f"{way.name:24} {got.reads:6,} reads, {failed:4} failed, {got.torn:4} torn, "
                    f"{got.mixed:6,} of several commits{': ' + told if told else ''}",
                    flush=True,
                )
                bad |= (way.is_recommended and bool(failed or got.torn)) or (way.is_one_commit and bool(got.mixed))
        finally:
            stop.set()
            written = commits.get()
            writer.join()
    print(f"beside {written:,} commits of {DAYS} partitions each")
    sys.exit(bad)


if __name__ == "__main__":
    main()
