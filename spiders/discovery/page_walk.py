"""How far the pages of one list are followed: as far as there is news, or, where the list is new, through it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from spiders.discovery.listing import ZONE_MARGIN, Listing, Span, day_of_entry


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
