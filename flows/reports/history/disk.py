"""What a lake takes on disk: by table, and the raw archive by day of fetching."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows.lake.parquet_reader import is_day

TABLES_SHOWN = ("raw", "articles", "duplicates", "revisions", "rewrites", "removals", "rejected", "index", "state")


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes below the lake's root."""

    tables: Mapping[str, int]
    raw_by_day: Mapping[date, int]  # of fetching
    free: int

    @property
    def total(self) -> int:
        """All of the lake."""
        return sum(self.tables.values())


def read_disk(root: Path) -> Disk:
    """Count the bytes of a lake, file by file."""
    raw: dict[date, int] = {}
    for folder in (root / "raw").glob("source=*/date=*"):
        name = folder.name.removeprefix("date=")
        if is_day(name):
            day = date.fromisoformat(name)
            raw[day] = raw.get(day, 0) + _bytes(folder)
    tables = {name: _bytes(root / name) for name in TABLES_SHOWN if (root / name).is_dir()}
    return Disk(tables, dict(sorted(raw.items())), shutil.disk_usage(root).free)


def _bytes(folder: Path) -> int:
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_size if file.is_file() else 0
        except FileNotFoundError:
            continue  # a writer is at work beside us
    return total
