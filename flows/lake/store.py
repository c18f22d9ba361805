"""Reads and writes Parquet: the one module that writes it.

A commit replaces any number of partitions as one change. New files are written beside the old
ones under hidden names, flushed to the disk, named in one journal, and swapped in with
``os.replace``. A process that dies before the journal stands has changed nothing; one that dies
after it is finished by whoever takes the write lock next. A reader never meets half a file.
"""

from __future__ import annotations

import filecmp
import inspect
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path, PurePosixPath

import filelock
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cleaning.schema.arrow import SCHEMA_VERSION, TABLES, schema
from flows.lake.journal import JOURNAL, PREPARING, LakeError, fsync, prepare, recover, seal, temporary
from flows.lake.lock_holder import acquire, holder
from flows.lake.parquet_reader import open_parquet, partition_days, read_parquet

__all__ = ["JOURNAL", "LOCK", "PREPARING", "Lake", "LakeError", "parquet_stream", "partition", "write_parquet"]
from spiders.system.private_files import private_folder

# A partition is held in memory to be rewritten; above this many bytes of Arrow data it is split.
PARTITION_BYTES = 512 * 2**20
# A row with its text is some 5 kB: 100 MB per row group, and readers hold one at a time.
ROW_GROUP_ROWS = 20_000
# 35 % smaller than snappy; level 9 would save 7 % more for five times the time.
ZSTD_LEVEL = 3
# A lookup by id skips 99 of 100 row groups that do not contain it.
BLOOM_FALSE_POSITIVES = 0.01
BLOOM_COLUMNS = ("article_id", "canonical_url")
_HAS_BLOOM = "bloom_filter_options" in inspect.signature(pq.write_table).parameters

# Some 10 MB of articles: what a streaming reader holds at a time.
STREAM_ROWS = 2_000

LOCK = "state/lake.lock"


def partition(table: str, day: date | str, part: int = 0) -> str:
    """Path of a partition file relative to the lake's root, e.g. ``articles/date=2026-11-20/part-0.parquet``."""
    return f"{table}/date={day}/part-{part}.parquet"


