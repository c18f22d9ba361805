"""The kinds of ways by which URLs are discovered, and the set of those that listed a URL as one number."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Kind(StrEnum):
    """The kind of listing that an endpoint serves.

    Each has a bit of the frontier's column ``listed_by``, by its place here: append, and change no order.
    """

    FEED = "feed"
    NEWS_SITEMAP = "news-sitemap"
    SITEMAP = "sitemap"
    SECTION = "section"
    ARCHIVE = "archive"  # a section page of one date
    API = "api"  # the publishing system's own list of posts
    IMPORT = "import"  # a WARC archive that others made


# What these list are articles; the others also list pages of other kinds.
LISTING_ARTICLES = frozenset({Kind.FEED, Kind.NEWS_SITEMAP, Kind.API})
_BITS = {kind: 1 << place for place, kind in enumerate(Kind)}


def kind_bits(kinds: Iterable[Kind]) -> int:
    """The number that stands for a set of kinds."""
    return sum(_BITS[kind] for kind in set(kinds))


def kinds_of(bits: int | None) -> frozenset[Kind]:
    """The kinds that a number stands for; none for null. Bits of a later release are left out."""
    return frozenset(kind for kind, bit in _BITS.items() if (bits or 0) & bit)
