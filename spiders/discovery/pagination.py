"""The next page of a list, by the number in its address, and how far pages are followed. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from spiders.discovery.listing import ZONE_MARGIN, Listing, Span, day_of_entry

# How publishing systems number the pages of their lists: WordPress, Ghost and Hugo (/page/2/), Jekyll (/page2/),
# Drupal and others (?page=2), WordPress without pretty addresses (?paged=2).
_IN_PATH = re.compile(
    r"^(?P<base>.*?)/(?:page|seite|pagina|sida|side|strana|p)[/-]?(?P<number>\d{1,4})/?$", re.IGNORECASE
)
_KEYS = ("paged", "page", "pg", "seite", "pagina")
PAGE_MAX = 9_999


@dataclass(frozen=True, slots=True)
class PageWalk:
    """The pages of one list that a run reads, one after the other."""

    pages: int  # at most
    # Whether a page whose entries are all known is no end: of a list that was never read, and in a backfill, the first
    # pages may hold nothing but what a feed, or the daily crawl, has listed already.
    is_through: bool = False
    span: Span | None = None  # days that are wanted; a page that lists only older entries is the end
    listed: frozenset[str] = frozenset()  # by the pages so far: some sites answer any number with the same page

    def has_ended(self, listing: Listing, new: int) -> bool:
        """Whether there is no point in the page after this one, which listed ``new`` unknown URLs."""
        if not self.is_through:
            return new == 0
        return self.listed.issuperset(entry.url for entry in listing.entries)

    def is_past(self, listing: Listing) -> bool:
        """Whether every entry of a page is older than the wanted days; False where one of them has no date."""
        if not self.is_through or self.span is None:
            return False
        days = [day_of_entry(entry) for entry in listing.entries]
        return all(day is not None and day + ZONE_MARGIN < self.span.start for day in days)

    def after(self, listing: Listing) -> PageWalk:
        """The walk with a page behind it."""
        return replace(self, listed=self.listed.union(entry.url for entry in listing.entries))


def page_number(url: str) -> tuple[str, int]:
    """The address of a list without its page number, and that number; 1 where it has none."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    numbered = [(key, value) for key, value in query if key in _KEYS and value.isdecimal() and len(value) <= 4]
    rest = urlencode([pair for pair in query if pair not in numbered])
    match = _IN_PATH.match(parts.path)
    path = match["base"] if match else parts.path.rstrip("/")
    base = urlunsplit((parts.scheme, parts.netloc.lower(), path, rest, ""))
    if match:
        return base, int(match["number"])
    return base, int(numbered[0][1]) if numbered else 1


def next_page(url: str, links: Iterable[str]) -> str | None:
    """The link that leads to the page after ``url``, judged by the numbers in the addresses; None if there is none."""
    base, number = _number_of(url)
    for link in links:
        if _number_of(link) == (base, number + 1):
            return link
    return None


def numbered(url: str, key: str) -> str | None:
    """The address of the page after ``url`` where pages are numbered by a key of the query; None beyond the last."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    current = query.get(key, "1")
    if not current.isdecimal() or int(current) >= PAGE_MAX:
        return None
    return urlunsplit(parts._replace(query=urlencode({**query, key: str(int(current) + 1)})))


def _number_of(url: str) -> tuple[str, int]:
    try:
        return page_number(url)
    except ValueError:  # no address, as some ``href`` values
        return url, 0
