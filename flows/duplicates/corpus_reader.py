"""Reads the documents of a corpus in batches: Parquet, JSON lines, or the tables of a lake."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cleaning.duplicates.days import UNDATED
from cleaning.duplicates.words import Ints
from cleaning.metadata.date_parsing import parse
from cleaning.urls import host_of
from flows.lake.parquet_reader import open_parquet

_LOG = logging.getLogger(__name__)
# 5 MB of text; the sketches of a batch are made from it and its memory serves for the next one. Of 20,000 rows
# at once, a quarter of the time went into memory that was touched for the first time.
BATCH_ROWS = 2_500
_LAKE_COLUMNS = {"id": "article_id", "text": "text", "host": "host", "date": "published_date"}
_PLAIN_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_WHOLE = re.compile(r"-?\d+$")
_YEAR_OR_MONTH = re.compile(r"(\d{4})(?:[-/.](\d{1,2}))?$")
# Odd dates of a file that are told one by one.
MOST_WARNINGS = 20
_DAYS = ("day", "date")


class DedupError(ValueError):
    """A file cannot be de-duplicated as it is; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows: ids as in the file, texts, host names ("" where unknown), days since 1970 (UNDATED where unknown)."""

    ids: pa.Array
    texts: pa.Array
    hosts: list[str]
    days: Ints


def file_batches(paths: Sequence[Path], warn: bool = True) -> Iterator[Batch]:
    """The documents of some files.

    Args:
        paths: Parquet or JSON lines.
        warn: warn of dates that are odd, each with its row.

    Raises:
        DedupError: for a file of another kind, or without ids and texts.
    """
    for path in paths:
        days = _Days(path, warn)
        if path.suffix == ".parquet":
            names = pq.ParquetFile(path).schema_arrow.names
            _check_columns(path, names)
            columns = [n for n in ("id", "text", "host", "url", "day", "date") if n in names]
            for rows in pq.ParquetFile(path).iter_batches(BATCH_ROWS, columns=columns):
                yield _batch(path, pa.Table.from_batches([rows]), days)
        elif path.suffix in (".jsonl", ".ndjson", ".json"):
            for table in _json_tables(path):
                yield _batch(path, table, days)
        else:
            raise DedupError(f"{path}: not a kind that can be read; give .parquet, .jsonl, .ndjson or .json (lines)")
        days.close()


def _check_columns(path: Path, names: Sequence[str]) -> None:
    missing = [n for n in ("id", "text") if n not in names]
    if missing:
        raise DedupError(f"{path}: no column {' or '.join(missing)}; it has {', '.join(names)}. Rename what holds it")


def _json_tables(path: Path) -> Iterator[pa.Table]:
    wanted = ("id", "text", "host", "url", "day", "date")
    rows: list[dict[str, object]] = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as e:
                raise DedupError(f"{path}, line {number}: not JSON ({e}); give one object a line") from e
            if not isinstance(row, dict) or "id" not in row or "text" not in row:
                raise DedupError(f"{path}, line {number}: no object with id and text; rename what holds them")
            # numbers and text may be mixed in one column, which Arrow would refuse
            rows.append({n: str(row[n]) if n in _DAYS and row.get(n) is not None else row.get(n) for n in wanted})
            if len(rows) == BATCH_ROWS:
                yield pa.Table.from_pylist(rows)
                rows = []
    if rows:
        yield pa.Table.from_pylist(rows)


def _batch(path: Path, table: pa.Table, days: _Days) -> Batch:
    ids = _whole(table, "id")
    if ids.null_count:
        raise DedupError(f"{path}: a row has no id; give each document one")
    names = table.column_names
    hosts = [""] * len(table)
    if "host" in names:
        hosts = [h or "" for h in table.column("host").to_pylist()]
    elif "url" in names:
        hosts = [host_of(u) if u else "" for u in table.column("url").to_pylist()]
    return Batch(ids, _whole(table, "text"), hosts, days.read(table))


def _whole(table: pa.Table, name: str) -> pa.Array:
    """A column as one array; combine_chunks() copies also what is one already."""
    column = table.column(name)
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


class _Days:
    """Reads the days of one file's documents; warns of odd dates, each with its row.

    Args:
        path: of the file.
        warn: warn of odd dates; not when the file is read again.
    """

    def __init__(self, path: Path, warn: bool) -> None:
        self._path = path
        self._warn = warn
        self._rows = 0
        self._odd = 0

    def read(self, table: pa.Table) -> Ints:
        """Days since 1970 of the file's next rows, UNDATED where there is none that can be read."""
        days = self._read(table)
        self._rows += len(table)
        return days

    def close(self) -> None:
        """Tell how many warnings were left out."""
        if self._odd > MOST_WARNINGS:
            self._log("%s: %d more rows have odd dates", self._path, self._odd - MOST_WARNINGS)

    def _read(self, table: pa.Table) -> Ints:
        for name, kind in (("date", pa.date32()), ("day", pa.int64())):
            if name in table.column_names and table.column(name).null_count < len(table):
                column = _whole(table, name)
                text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
                plain = pc.utf8_slice_codeunits(column, 0, 10) if text and name == "date" else column
                try:
                    read = plain.cast(kind).cast(pa.int32() if name == "date" else kind)
                except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
                    return self._odd_ones(column, name == "day")
                return np.asarray(read.cast(pa.int64()).fill_null(UNDATED))
        return np.full(len(table), UNDATED)

    def _odd_ones(self, column: pa.Array, numbers: bool) -> Ints:
        days = np.full(len(column), UNDATED)
        for k, value in enumerate(column.to_pylist()):
            text = "" if value is None else str(value).strip()
            if text == "" or (numbers and _WHOLE.match(text)):
                days[k] = int(text) if text else UNDATED
                continue
            read, row = _read_day(text), self._rows + k + 1
            if read is not None:
                days[k] = (read - date(1970, 1, 1)).days
                if _PLAIN_DAY.match(text):
                    continue
            self._odd += 1
            if self._odd > MOST_WARNINGS:
                continue
            if read is None:
                self._log("%s, row %d: no date in %r; the document counts as undated", self._path, row, text)
            else:
                self._log("%s, row %d: %r is read as %s; give dates as 2026-11-20", self._path, row, text, read)
        return days

    def _log(self, message: str, *values: object) -> None:
        if self._warn:
            _LOG.warning(message, *values)


def _read_day(text: str) -> date | None:
    """A date as someone wrote it; of a month or a year its first day."""
    part = _YEAR_OR_MONTH.match(text)
    try:
        if part:
            return date(int(part[1]), int(part[2] or 1), 1)
        return date.fromisoformat(text if _WHOLE.match(text) else text[:10])
    except ValueError:
        instant = None if part else parse(text)
        return None if instant is None else instant.at.date()


def lake_batches(files: Sequence[Path]) -> Iterator[Batch]:
    """The documents of some files of ``articles`` and ``duplicates``, each once."""
    seen: set[str] = set()
    for file in files:
        for rows in open_parquet(file).iter_batches(BATCH_ROWS, columns=list(_LAKE_COLUMNS.values())):
            table = pa.Table.from_batches([rows]).rename_columns(list(_LAKE_COLUMNS))
            # a round-up has a row of `duplicates` for each article that it holds
            ids: list[str] = table.column("id").to_pylist()
            new = []
            for i in ids:
                new.append(i not in seen)
                seen.add(i)
            yield _batch(file, table.filter(pa.array(new)), _Days(file, warn=False))