class Lake:
    """The tables in one folder.

    Args:
        root: the folder; created if missing.
        partition_bytes: bytes of Arrow data above which a partition is split into hash buckets.

    Raises:
        LakeError: for a root that is not a local folder.
    """

    def __init__(self, root: Path | str, *, partition_bytes: int = PARTITION_BYTES) -> None:
        if "://" in str(root):
            raise LakeError(
                f"{root}: a lake must be a local folder, since its lock and its swaps need a file system. "
                "Give a folder, and copy the finished tables to the object store (aws s3 sync, rclone)."
            )
        self.root = Path(root)
        self._partition_bytes = partition_bytes
        try:
            private_folder(self.root / "state")
        except (FileExistsError, NotADirectoryError):
            raise LakeError(f"{self.root} is a file, or lies below one: name a folder with --lake") from None
        self._lock = filelock.FileLock(self.root / LOCK)

    @contextmanager
    def write_lock(self, timeout: float = -1) -> Iterator[None]:
        """Hold the lake's write lock, after finishing what a writer that died left behind.

        The lock is the kernel's (flock): it is released when its process ends, however it ends.

        Args:
            timeout: seconds to wait for another writer; -1 waits forever.

        Raises:
            LakeError: when another writer still holds the lake after ``timeout``.
        """
        try:
            acquire(self._lock, self.root, timeout)
        except filelock.Timeout as e:
            raise LakeError(
                f"{self.root}: {holder(self.root)} is writing; wait for it or end it, then try again"
            ) from e
        try:
            recover(self.root)
            yield
        finally:
            self._lock.release()

    def dates(self, table: str, first: date | None = None, last: date | None = None) -> list[date]:
        """The dates that have a partition, in order; only those of a range if its ends, inclusive, are given."""
        days = partition_days(self.root / table)
        return [day for day in days if (first is None or day >= first) and (last is None or day <= last)]

    def read(self, table: str, dates: Iterable[date] | None = None, columns: list[str] | None = None) -> pa.Table:
        """Rows of a table, in partition order; with the table's schema even if there are none.

        Args:
            table: a name of :data:`cleaning.schema.arrow.TABLES`.
            dates: partitions to read, all if None; those without a file are skipped.
            columns: names to read, all if None.

        Raises:
            LakeError: for a partition with another schema version.
        """
        wanted = schema(TABLES[table].row)
        if columns is not None:
            wanted = pa.schema([wanted.field(name) for name in columns], metadata=wanted.metadata)
        found = [self._read_part(p, wanted) for day in self._chosen(table, dates) for p in self.parts(table, day)]
        return pa.concat_tables(found) if found else wanted.empty_table()

    def read_file(self, path: str) -> pa.Table | None:
        """The rows of one file, relative to the root; None if there is no such file."""
        file = self.root / path
        return read_parquet(file) if file.exists() else None

    def commit(self, files: Mapping[str, pa.Table | None]) -> list[str]:
        """Replace files as one change: all of them or, if the process dies early, none.

        Args:
            files: path relative to the root → its new rows; None or a table without rows deletes it. A table's
            partition is named by its part-0 and given whole; it is sorted, typed and, if large, split here.

        Returns:
            The paths that changed. A file whose bytes would stay the same is left alone.

        Raises:
            LakeError: outside :meth:`write_lock`. pyarrow.ArrowInvalid, ValueError: for rows that do not fit the
            table's schema; then nothing has changed.
        """
        if not self._lock.is_locked:
            raise LakeError("commit() needs the lake's write lock: with lake.write_lock(): lake.commit(…)")
        writes, deletions = self._plan(files)
        staged = {path: temporary(PurePosixPath(path)).as_posix() for path in writes}
        prepare(self.root, staged.values())
        swaps: dict[str, str] = {}
        for path, table in writes.items():
            new, target = self.root / staged[path], self.root / path
            new.parent.mkdir(parents=True, exist_ok=True)
            _write_parquet(table, new)
            if target.exists() and filecmp.cmp(new, target, shallow=False):
                new.unlink()
            else:
                fsync(new)
                swaps[staged[path]] = path
        if swaps or deletions:
            for folder in {p for s in swaps for p in (self.root / s).parents if p.is_relative_to(self.root)}:
                fsync(folder)
            seal(self.root, swaps, deletions)
        (self.root / PREPARING).unlink()
        recover(self.root)
        return [*swaps.values(), *deletions]

    def _plan(self, files: Mapping[str, pa.Table | None]) -> tuple[dict[str, pa.Table], list[str]]:
        """What to write and what to delete. Only a table's partitions are typed and split; index files stay as
        given."""
        writes: dict[str, pa.Table] = {}
        deletions: list[str] = []
        for path, rows in sorted(files.items()):
            is_table = path.split("/", maxsplit=1)[0] in TABLES
            existing = {path} if (self.root / path).exists() else set()
            named: dict[str, pa.Table] = {}
            if is_table:
                folder = PurePosixPath(path).parent
                existing = {f"{folder}/{p.name}" for p in (self.root / folder).glob("part-*.parquet")}
            if rows is not None and rows.num_rows and is_table:
                named = {f"{folder}/part-{i}.parquet": part for i, part in enumerate(self._split(_typed(path, rows)))}
            elif rows is not None and rows.num_rows:
                named = {path: rows.combine_chunks()}
            writes |= named
            deletions += sorted(existing - named.keys())
        return writes, deletions

    def _split(self, rows: pa.Table) -> list[pa.Table]:
        """One table, or as many hash buckets as needed to keep each below the limit; order within each is kept."""
        count = -(-rows.nbytes // self._partition_bytes)
        if count <= 1:
            return [rows]
        key = "article_id" if "article_id" in rows.schema.names else rows.schema.names[0]
        buckets = pa.array([zlib.crc32(k.encode()) % count for k in rows.column(key).to_pylist()], pa.int32())
        parts = [rows.filter(pc.equal(buckets, i)).combine_chunks() for i in range(count)]
        return [p for p in parts if p.num_rows]

    def _chosen(self, table: str, dates: Iterable[date] | None) -> list[date]:
        return self.dates(table) if dates is None else sorted(set(dates))

    def parts(self, table: str, day: date) -> list[Path]:
        """The files of a partition, in order; none where it does not exist."""
        return sorted((self.root / table / f"date={day}").glob("part-*.parquet"))

    def stream(
        self, table: str, dates: Iterable[date] | None = None, columns: list[str] | None = None, rows: int = STREAM_ROWS
    ) -> Iterator[pa.Table]:
        """As :meth:`read`, but a few rows at a time: memory stays flat, whatever the table's size."""
        wanted = schema(TABLES[table].row)
        if columns is not None:
            wanted = pa.schema([wanted.field(name) for name in columns], metadata=wanted.metadata)
        for day in self._chosen(table, dates):
            for part in self.parts(table, day):
                with open_parquet(part) as parquet:
                    _check_version(part, parquet)
                    known = [name for name in wanted.names if name in parquet.schema_arrow.names]
                    for batch in parquet.iter_batches(rows, columns=known):
                        yield _widened(pa.Table.from_batches([batch]), wanted)

    def _read_part(self, file: Path, wanted: pa.Schema) -> pa.Table:
        parquet = open_parquet(file)
        _check_version(file, parquet)
        known = set(parquet.schema_arrow.names)
        return _widened(read_parquet(file, [name for name in wanted.names if name in known]), wanted)


def _check_version(file: Path, parquet: pq.ParquetFile) -> None:
    version = (parquet.schema_arrow.metadata or {}).get(b"newsmill.schema_version", b"none").decode()
    if version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
        raise LakeError(
            f"{file}: schema version {version}, but this release reads {SCHEMA_VERSION}. "
            "Use the release that wrote it, or publish the raw archive again into a new lake."
        )


def _widened(rows: pa.Table, wanted: pa.Schema) -> pa.Table:
    """The rows with the columns that their release did not know yet, null."""
    for place, field in enumerate(wanted):
        if field.name not in rows.schema.names:
            rows = rows.add_column(place, field, pa.nulls(len(rows), field.type))
    return rows.select(wanted.names).cast(wanted)


@contextmanager
def parquet_stream(file: Path, wanted: pa.Schema) -> Iterator[pq.ParquetWriter]:
    """A Parquet file outside any lake that is written row group by row group, in place when the block ends."""
    with pq.ParquetWriter(
        file, wanted, compression="zstd", compression_level=ZSTD_LEVEL, write_page_index=True
    ) as writer:
        yield writer


def write_parquet(file: Path, table: pa.Table) -> None:
    """Write one Parquet file outside any lake, completely or not at all; the folder is created if missing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = temporary(file)
    try:
        _write_parquet(table.combine_chunks(), new)
        fsync(new)
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


def _typed(path: str, rows: pa.Table) -> pa.Table:
    """The rows with the exact schema of their table, in its order, as one chunk per column."""
    table = TABLES[path.split("/", maxsplit=1)[0]]
    target = schema(table.row)
    ordered = rows.select(target.names).cast(target).sort_by([(name, "ascending") for name in table.sort_by])
    return ordered.combine_chunks()


def _write_parquet(table: pa.Table, file: Path) -> None:
    """Write a file such that the same rows give the same bytes: no clock, no host name, one chunk per column.

    A schema may ask for more rows per group (metadata ``newsmill.row_group_rows``), and a field for an encoding
    (metadata ``newsmill.encoding``, a name that pyarrow knows): this halves the size of the index's number columns.
    """
    rows = int((table.schema.metadata or {}).get(b"newsmill.row_group_rows", ROW_GROUP_ROWS))
    encodings = {
        field.name: field.metadata[b"newsmill.encoding"].decode()
        for field in table.schema
        if b"newsmill.encoding" in (field.metadata or {})
    }
    blooms = {
        name: {"ndv": table.num_rows, "fpp": BLOOM_FALSE_POSITIVES}
        for name in BLOOM_COLUMNS
        if name in table.schema.names and table.num_rows  # of no row there is no filter to size
    }
    extra = {"bloom_filter_options": blooms} if _HAS_BLOOM and blooms else {}
    pq.write_table(
        table,
        file,
        compression="zstd",
        compression_level=ZSTD_LEVEL,
        row_group_size=rows,
        write_page_index=True,
        column_encoding=encodings or None,
        use_dictionary=[name for name in table.schema.names if name not in encodings] if encodings else True,
        **extra,
    )
