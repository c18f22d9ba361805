"""What derived tables were made from: how the files looked then, so that a call that finds them unchanged reads none.

It stands in ``state/``, next to the frontier and not in the index: it describes files on this disk, and for a copied
lake the tables are simply made once more.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.lake.store import Lake
from spiders.system.whole_file import write_whole

log = logging.getLogger(__name__)

# Parts of a table committed together: a commit flushes the disk several times, and a kill costs the parts of one.
PARTS_PER_COMMIT = 60


@dataclass(frozen=True, slots=True)
class Made:
    """A part of a derived table, such as a day or a week of it.

    Attributes:
        name: of the part.
        files: as :meth:`Lake.commit` takes them.
        made_from: what to remember of the files that it was made from; anything that JSON has.
    """

    name: str
    files: Mapping[str, pa.Table | None]
    made_from: Any


class MadeFrom:
    """What the parts of a derived table were made from.

    Args:
        root: of the lake.
        file: below the root.
        remade: what is done once more where the file is lost or broken, for the log.
    """

    def __init__(self, root: Path, file: str, remade: str) -> None:
        self._file = root / file
        self._known = self._load(remade)

    def of(self, name: str) -> Any:
        """What was remembered of a part; None if nothing was."""
        return self._known.get(name)

    def remember(self, values: Mapping[str, Any]) -> None:
        """Remember of some parts what they were made from."""
        self._known |= values
        write_whole(self._file, json.dumps(self._known))

    def commit(self, lake: Lake, parts: Iterable[Made]) -> list[str]:
        """Commit parts as they are made, some at a time, and remember after each commit what they were made from.

        Args:
            lake: under its write lock.
            parts: each is made when it is asked for.

        Returns:
            The paths that changed.
        """
        changed: list[str] = []
        upcoming = iter(parts)
        while some := list(islice(upcoming, PARTS_PER_COMMIT)):
            changed += lake.commit({path: rows for part in some for path, rows in part.files.items()})
            self.remember({part.name: part.made_from for part in some})
        return changed

    def _load(self, remade: str) -> dict[str, Any]:
        try:
            known = json.loads(self._file.read_bytes()) if self._file.exists() else {}
        except (ValueError, RecursionError) as error:
            log.warning("%s cannot be read (%s): %s", self._file, error, remade)
            return {}
        return known if isinstance(known, dict) else {}


class Stamps:
    """Stamps of the partitions of a lake, each table looked through once: for one holder of the write lock."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._tables: dict[str, dict[str, str]] = {}

    def of(self, table: str, day: date) -> str:
        """That of one partition; empty if there is none."""
        if table not in self._tables:
            self._tables[table] = dict(_partition_stamps(self._root / table))
        return self._tables[table].get(f"date={day}", "")


def stamp(file: Path | os.DirEntry[str]) -> str:
    """Size and modification time of a file: a commit leaves files with unchanged bytes alone."""
    found = file.stat()
    return f"{found.st_size}@{found.st_mtime_ns}"


def _partition_stamps(table: Path) -> Iterator[tuple[str, str]]:
    if not table.exists():
        return
    with os.scandir(table) as folders:
        for folder in folders:
            if folder.name.startswith("date=") and folder.is_dir():
                with os.scandir(folder) as files:
                    parts = sorted((f for f in files if f.name.startswith("part-")), key=lambda f: f.name)
                    yield folder.name, "+".join(map(stamp, parts))
