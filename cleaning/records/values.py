"""The closed lists: what some columns hold is one of these words."""

from __future__ import annotations

from enum import StrEnum


class Confidence(StrEnum):
    """How far a publication date can be trusted."""

    HIGH = "high"  # machine-readable, in the page's own metadata, with a time
    MEDIUM = "medium"  # machine-readable without a time, or given by a feed or sitemap
    LOW = "low"  # read from the visible text or the URL
    NONE = "none"  # no date was found


class Relation(StrEnum):
    """How a copy relates to the article that it copies (Broder 1997: resemblance, containment)."""

    EXACT = "exact"  # the normalised bodies are the same
    NEAR = "near"  # most of both texts is shared
    VERSION = "version"  # as near or contained, on the host of its article: an update under a new address
    CONTAINED = "contained"  # one text contains most of the other, which is clearly shorter
    AGGREGATE = "aggregate"  # contains two otherwise unconnected articles: a link, never a merge
    REWRITE = "rewrite"  # same names and figures in other words: a link with a score, never a merge
    FOLLOW_UP = "follow_up"  # the next or an earlier step of the same story: a link with a score, never a merge


class Reason(StrEnum):
    """Why a fetched page is not a row of ``articles``; ``Rejection.detail`` contains the evidence."""

    EMPTY = "empty"
    NOT_HTML = "not-html"
    ERROR_PAGE = "error-page"
    CONSENT_WALL = "consent-wall"
    PAYWALL_STUB = "paywall-stub"
    SECTION_PAGE = "section-page"
    STATIC_PAGE = "static-page"
    GALLERY = "gallery"
    VIDEO = "video"
    LIVE_TICKER = "live-ticker"
    TOO_SHORT = "too-short"
    OTHER_LANGUAGE = "other-language"
    TOO_LARGE = "too-large"
    TOO_DEEP = "too-deep"
    TIME_LIMIT = "time-limit"
    UNREADABLE = "unreadable"
    OPTED_OUT = "opted-out"
