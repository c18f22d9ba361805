"""How far ahead a stored time may lie: no further than the longest delay that it can mean.

A run whose clock was ahead, or a row that somebody restored, would otherwise make every later run wait for that clock.
What lies further ahead is taken for past: at worst a page is asked for sooner than it was due.
"""

from __future__ import annotations

from typing import Any

# Catalogue delay (300 s), Crawl-delay (120 s) and throttle (60 s): the longest pause between two requests to a host.
NEXT_REQUEST_MAX = 300.0
# Retry-After is believed up to a day (spiders/fetching/backoff.py).
BLOCK_MAX = 86_400.0
# politeness.timeout_seconds (600 s at most) and the pause after it.
HOLD_MAX = 600.0 + NEXT_REQUEST_MAX
# Articles are visited again within two days, endpoints and failures within one (recrawl_schedule.py).
REVISIT_MAX = 2 * 86_400.0
# Machines that share a frontier keep their clocks by NTP; what differs by more is no drift.
SKEW_MAX = 60.0


def is_past(column: Any, now: Any, furthest: float) -> Any:
    """A SQL condition: the time has come, or lies further ahead than it can."""
    return (column <= now) | (column > now + furthest)


def bounded(moment: float, now: float, furthest: float) -> float:
    """The moment, or ``now`` where it lies further ahead than it can."""
    return moment if moment <= now + furthest else now


def is_younger(moment: float, now: float, age: float) -> bool:
    """Whether a moment is less than ``age`` seconds old; one ahead of the clock by more than its drift is not."""
    return -SKEW_MAX <= now - moment < age
