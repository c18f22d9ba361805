"""Opening what the lake holds: a file that is cut or no Parquet is named, a folder that is no date passed over."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from flows.lake.journal import LakeError

log = logging.getLogger(__name__)

REMEDY = "Restore it from a copy, or publish the raw archive again into a new lake."


def open_parquet(file: Path) -> pq.ParquetFile:
    """A Parquet file. Raises LakeError, naming it, where it is not whole."""
    try:
        return pq.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise _broken(file, error) from error


def read_parquet(file: Path, columns: list[str] | None = None) -> pa.Table:
    """All rows of a Parquet file. Raises LakeError, naming it, where it is not whole."""
    try:
        return pq.ParquetFile(file).read(columns=columns)
    except (pa.ArrowException, OSError) as error:
        raise _broken(file, error) from error


def read_matching(
    files: Sequence[str], matching: pc.Expression, *, schema: pa.Schema | None = None, columns: list[str] | None = None
) -> pa.Table:
    """The rows of several Parquet files that an expression holds for. Raises LakeError where one is not whole."""
    try:
        return ds.dataset(files, schema=schema, format="parquet").to_table(columns=columns, filter=matching)
    except (pa.ArrowException, OSError) as error:
        for file in files:
            open_parquet(Path(file)).close()
        raise LakeError(f"{files[0]} and {len(files) - 1} others: {error}. {REMEDY}") from error


def _broken(file: Path, error: Exception) -> LakeError:
    size = file.stat().st_size if file.exists() else 0
    reason = str(error).split("\n", 1)[0]
    return LakeError(f"{file}: not a whole Parquet file ({size} bytes: {reason}). {REMEDY}")


def partition_days(folder: Path, file: str = "part-0.parquet") -> list[date]:
    """The dates below a table's folder that have a file, in order. Another folder is named in the log."""
    found = []
    for one in folder.glob("date=*"):
        name = one.name.removeprefix("date=")
        if not is_day(name):
            warn_no_date(one)
        elif (one / file).exists():
            found.append(date.fromisoformat(name))
    return sorted(found)


def is_day(text: str) -> bool:
    """Whether a text is a date as the lake's folders have it: YYYY-MM-DD."""
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


@lru_cache(maxsize=1024)
def warn_no_date(folder: Path) -> None:
    """Once for a process: a publish lists its partitions many times."""
    log.warning("%s: no date, and nothing that newsmill wrote; what lies in it is not read. Move it away.", folder)
