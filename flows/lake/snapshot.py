"""A snapshot of the lake's tables: hard links to their files as of one commit, which no later publish changes.

A reader that lists a table and then opens its files may meet two commits, and one that opens a file by its name twice
(polars) may meet two files. A commit replaces files and never writes into one, so links to them stay as they are.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cleaning.schema.arrow import TABLES
from flows.lake.journal import LakeError, fsync
from flows.lake.parquet_reader import is_day
from flows.lake.store import Lake


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a snapshot holds."""

    files: int
    bytes: int
    is_linked: bool  # False where any file had to be copied


def take_snapshot(lake: Lake, folder: Path, *, timeout: float = -1) -> Snapshot:
    """Link every partition of every table into a new folder, as one commit left them.

    On the lake's file system this takes no space until a publish replaces files; on another one, files are copied.
    The folder appears whole or not at all.

    Args:
        lake: the lake.
        folder: must not exist; its parents are created.
        timeout: seconds to wait for a writer; -1 waits for ever.

    Raises:
        LakeError: for a folder that exists, or lies inside a table, and when a writer still works after ``timeout``.
    """
    if folder.exists():
        raise LakeError(f"{folder} exists: name a new folder for the snapshot, or remove this one first")
    if any(folder.resolve().is_relative_to((lake.root / table).resolve()) for table in (*TABLES, "index")):
        raise LakeError(f"{folder} lies inside a table of the lake, whose readers would read it too: choose another")
    staged = folder.with_name(f".{folder.name}.snapshot")
    shutil.rmtree(staged, ignore_errors=True)  # what a snapshot that was killed left
    staged.mkdir(parents=True)
    files = size = copied = 0
    try:
        with lake.write_lock(timeout):
            for file in _partitions(lake.root):
                target = staged / file.relative_to(lake.root)
                target.parent.mkdir(parents=True, exist_ok=True)
                copied += not _link(file, target)
                files, size = files + 1, size + target.stat().st_size
        if folder.exists():
            raise LakeError(f"{folder} was made by somebody else meanwhile: name another folder")
        staged.replace(folder)
        fsync(folder.parent)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return Snapshot(files, size, not copied)


def _partitions(root: Path) -> Iterator[Path]:
    for table in TABLES:
        for day in sorted((root / table).glob("date=*")):
            if is_day(day.name.removeprefix("date=")):
                yield from sorted(day.glob("part-*.parquet"))


def _link(file: Path, target: Path) -> bool:
    """A hard link; a copy where the file system has none, or is another one (EXDEV, EPERM, ENOTSUP, EMLINK)."""
    try:
        os.link(file, target)
    except OSError:
        shutil.copy2(file, target)
        return False
    return True
