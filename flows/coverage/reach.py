"""How far back a way of discovery reaches: the days whose articles its lists could have held when they were read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

# Days before and after a day by which it is judged: a weekly's feed has two issues on either side.
MARGIN_DAYS = 14
# A run of articles that a way left out is a hole in its reach where chance would leave it out so rarely.
CHANCE = 0.001


@dataclass(frozen=True, slots=True)
class DayCounts:
    """What was listed of one day: URLs in all, and by each way."""

    day: date
    listed: int
    by_way: Mapping[str, int]


def reached(days: Sequence[DayCounts], way: str) -> set[date]:
    """The days that a way reaches: from the first to the last that it lists, without its holes.

    A hole is a run of days of which others list so much that the way, at its rate, would hardly leave all of it out.
    The first day is left out where others list earlier ones: a list that is cut off there holds a part of it.

    Args:
        days: in order; days of which nothing is listed may be left out.
        way: a key of ``by_way``.
    """
    held = [place for place, one in enumerate(days) if one.by_way.get(way)]
    if not held:
        return set()
    first, last = held[0], held[-1]
    inside = days[first : last + 1]
    rate = sum(one.by_way.get(way, 0) for one in inside) / sum(one.listed for one in inside)
    found = {days[place].day for place in held}
    for before, after in pairwise(held):
        between = days[before + 1 : after]
        if (1 - rate) ** sum(one.listed for one in between) >= CHANCE:
            found |= {one.day for one in between}
    if first > 0 and last > first:
        found.discard(days[first].day)
    return found


def reaching(days: Sequence[DayCounts], day: date, ways: Collection[str]) -> set[str]:
    """The ways that reach a day, judged by the days around it."""
    margin = timedelta(days=MARGIN_DAYS)
    near = [one for one in days if day - margin <= one.day <= day + margin]
    return {way for way in ways if day in reached(near, way)}
