"""Keeps ``passages``, ``edges`` and ``originality`` in step with the tables that they are made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from flows.duplicates.reuse import day_links, linked_days, week_originality
from flows.lake.made_from import Made, MadeFrom, Stamps
from flows.lake.store import Lake

# What each day and week was made from.
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
    with lake.write_lock():
        known, stamps = MadeFrom(lake.root, STATE, "passages and edges are made again"), Stamps(lake.root)
        return known.commit(lake, _days(lake, known, stamps)) + known.commit(lake, _weeks(lake, known, stamps))


def _days(lake: Lake, known: MadeFrom, stamps: Stamps) -> Iterator[Made]:
    """The passages and edges of the days that are not up to date."""
    stale = [
        day
        for day in _dates(lake, "duplicates", "rewrites", "passages", "edges")
        if not _is_up_to_date(day, known, stamps)
    ]
    article_days = linked_days(lake, stale)
    for day in stale:
        links = day_links(lake, day, article_days)
        made_from = {"stamp": _day_stamp(day, links.days, stamps), "days": [d.isoformat() for d in links.days]}
        yield Made(day.isoformat(), links.files, made_from)


def _is_up_to_date(day: date, known: MadeFrom, stamps: Stamps) -> bool:
    before = known.of(day.isoformat()) or {}
    days = [date.fromisoformat(d) for d in before.get("days", [])]
    return bool(before.get("stamp") == _day_stamp(day, days, stamps))


def _weeks(lake: Lake, known: MadeFrom, stamps: Stamps) -> Iterator[Made]:
    """The originality of the weeks that are not up to date."""
    weeks: dict[date, list[date]] = defaultdict(list)
    for day in _dates(lake, "articles", "duplicates", "originality"):
        weeks[day - timedelta(days=day.weekday())].append(day)
    for monday, days in weeks.items():
        name, stamp = f"week {monday}", _stamp(stamps, (("articles", days), ("duplicates", days)))
        if (known.of(name) or {}).get("stamp") != stamp:
            yield Made(name, week_originality(lake, monday), {"stamp": stamp})


def _dates(lake: Lake, *tables: str) -> list[date]:
    return sorted({day for table in tables for day in lake.dates(table)})


def _day_stamp(day: date, article_days: Iterable[date], stamps: Stamps) -> str:
    return _stamp(stamps, (("duplicates", [day]), ("rewrites", [day]), ("articles", article_days)))


def _stamp(stamps: Stamps, partitions: Iterable[tuple[str, Iterable[date]]]) -> str:
    """Of the partitions that are there: a week has the day of its own row, too, once it is made."""
    return " ".join([METHOD, *(filter(None, (stamps.of(table, day) for table, days in partitions for day in days)))])
