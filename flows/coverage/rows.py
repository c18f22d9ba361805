"""The rows of ``coverage`` for one source and day: what each way listed, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from cleaning.records import Coverage
from flows.coverage.estimate import Captures, missed
from flows.coverage.fates import Fate
from flows.coverage.words import gap_in_words
from flows.lake.index import PublishedAs
from spiders.discovery.listing import period_in
from spiders.frontier.bookkeeping.coverage_records import ListedUrl
from spiders.frontier.outcomes import Outcome

ANY = "any"
# Before the keys of ``reasons``: some words are both a reason of publishing and an outcome of the crawl.
REJECTED, FAILED = "rejected/", "failed/"
_PARTS = {
    PublishedAs.ARTICLE: "articles",
    PublishedAs.DUPLICATE: "copies",
    PublishedAs.REJECTED: "rejected",
}


def day_of(url: ListedUrl, fate: Fate) -> tuple[date, bool]:
    """The day under which a URL is counted, and whether it is that of its publication."""
    if fate.published_date is not None:
        return fate.published_date, True
    if url.published is not None:
        return datetime.fromisoformat(url.published).astimezone(UTC).date(), True
    period = period_in(url.url, whole_day=True)
    if period is not None:
        return period[0], True
    return datetime.fromtimestamp(url.first_seen, UTC).date(), False


def rows_of_day(
    source: str, day: date, urls: Sequence[tuple[ListedUrl, Fate]], reaching: Collection[str]
) -> list[Coverage]:
    """One row for each way that listed something or reaches the day, and one for all ways together.

    Args:
        source: its name.
        day: of the rows.
        urls: those that are counted under it, with their fates. Redirects are left out: their targets count.
        reaching: the ways that reach the day.
    """
    counted = [(url, fate) for url, fate in urls if url.outcome != Outcome.MOVED and url.kinds]
    if not counted:
        return []
    ways = sorted({str(kind) for url, _ in counted for kind in url.kinds} | set(reaching))
    rows = [_row(source, day, way, [(u, f) for u, f in counted if way in u.kinds], way in reaching) for way in ways]
    captures = Captures.of([[str(kind) for kind in url.kinds] for url, _ in counted], reaching)
    estimate = missed(captures)
    whole = replace(
        _row(source, day, ANY, counted, len(reaching) > 1),
        missing=estimate.number if estimate else None,
        missing_low=estimate.low if estimate else None,
        missing_high=estimate.high if estimate else None,
    )
    return [replace(whole, gap=gap_in_words(whole, [way for way in ways if way in reaching])), *rows]


def _part(url: ListedUrl, fate: Fate) -> str:
    """The column that counts a URL, besides ``fetched``; empty where it is fetched and no row yet."""
    if url.is_fetched:
        return _PARTS.get(fate.kind, "") if fate.kind else ""
    return "never_tried" if url.outcome is None else "failed"


def _reason(url: ListedUrl, fate: Fate) -> str:
    """Why a URL is no article; empty where it is one, or may become one."""
    part = _part(url, fate)
    if part == "rejected":
        return f"{REJECTED}{fate.reason}"
    return f"{FAILED}{url.outcome}" if part == "failed" else ""


def _row(source: str, day: date, way: str, urls: Sequence[tuple[ListedUrl, Fate]], reaches: bool) -> Coverage:
    counts = Counter(_part(url, fate) for url, fate in urls)
    reasons = Counter(reason for url, fate in urls if (reason := _reason(url, fate)))
    several = Counter(len(url.kinds) for url, _ in urls)
    return Coverage(
        source=source,
        published_date=day,
        way=way,
        reaches=reaches,
        listed=len(urls),
        listed_alone=several[1],
        listed_twice=several[2],
        undated=sum(not day_of(url, fate)[1] for url, fate in urls),
        fetched=len(urls) - counts["failed"] - counts["never_tried"],
        articles=counts["articles"],
        copies=counts["copies"],
        rejected=counts["rejected"],
        failed=counts["failed"],
        never_tried=counts["never_tried"],
        reasons=dict(reasons),
        missing=None,
        missing_low=None,
        missing_high=None,
        gap=None,
    )
