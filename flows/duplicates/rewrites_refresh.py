"""Keeps the table ``rewrites`` in step with ``articles``: a day is recomputed when a day of its week has changed."""

from __future__ import annotations

import json
import logging
from datetime import date, timedelta
from pathlib import Path

from cleaning.duplicates.rewrites import WINDOW_DAYS, score_version
from flows.duplicates.rewrites import RewriteWindow
from flows.lake.store import Lake
from spiders.system.whole_file import write_whole

log = logging.getLogger(__name__)

# What the articles of each week looked like when its last day was computed. Next to the frontier and not in the index:
# it describes files on this disk, and a copied lake is simply computed once more.
STATE = "state/rewrites.json"
# Days committed together: a commit flushes the disk several times, and a kill costs the days of one.
DAYS_PER_COMMIT = 60


def refresh_rewrites(lake: Lake) -> list[str]:
    """Compute the rewrites of every day whose week of articles has changed since they were computed.

    Holds the lake's write lock. The next call makes up for one that was killed; a call that finds nothing new reads no
    article.

    Returns:
        The paths that changed.
    """
    changed: list[str] = []
    with lake.write_lock():
        days = lake.dates("articles")
        stamps = {day: _stamp(lake.root, day) for day in days}
        known = _load(lake.root)
        weeks = {day: _week(day, stamps) for day in days}
        stale = [day for day in days if known.get(day.isoformat()) != weeks[day]]
        window = RewriteWindow(lake.root)
        for first in range(0, len(stale), DAYS_PER_COMMIT):
            some = stale[first : first + DAYS_PER_COMMIT]
            files = {path: rows for day in some for path, rows in window.rewrites(day).items()}
            changed += lake.commit(files)
            known.update((day.isoformat(), weeks[day]) for day in some)
            _save(lake.root, known)
    return changed


def _week(day: date, stamps: dict[date, str]) -> str:
    """What the rewrites of a day depend on: the scoring method, and the state of the days that are searched."""
    near = (day - timedelta(days=back) for back in range(WINDOW_DAYS + 1))
    return " ".join([score_version(), *(stamps.get(one, "-") for one in near)])


def _stamp(root: Path, day: date) -> str:
    """Size and modification time of a day's articles: a commit leaves files with unchanged bytes alone."""
    files = sorted((root / "articles" / f"date={day}").glob("part-*.parquet"))
    return "+".join(f"{f.stat().st_size}@{f.stat().st_mtime_ns}" for f in files)


def _load(root: Path) -> dict[str, str]:
    file = root / STATE
    try:
        known = json.loads(file.read_bytes()) if file.exists() else {}
    except (ValueError, RecursionError) as error:
        log.warning("%s cannot be read (%s): all rewrites are looked for again", file, error)
        return {}
    return known if isinstance(known, dict) else {}


def _save(root: Path, known: dict[str, str]) -> None:
    write_whole(root / STATE, json.dumps(known))
