"""Keeps the table ``rewrites`` in step with ``articles`` and ``series``: a day is done again when its week changed."""

from __future__ import annotations

from datetime import date, timedelta

from cleaning.duplicates.rewrites import WINDOW_DAYS, score_version
from flows.duplicates.rewrites import RewriteWindow
from flows.lake.made_from import Made, MadeFrom, Stamps
from flows.lake.store import Lake

# What the articles of each week looked like when its last day was computed.
STATE = "state/rewrites.json"


def refresh_rewrites(lake: Lake) -> list[str]:
    """Compute the rewrites of every day whose week of articles has changed since they were computed.

    Holds the lake's write lock. The next call makes up for one that was killed; a call that finds nothing new reads no
    article.

    Returns:
        The paths that changed.
    """
    with lake.write_lock():
        known = MadeFrom(lake.root, STATE, "all rewrites are looked for again")
        stamps = Stamps(lake.root)
        # A day whose articles all moved elsewhere has rewrites that go.
        days = sorted({*lake.dates("articles"), *lake.dates("rewrites")})
        version = score_version()
        weeks = {day: _week(day, version, stamps) for day in days}
        window = RewriteWindow(lake.root)
        stale = (day for day in days if known.of(day.isoformat()) != weeks[day])
        return known.commit(lake, (Made(day.isoformat(), window.rewrites(day), weeks[day]) for day in stale))


def _week(day: date, version: str, stamps: Stamps) -> str:
    """What the rewrites of a day depend on: the scoring method, and the state of the days that are searched: their
    articles, and which of these are reports of one form."""
    near = (day - timedelta(days=back) for back in range(WINDOW_DAYS + 1))
    return " ".join([version, *(stamps.of(table, one) or "-" for one in near for table in ("articles", "series"))])
