"""What earlier crawls teach about a source: how many articles a day it lists, and how long a page takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median, quantiles

from sqlalchemy import Engine, func, select

from spiders.frontier.outcomes import Outcome
from spiders.frontier.tables import hosts, urls, visits

# Crawls with fewer visits to a source say little about the time that a page takes: start-up and listings prevail.
VISITS_MIN = 5
# The latest crawls that are looked at: a source's speed changes with its servers.
RUNS = 20
# Days before the newest listed one that make a pace: eight of each weekday.
PACE_DAYS = 56


@dataclass(frozen=True, slots=True)
class Spread:
    """A number that is not known for sure: its middle, and quartiles or bounds."""

    middle: float
    low: float
    high: float

    def times(self, factor: float) -> Spread:
        """All three multiplied."""
        return Spread(self.middle * factor, self.low * factor, self.high * factor)

    def plus(self, more: float) -> Spread:
        """All three with something added."""
        return Spread(self.middle + more, self.low + more, self.high + more)


@dataclass(frozen=True, slots=True)
class ListedDay:
    """The article URLs that are known of a day: in all, and how many of them an earlier crawl has visited."""

    known: int = 0
    visited: int = 0


def page_seconds(engine: Engine) -> dict[str, Spread]:
    """Seconds from one visit to the next, by source, as of its latest crawls; without those that visited too few."""
    query = (
        select(visits.c.source, func.count(), func.min(visits.c.ended_at), func.max(visits.c.ended_at).label("last"))
        .where(visits.c.outcome != Outcome.OFF_SITE)
        .group_by(visits.c.source, visits.c.run_id)
        .order_by(func.max(visits.c.ended_at).desc())
    )
    each: dict[str, list[float]] = {}
    with engine.connect().execution_options(reading=True) as db:
        for source, count, first, last in db.execute(query):
            latest = each.setdefault(source, [])
            if count >= VISITS_MIN and len(latest) < RUNS:
                latest.append((last - first) / (count - 1))
    return {source: _spread(latest) for source, latest in each.items() if latest}


def _spread(values: Sequence[float]) -> Spread:
    low, _, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else (values[0],) * 3
    return Spread(median(values), low, high)


def listed_days(engine: Engine, source: str) -> dict[date, ListedDay]:
    """The article URLs that are known of a source, by the day of their publication where one is known."""
    day = func.coalesce(urls.c.counted_day, func.substr(urls.c.hint_published, 1, 10))
    is_visited = urls.c.outcome.is_not(None)
    query = select(day, is_visited, func.count()).where(urls.c.source == source, day.is_not(None))
    known, visited = Counter[date](), Counter[date]()
    with engine.connect().execution_options(reading=True) as db:
        for text, was_visited, count in db.execute(query.group_by(day, is_visited)):
            try:
                when = date.fromisoformat(text)
            except ValueError:
                continue  # a listing's odd date: the page will say its own
            known[when] += count
            visited[when] += count if was_visited else 0
    return {when: ListedDay(count, visited[when]) for when, count in known.items()}


def articles_a_day(days: Mapping[date, ListedDay]) -> float | None:
    """The usual number of article URLs of a day, by the eight weeks up to the newest; None where nothing is known.

    The newest day is left out, since it may not be over.
    """
    if len(days) < 2:
        return None
    newest = max(days)
    since = max(min(days), newest - timedelta(days=PACE_DAYS))
    return sum(one.known for day, one in days.items() if since <= day < newest) / (newest - since).days


def blocked_hosts(engine: Engine, names: list[str], now: float) -> dict[str, tuple[float, str]]:
    """Hosts that have asked to be left alone beyond now: until when, and why."""
    query = select(hosts.c.host, hosts.c.blocked_until, hosts.c.block_reason)
    query = query.where(hosts.c.host.in_(names), hosts.c.blocked_until > now)
    with engine.connect().execution_options(reading=True) as db:
        return {host: (float(until), reason or "") for host, until, reason in db.execute(query)}


def archived_pages(engine: Engine) -> int:
    """The number of pages that crawls have written to the raw archive."""
    query = select(func.count()).select_from(visits).where(visits.c.raw_file.is_not(None))
    with engine.connect().execution_options(reading=True) as db:
        return int(db.execute(query).scalar_one())
