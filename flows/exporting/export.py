"""Exports rows of a lake into one file: streaming, whole or not at all, with dictionary and licence beside it."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from cleaning.schema.arrow import TABLES, schema
from flows.exporting.companions import dictionary, licence
from flows.exporting.selection import ExportError, Receipt, Selection, select
from flows.exporting.writers import FORMATS, Notes
from flows.lake.store import Lake


@dataclass(frozen=True, slots=True)
class Exported:
    """The result of an export: its files, and what was left out or changed."""

    files: tuple[Path, Path, Path]  # the rows, their dictionary, their licences
    receipt: Receipt
    notes: Notes


def export(lake: Lake, selection: Selection, file: Path, format: str) -> Exported:
    """Export rows.

    The file appears whole, after its companions ``FILE.dictionary.md`` and ``FILE.licence.md``: who finds it finds all.

    Args:
        lake: only read; a commit that happens meanwhile is seen by the partitions that are read later.
        selection: which rows and columns.
        file: replaced if it exists; its folder is made.
        format: a key of FORMATS.

    Raises:
        ExportError: for a format that is unknown or cannot hold the rows. LakeError: as for :meth:`Lake.read`.
    """
    if format not in FORMATS:
        raise ExportError(f"{format}: no such format; say one of {', '.join(FORMATS)}")
    if file.is_dir():
        raise ExportError(f"{file} is a folder: name a file with --out")
    whole = schema(TABLES[selection.table].row)
    wanted = pa.schema([whole.field(name) for name in selection.names], metadata=whole.metadata)
    receipt, notes = Receipt(), Counter[str]()
    file.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{file.name}.", dir=file.parent))
    try:
        staged = staging / file.name
        with FORMATS[format](staged, selection.table, wanted, notes) as write:
            for rows in select(lake, selection, receipt):
                write(rows)
        named = file.with_name(f"{file.name}.dictionary.md"), file.with_name(f"{file.name}.licence.md")
        named[0].write_text(dictionary(selection), encoding="utf-8")
        named[1].write_text(licence(selection, receipt, notes), encoding="utf-8")
        staged.replace(file)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Exported((file, *named), receipt, notes)
