"""What became of listed URLs: rows of ``coverage``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cleaning.records.columns import BOOL, COUNTS, DATE, FLOAT, INT32, STRING, column


@dataclass(frozen=True, slots=True)
class Coverage:
    """What became of the URLs that one way of discovery listed, of one source and day: a row of ``coverage``."""

    source: str = column(STRING, "Name of the catalogue entry.")
    published_date: date = column(
        DATE,
        "Partition: the day of publication, UTC, as the article states it, else its listing or its URL; the day of "
        "discovery where nothing does.",
    )
    way: str = column(
        STRING, "feed, news-sitemap, sitemap, section, archive, api or import; `any` for all of them together."
    )
    reaches: bool = column(
        BOOL,
        "Whether the way's lists go back to this day, judged by two weeks around it; for `any`, whether two ways do.",
    )
    listed: int = column(INT32, "URLs that the way listed. A redirect counts where it leads to.")
    listed_alone: int = column(INT32, "Of these, listed by no other way; for `any`, by exactly one way.")
    listed_twice: int = column(INT32, "Of these, listed by exactly one other way; for `any`, by exactly two.")
    undated: int = column(INT32, "Of these, without a date: counted on the day on which they were discovered.")
    fetched: int = column(INT32, "Of these, in the raw archive. listed = fetched + failed + never_tried.")
    articles: int = column(INT32, "Of the fetched, rows of `articles`.")
    copies: int = column(INT32, "Of the fetched, rows of `duplicates`, or another address of an article.")
    rejected: int = column(INT32, "Of the fetched, no articles: rows of `rejected`.")
    failed: int = column(INT32, "Never fetched: every visit so far failed.")
    never_tried: int = column(INT32, "Not visited yet.")
    reasons: dict[str, int] = column(
        COUNTS,
        "How many URLs are no articles and why: `rejected/` and a value of `reason`, or `failed/` and an outcome of the "
        "crawl (spiders/frontier/outcomes.py).",
    )
    missing: float | None = column(
        FLOAT,
        "Estimate of the day's articles that no way listed (Chao 1989; for two ways Chapman 1951); a lower bound where "
        "some articles are hard to list for every way. Null but for `any`, and where fewer than two ways reach the day.",
        nullable=True,
    )
    missing_low: float | None = column(FLOAT, "Lower end of its interval of 95 %. Null as missing.", nullable=True)
    missing_high: float | None = column(
        FLOAT, "Upper end. Null as missing, and where the day's lists bound nothing.", nullable=True
    )
    gap: str | None = column(
        STRING,
        "What the day lacks, in words. Null but for `any`, and where nothing is known to be lacking.",
        nullable=True,
    )
