"""The journal of a commit: what it swaps in and deletes, finished by whoever takes the write lock next.

Everything that a commit is about to do stands on the disk before its journal does: each new file beside its target, and
a mark beside each file that goes. A journal that the disk lost or cut is therefore read off those.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from cleaning.schema.arrow import TABLES
from spiders.system.whole_file import write_whole

log = logging.getLogger(__name__)

PREPARING = "state/journal.preparing"  # names the files that may be half written
JOURNAL = "state/journal.json"  # names the swaps and deletions that must be finished
# A commit writes below these and nowhere else.
ROOMS = (*TABLES, "index")

_P = TypeVar("_P", bound=PurePath)


class LakeError(RuntimeError):
    """The lake cannot be used as asked; the message says what to do."""


class _Unreadable(ValueError):
    """A journal that says nothing that can be relied on."""


@dataclass(frozen=True, slots=True)
class Journal:
    """What a commit does: temporary file → its place, and files that go; paths below the lake's root."""

    swaps: Mapping[str, str]
    deletions: tuple[str, ...]


def temporary(path: _P) -> _P:
    """Beside the file, hidden, and not ending in .parquet: DuckDB's ``**/*.parquet`` would match it."""
    return path.with_name(f".{path.name}.tmp")


def deletion_mark(path: _P) -> _P:
    """The mark beside a file that a commit deletes."""
    return path.with_name(f".{path.name}.gone")


def prepare(root: Path, staged: Iterable[str]) -> None:
    """Note which files are about to be written, so that a commit that dies before its journal leaves none."""
    write_whole(root / PREPARING, json.dumps({"temporary": list(staged)}))


def seal(root: Path, swaps: Mapping[str, str], deletions: Iterable[str]) -> None:
    """Write the journal: from here on the commit is finished, by whomever."""
    gone = list(deletions)
    for path in gone:
        deletion_mark(root / path).touch()
    for folder in {(root / path).parent for path in gone}:
        fsync(folder)
    write_whole(root / JOURNAL, json.dumps({"swaps": dict(swaps), "deletions": gone}))


def recover(root: Path) -> None:
    """Finish a journal that stands, and remove what a commit without one has left. Idempotent.

    Raises:
        LakeError: for a journal that names files outside the lake, or that is cut while a staged file is half there.
    """
    journal, preparing = root / JOURNAL, root / PREPARING
    if journal.exists():
        _finish(root, _read_journal(root))
        journal.unlink()
        fsync(journal.parent)
    if preparing.exists():
        for path in _read_preparing(root):
            (root / path).unlink(missing_ok=True)
        for mark in list(_hidden(root, ".gone")):
            mark.unlink(missing_ok=True)
        preparing.unlink()
    for leftover in (journal, preparing):
        temporary(leftover).unlink(missing_ok=True)


def fsync(path: Path) -> None:
    """Flush a file or a folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _finish(root: Path, journal: Journal) -> None:
    for staged, path in journal.swaps.items():
        if (root / staged).exists():
            (root / staged).replace(root / path)
    for path in journal.deletions:
        (root / path).unlink(missing_ok=True)
        deletion_mark(root / path).unlink(missing_ok=True)
    for folder in {(root / path).parent for path in [*journal.swaps.values(), *journal.deletions]}:
        if folder.exists():
            fsync(folder)
    for folder in {(root / path).parent for path in journal.deletions}:
        if folder.exists() and not any(folder.iterdir()):
            folder.rmdir()


def _read_journal(root: Path) -> Journal:
    try:
        told = _object(root / JOURNAL)
        swaps, deletions = told.get("swaps"), told.get("deletions")
        if not isinstance(swaps, dict) or not isinstance(deletions, list):
            raise _Unreadable("names no swaps and deletions")
        if not all(isinstance(path, str) for path in [*swaps.values(), *deletions]):
            raise _Unreadable("names what is no path")
    except _Unreadable as error:
        log.warning("%s: %s; reading the commit off the files that it staged", root / JOURNAL, error)
        return _off_the_disk(root)
    for path in [*swaps, *swaps.values(), *deletions]:
        _check_path(root, path)
    for staged, path in swaps.items():
        if staged != temporary(PurePosixPath(path)).as_posix():
            raise LakeError(f"{root / JOURNAL}: {staged} is not what {path} is swapped with; {_BY_HAND}")
    return Journal(swaps, tuple(deletions))


def _off_the_disk(root: Path) -> Journal:
    """What a commit was about to do, by the files that it staged; all of them were whole before its journal stood."""
    swaps = {}
    for staged in _hidden(root, ".tmp"):
        try:
            pq.ParquetFile(staged).close()
        except (pa.ArrowException, OSError) as error:
            raise LakeError(
                f"{root / JOURNAL} cannot be read, and {staged}, which it may name, is not whole ({error}). The disk "
                f"lost part of a commit: restore the lake from a copy, or publish the raw archive into a new lake."
            ) from error
        target = staged.with_name(staged.name.removeprefix(".").removesuffix(".tmp"))
        swaps[staged.relative_to(root).as_posix()] = target.relative_to(root).as_posix()
    marks = sorted(_hidden(root, ".gone"))
    gone = (mark.with_name(mark.name.removeprefix(".").removesuffix(".gone")) for mark in marks)
    return Journal(swaps, tuple(path.relative_to(root).as_posix() for path in gone))


def _read_preparing(root: Path) -> list[str]:
    """The files that a commit without journal may have half written; any such file where the list is lost."""
    try:
        named = _object(root / PREPARING).get("temporary")
        if not isinstance(named, list) or not all(isinstance(path, str) for path in named):
            raise _Unreadable("names no files")
    except _Unreadable as error:
        log.warning("%s: %s; removing whatever is half written", root / PREPARING, error)
        return [path.relative_to(root).as_posix() for path in _hidden(root, ".tmp")]
    for path in named:
        _check_path(root, path)
    return named


def _object(file: Path) -> dict[str, object]:
    try:
        told = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise _Unreadable(f"is not whole ({error})") from error
    if not isinstance(told, dict):
        raise _Unreadable("is no JSON object")
    return told


_BY_HAND = "nothing was changed. Look at the file, move it away, and publish again"


def _check_path(root: Path, path: str) -> None:
    """Raise LakeError for a path that no commit of this lake writes: a journal is obeyed by removing and renaming."""
    parts = PurePosixPath(path).parts
    inside = bool(parts) and parts[0] in ROOMS and ".." not in parts and "\0" not in path and "\\" not in path
    if not inside or not (root / path).parent.resolve().is_relative_to((root / parts[0]).resolve()):
        raise LakeError(f"{root / JOURNAL}: names {path!r}, which is no file of this lake's tables; {_BY_HAND}")


def _hidden(root: Path, suffix: str) -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted((root / room).rglob(f".*.parquet{suffix}"))
