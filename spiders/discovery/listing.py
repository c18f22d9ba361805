"""What a feed, sitemap or section page lists, and which of it falls into a span of publication dates. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from cleaning.records import Hints

# A date in the address of a sitemap or article may be local time, and lastmod another zone: allow a day either side.
ZONE_MARGIN = timedelta(days=1)
_DAY_IN_URL = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_/.]?(0[1-9]|1[0-2])[-_/.]?(0[1-9]|[12]\d|3[01])(?!\d)")
_MONTH_IN_URL = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_/.]?(0?[1-9]|1[0-2])(?!\d)")
_YEAR_IN_URL = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")


class Fault(StrEnum):
    """What was wrong with a listing; whatever could be salvaged is used all the same."""

    EMPTY = "empty"  # contains nothing
    HTML = "html-in-place-of-a-listing"  # a page: a consent wall, an error page with status 200, or a moved feed
    MALFORMED = "malformed"  # broken XML or JSON; entries before and after the break are used
    TRUNCATED = "truncated"  # compressed data that ends early
    TOO_LARGE = "too-large"  # read up to the sitemap protocol's 50 MB
    UNKNOWN = "unknown-format"  # neither feed, sitemap nor page
    TOO_COSTLY = "too-costly"  # its parser was ended: too slow, or too much memory
    NO_LINKS = "no-article-links"  # a section page without links that look like articles


@dataclass(frozen=True, slots=True)
class ListingEntry:
    """One article URL that a listing names, absolute."""

    url: str
    title: str | None = None
    published: datetime | None = None  # timezone-aware
    modified: datetime | None = None  # timezone-aware
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    license: str | None = None  # RSL terms as XML, or the address of a licence

    def hints(self, via: str) -> Hints:
        """The entry as hints for cleaning."""
        return Hints(self.title, self.published, self.modified, via, self.authors, tags=self.tags, license=self.license)


@dataclass(frozen=True, slots=True)
class Child:
    """A sitemap that an index names."""

    url: str
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything read from one document."""

    entries: tuple[ListingEntry, ...] = ()
    children: tuple[Child, ...] = ()
    next_page: str | None = None
    next_is_guess: bool = False  # nothing says that there is a next page: that it is not there is no fault
    fault: Fault | None = None
    detail: str | None = None

    def dates(self) -> list[datetime]:
        """Every date in it."""
        dates = [moment for e in self.entries for moment in (e.published, e.modified) if moment]
        return dates + [c.modified for c in self.children if c.modified]

    def newest(self) -> datetime | None:
        """The latest date in it."""
        return max(self.dates(), default=None)


@dataclass(frozen=True, slots=True)
class Span:
    """A range of publication dates by the publisher's calendar, both inclusive; ``end`` None is open."""

    start: date
    end: date | None = None

    def may_hold(self, entry: ListingEntry) -> bool:
        """Whether an entry could have been published in the span; True if nothing dates it."""
        if entry.published is not None:
            return self._overlaps(_day(entry.published), _day(entry.published))
        period = period_in(entry.url, whole_day=True)
        if period is not None:
            return self._overlaps(*period)
        # It was modified then, so it was published then or earlier.
        return entry.modified is None or _day(entry.modified) + ZONE_MARGIN >= self.start

    def may_list(self, child: Child) -> bool:
        """Whether a sitemap could list articles of the span."""
        period = period_in(child.url)
        if period is not None:
            return self._overlaps(*period)
        return child.modified is None or _day(child.modified) + ZONE_MARGIN >= self.start

    def _overlaps(self, first: date, last: date) -> bool:
        # The margin applies to the listed date: the span's own ends may be the calendar's limits.
        return last + ZONE_MARGIN >= self.start and (self.end is None or first - ZONE_MARGIN <= self.end)


def day_of_entry(entry: ListingEntry) -> date | None:
    """The day (UTC) of an entry: of its publication, else in its address, else of its change; None if it has none."""
    if entry.published is not None:
        return _day(entry.published)
    period = period_in(entry.url, whole_day=True)
    if period is not None:
        return period[0]
    return _day(entry.modified) if entry.modified is not None else None


def recent(listing: Listing, days: int, today: date) -> Span | None:
    """The last days before the newest date in a listing; None if it has no dates.

    Counted from the listing's own newest date, not from today: a site that publishes rarely is still read. A date that
    is yet to come is a mistake, or the number of a file, and would put everything else out of the span.
    """
    latest = today + ZONE_MARGIN
    periods = [period for period in (period_in(c.url) for c in listing.children) if period]
    ends = [min(last, latest) for first, last in periods if first <= latest]
    ends += [day for moment in listing.dates() if (day := _day(moment)) <= latest]
    return Span(max(ends) - timedelta(days=days)) if ends else None


def period_in(url: str, *, whole_day: bool = False) -> tuple[date, date] | None:
    """First and last day of the day, month or year named in an address: ``sitemap-2020-07.xml``, ``/2020/07/15/``."""
    day = _DAY_IN_URL.search(url)
    if day:
        try:
            named = date(int(day[1]), int(day[2]), int(day[3]))
        except ValueError:
            return None
        return named, named
    if whole_day:
        return None
    month = _MONTH_IN_URL.search(url)
    if month:
        first = date(int(month[1]), int(month[2]), 1)
        return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    year = _YEAR_IN_URL.search(url)
    return (date(int(year[1]), 1, 1), date(int(year[1]), 12, 31)) if year else None


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
