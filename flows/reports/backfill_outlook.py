"""What a backfill will cost and may miss, estimated from what is known without asking a site."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Engine

from flows.reports.history.disk import read_disk
from flows.reports.history.pace import (
    ListedDay,
    Spread,
    archived_pages,
    articles_a_day,
    blocked_hosts,
    listed_days,
    page_seconds,
)
from flows.reports.wording import size, span
from spiders.catalogue import Source
from spiders.discovery.date_archives import is_template
from spiders.discovery.endpoints import Endpoint, Endpoints
from spiders.frontier.backfill_units import FINISHED, Unit
from spiders.frontier.endpoint_kinds import Kind

# A response of a public news site takes .2 to 2 s, to which the delay is added; .5 s where no crawl has measured it.
RESPONSE_SECONDS = Spread(0.5, 0.2, 2.0)
# Kinds of lists that hold more than the newest articles.
REACHING_BACK = frozenset({Kind.SITEMAP, Kind.API, Kind.ARCHIVE})
# A crawl process starts, reads robots.txt and listings, and its pages are cleaned and committed: per wave.
WAVE_SECONDS = 30.0
# Bytes of a page where the lake has too few to tell: packed, news pages of two corpora have 63 and 37 kB on average;
# text, other rows and index take some 5 kB more.
PAGE_BYTES = 60_000
# Fewer crawled pages than this say little about the next ones.
PAGES_MIN = 50
# Of a day on which a source's lists name fewer than half of its usual articles, they are taken to hold a part.
WHOLE_DAY = 0.5


@dataclass(frozen=True, slots=True)
class SourceOutlook:
    """What lies ahead for one source; numbers count article URLs of the days that are left.

    Attributes:
        source: its name.
        days: units that are left.
        known: URLs that its lists have named so far.
        visited: of them visited by an earlier crawl, and so not asked for again.
        to_fetch: URLs still to be asked for, by estimate; None where nothing is known of the source.
        seconds: of asking it for these, by its earlier crawls or by what is usual; None as above.
        basis: what the estimate rests on.
        obstacle: why days may be out of reach; empty where nothing is known to be in the way.
    """

    source: str
    days: int
    known: int
    visited: int
    to_fetch: int | None
    seconds: Spread | None
    basis: str
    obstacle: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What lies ahead in all."""

    sources: tuple[SourceOutlook, ...]
    page_bytes: float
    hours: Spread

    @property
    def to_fetch(self) -> int:
        """URLs still to be asked for, of the sources of which something is known."""
        return sum(one.to_fetch or 0 for one in self.sources)

    @property
    def bytes(self) -> float:
        """Disk that they will take: raw archive, tables and index."""
        return self.to_fetch * self.page_bytes

    @property
    def headline(self) -> str:
        """The estimate in a line, with what it leaves out."""
        if len(self.unknown) == len(self.sources):
            return "no estimate, since none of these sources was crawled before: the first wave will show"
        minutes = self.hours.times(60)
        takes = f"{span(minutes.middle)} ({span(minutes.low)} to {span(minutes.high)})"
        said = f"about {self.to_fetch:,} pages to fetch, {takes}, {size(self.bytes)} of disk"
        unknown = f"; without {', '.join(self.unknown)}: never crawled" if self.unknown else ""
        return said + unknown

    def rows(self) -> list[dict[str, str | int]]:
        """One row a source, for a table artifact or a terminal."""
        return [
            {
                "source": one.source,
                "days": one.days,
                "known": one.known,
                "visited": one.visited,
                "to fetch": "?" if one.to_fetch is None else one.to_fetch,
                "takes": "?" if one.seconds is None else span(one.seconds.middle / 60),
                "by": one.basis,
                "in the way": one.obstacle,
            }
            for one in self.sources
        ]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Sources of which nothing is known yet."""
        return tuple(one.source for one in self.sources if one.to_fetch is None)


def backfill_outlook(
    root: Path, engine: Engine, sources: Mapping[str, Source], units: Iterable[Unit], wave_days: int
) -> Outlook:
    """Estimate a backfill without the network.

    Args:
        root: the lake's root folder.
        engine: the frontier's.
        sources: those that are asked for.
        units: of the range, with their states; the finished ones are left out.
        wave_days: days committed together.
    """
    left: dict[str, list[date]] = {name: [] for name in sources}
    for unit in units:
        if unit.state != FINISHED:
            left[unit.source].append(unit.day)
    pages = page_seconds(engine)
    found = [_of_source(engine, sources[name], days, pages.get(name)) for name, days in sorted(left.items()) if days]
    waves = len({day.toordinal() // wave_days for days in left.values() for day in days})
    return Outlook(tuple(found), _page_bytes(root, engine), _hours(found, waves))


def _of_source(engine: Engine, source: Source, days: Sequence[date], page: Spread | None) -> SourceOutlook:
    listed = listed_days(engine, source.name)
    mine = [listed.get(day, ListedDay()) for day in days]
    known, visited = sum(one.known for one in mine), sum(one.visited for one in mine)
    pace = articles_a_day(listed)
    to_fetch, basis = _to_fetch(mine, pace)
    delay = source.politeness.delay_seconds
    if page is None:
        page, basis = RESPONSE_SECONDS.plus(delay), f"{basis}; {delay:g} s between pages"
    return SourceOutlook(
        source.name,
        len(days),
        known,
        visited,
        to_fetch,
        None if to_fetch is None else page.times(to_fetch),
        basis,
        _obstacle(engine, source, listed, days),
    )


def _to_fetch(days: Sequence[ListedDay], pace: float | None) -> tuple[int | None, str]:
    """URLs to be asked for on these days, and what that number rests on."""
    if pace is None:
        known = sum(one.known for one in days)
        if not known:
            return None, "never crawled: nothing is known of it"
        return known - sum(one.visited for one in days), "what its lists name"
    total, by_pace = 0.0, 0
    for one in days:
        if one.known >= WHOLE_DAY * pace:
            total += one.known - one.visited
        else:
            by_pace += 1
            total += max(pace - one.visited, 0)
    if not by_pace:
        return round(total), "what its lists name"
    return round(total), f"its pace of {pace:.1f} a day on {by_pace} of {len(days)} days"


def _hours(found: Sequence[SourceOutlook], waves: int) -> Spread:
    """Hours by the slowest source: sources are asked side by side, each at its own pace."""
    asked = [one.seconds for one in found if one.seconds is not None]
    slowest = Spread(
        max((one.middle for one in asked), default=0.0),
        max((one.low for one in asked), default=0.0),
        max((one.high for one in asked), default=0.0),
    )
    return slowest.plus(waves * WAVE_SECONDS).times(1 / 3600)


def _obstacle(engine: Engine, source: Source, listed: Mapping[date, ListedDay], days: Sequence[date]) -> str:
    """What is known to stand between a crawl and these days."""
    names = [urlsplit(source.home).netloc, *source.hosts]
    for host, (until, why) in blocked_hosts(engine, names, time.time()).items():
        wait = timedelta(seconds=round(until - time.time()))
        return f"{host} asks to wait for {wait} more: {why}"
    ways = Endpoints(engine).load(source.name).values()
    if ways and all(way.issue for way in ways):
        return f"none of its {len(ways)} lists could be read at the last visit: {_issues(ways)}"
    if not _reaches_back(source, ways):
        oldest = min(listed, default=None)
        if oldest is None or min(days) < oldest:
            return "only feeds and sections list its articles, which name the newest" + (
                f": nothing before {oldest} so far" if oldest else ""
            )
    return ""


def _reaches_back(source: Source, ways: Iterable[Endpoint]) -> bool:
    """Whether something lists older articles: a sitemap, a list of posts, an archive by date."""
    has_archive = source.sitemaps or source.apis or any(map(is_template, source.sections))
    return bool(has_archive) or any(way.kind in REACHING_BACK and not way.issue for way in ways)


def _issues(ways: Iterable[Endpoint]) -> str:
    return ", ".join(sorted({str(way.issue) for way in ways}))


def _page_bytes(root: Path, engine: Engine) -> float:
    """Bytes that a page takes in this lake, all files together."""
    pages = archived_pages(engine)
    return PAGE_BYTES if pages < PAGES_MIN else read_disk(root).total / pages
