"""Writes rows as JSON lines, CSV, Parquet, DuckDB or XLSX: a batch at a time, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import xlsxwriter

from flows.exporting.selection import ExportError
from flows.lake.store import parquet_stream

Write = Callable[[pa.Table], None]
Notes = Counter[str]  # what had to be changed to fit the format → cells
Opener = Callable[[Path, str, pa.Schema, Notes], AbstractContextManager[Write]]

# What a spreadsheet takes for the beginning of a formula (OWASP, CSV Injection), and what it strips before looking.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Excel's own limits (support.microsoft.com, Excel specifications and limits).
XLSX_ROWS = 1_048_576
XLSX_CELL_CHARS = 32_767
GUARDED = "began like a formula, and was given an apostrophe"
CUT = f"was longer than the {XLSX_CELL_CHARS:,} characters of a cell, and was cut"


@contextmanager
def _jsonl(file: Path, table: str, columns: pa.Schema, notes: Notes) -> Iterator[Write]:
    with file.open("w", encoding="utf-8", newline="\n") as stream:

        def write(rows: pa.Table) -> None:
            stream.writelines(json.dumps(row, ensure_ascii=False, default=_iso) + "\n" for row in rows.to_pylist())

        yield write


@contextmanager
def _csv(file: Path, table: str, columns: pa.Schema, notes: Notes) -> Iterator[Write]:
    # With a byte order mark: without one Excel reads UTF-8 as the local character set.
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns.names)

        def write(rows: pa.Table) -> None:
            cells = (rows.column(name).to_pylist() for name in columns.names)
            writer.writerows([_guarded(_flat(value), notes) for value in row] for row in zip(*cells, strict=True))

        yield write


@contextmanager
def _parquet(file: Path, table: str, columns: pa.Schema, notes: Notes) -> Iterator[Write]:
    with parquet_stream(file, columns) as writer:
        yield writer.write_table


@contextmanager
def _duckdb(file: Path, table: str, columns: pa.Schema, notes: Notes) -> Iterator[Write]:
    with duckdb.connect(str(file)) as db:
        db.register("incoming", columns.empty_table())
        db.execute(f"create table {table} as from incoming")  # the name of a table of ours

        def write(rows: pa.Table) -> None:
            db.register("incoming", rows)
            db.execute(f"insert into {table} from incoming")

        yield write
        db.unregister("incoming")


@contextmanager
def _xlsx(file: Path, table: str, columns: pa.Schema, notes: Notes) -> Iterator[Write]:
    # Row by row to the disk; and nothing that a cell holds is taken for a formula, an address or a number.
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": False,
    }
    with xlsxwriter.Workbook(str(file), options) as book:
        sheet = book.add_worksheet(table[:31])
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, columns.names)
        at = 1

        def write(rows: pa.Table) -> None:
            nonlocal at
            if at + len(rows) > XLSX_ROWS:
                raise ExportError(
                    f"a sheet holds {XLSX_ROWS - 1:,} rows, and there are more: choose fewer days or sources, or csv"
                )
            for row in rows.to_pylist():
                for place, value in enumerate(row.values()):
                    _write_cell(sheet, at, place, _flat(value), notes)
                at += 1

        yield write


def _write_cell(sheet: Any, row: int, column: int, value: object, notes: Notes) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    else:
        text = str(value)
        if len(text) > XLSX_CELL_CHARS:
            notes[CUT] += 1
        sheet.write_string(row, column, text[:XLSX_CELL_CHARS])


def _flat(value: object) -> object:
    """A value as one cell: lists joined by "; ", times in ISO 8601."""
    if isinstance(value, list):
        return "; ".join(str(_iso(one)) for one in value)
    return _iso(value)


def _iso(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _guarded(value: object, notes: Notes) -> object:
    """A text that a spreadsheet would run, with an apostrophe before it; numbers stay as they are."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA):
        notes[GUARDED] += 1
        return "'" + value
    return value


FORMATS: dict[str, Opener] = {"jsonl": _jsonl, "csv": _csv, "parquet": _parquet, "duckdb": _duckdb, "xlsx": _xlsx}
