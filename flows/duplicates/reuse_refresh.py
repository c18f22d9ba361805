"""Keeps ``passages``, ``edges`` and ``originality`` in step with the tables that they are made from."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flows.duplicates.reuse import day_links, linked_days, week_originality
from flows.lake.store import Lake
from spiders.system.whole_file import write_whole

log = logging.getLogger(__name__)

# What each day and week was made from. Next to the frontier and not in the index: it describes files on this disk, and
# for a copied lake the tables are simply made once more.
STATE = "state/reuse.json"
# Changes whenever the same texts would give other rows.
METHOD = "1"


def refresh_reuse(lake: Lake) -> list[str]:
    """Make the passages and edges of every day, and the originality of every week, whose tables have changed.

    Holds the lake's write lock. The next call makes up for one that was killed; a call that finds nothing new reads no
    text.

    Returns:
        The paths that changed.
    """
    changed: list[str] = []
    with lake.write_lock():
        known = _load(lake.root)
        tables = {name: set(lake.dates(name)) for name in ("articles", "duplicates", "rewrites")}
        for table, made_from in (("passages", ("duplicates", "rewrites")), ("edges", ("duplicates",))):
            tables[table] = set(lake.dates(table)) | set().union(*(tables[name] for name in made_from))
        article_days: dict[str, date] | None = None
        for day in sorted(tables["passages"] | tables["edges"]):
            name = day.isoformat()
            before = known.get(name) or {}
            if before.get("stamp") != _day_stamp(
                lake.root, day, [date.fromisoformat(d) for d in before.get("days", [])]
            ):
                article_days = linked_days(lake) if article_days is None else article_days
                links = day_links(lake, day, article_days)
                changed += lake.commit(links.files)
                stamp = _day_stamp(lake.root, day, links.days)
                _save(lake.root, known, name, {"stamp": stamp, "days": [d.isoformat() for d in links.days]})
        weeks: dict[date, list[date]] = defaultdict(list)
        for day in sorted(tables["articles"] | tables["duplicates"] | set(lake.dates("originality"))):
            weeks[day - timedelta(days=day.weekday())].append(day)
        for monday, days in sorted(weeks.items()):
            name, stamp = f"week {monday}", _stamp(lake.root, (("articles", days), ("duplicates", days)))
            if (known.get(name) or {}).get("stamp") != stamp:
                changed += lake.commit(week_originality(lake, monday))
                _save(lake.root, known, name, {"stamp": stamp})
    return changed


def _day_stamp(root: Path, day: date, article_days: Iterable[date]) -> str:
    return _stamp(root, (("duplicates", [day]), ("rewrites", [day]), ("articles", article_days)))


def _stamp(root: Path, partitions: Iterable[tuple[str, Iterable[date]]]) -> str:
    """Size and modification time of some partitions: a commit leaves files with unchanged bytes alone."""
    files = [f for table, days in partitions for d in days for f in sorted((root / table / f"date={d}").glob("part-*"))]
    return " ".join([METHOD, *(f"{f.stat().st_size}@{f.stat().st_mtime_ns}" for f in files)])


def _load(root: Path) -> dict[str, Any]:
    file = root / STATE
    try:
        known = json.loads(file.read_bytes()) if file.exists() else {}
    except (ValueError, RecursionError) as error:
        log.warning("%s cannot be read (%s): passages and edges are made again", file, error)
        return {}
    return known if isinstance(known, dict) else {}


def _save(root: Path, known: dict[str, Any], name: str, value: dict[str, Any]) -> None:
    known[name] = value
    write_whole(root / STATE, json.dumps(known))
