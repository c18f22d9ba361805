"""What one day of fetching brought from one source, in numbers: the material of baselines and charts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb

from flows.lake.index import PublishedAs

# Columns whose fill rate is watched, each with the condition under which a text has it.
FIELDS: dict[str, str] = {
    "title": "title <> ''",
    "authors": "len(authors) > 0",
    "published_at": "published_at IS NOT NULL",
    "modified_at": "modified_at IS NOT NULL",
    "language": "language IS NOT NULL",
    "section": "section IS NOT NULL",
    "tags": "len(tags) > 0",
    "description": "description IS NOT NULL",
    "image_url": "image_url IS NOT NULL",
    "site_name": "site_name IS NOT NULL",
}
# An article this much older than its fetch was not news when it appeared in a feed: feeds reach back a few days.
BACKDATED_DAYS = 14


@dataclass(frozen=True, slots=True)
class SourceDay:
    """One source on one day of fetching (UTC), by its crawls for news; the numbers count pages."""

    source: str
    day: date
    articles: int = 0  # new rows of articles
    duplicates: int = 0  # new rows of duplicates
    revisions: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)  # by reason
    texts: int = 0  # articles and duplicates whose rows are still as fetched: the base of what follows
    filled: Mapping[str, int] = field(default_factory=dict)  # column of FIELDS → texts that have it
    words: float = 0.0  # median of word_count
    words_spread: float = 0.0  # interquartile range of its natural logarithm
    paywalled: int = 0  # is_paywalled or is_truncated
    backdated: int = 0  # published more than BACKDATED_DAYS before the fetch
    future_dated: int = 0  # flag future-date

    @property
    def new(self) -> int:
        """New articles and copies: the yield."""
        return self.articles + self.duplicates

    @property
    def rejections(self) -> int:
        """New rows of rejected."""
        return sum(self.rejected.values())


def source_days(db: duckdb.DuckDBPyConnection) -> dict[tuple[str, date], SourceDay]:
    """Every source and day with a new page, of crawls for news.

    Args:
        db: as given by :func:`flows.reports.history.database.opened`.
    """
    fates: dict[tuple[str, date], Counter[str]] = {}
    rejected: dict[tuple[str, date], Counter[str]] = {}
    backdated: dict[tuple[str, date], int] = {}
    query = (
        "SELECT source, day, fate, reason, count(*), count(*) FILTER (WHERE published_date < day - ?::INTEGER) "
        "FROM published WHERE is_news GROUP BY ALL"
    )
    for source, day, fate, reason, n, old in db.execute(query, [BACKDATED_DAYS]).fetchall():
        fates.setdefault((source, day), Counter())[fate] += n
        if fate == PublishedAs.REJECTED:
            rejected.setdefault((source, day), Counter())[reason or "unknown"] += n
        elif fate in (PublishedAs.ARTICLE, PublishedAs.DUPLICATE):
            backdated[source, day] = backdated.get((source, day), 0) + old
    details = _details(db)
    return {
        key: SourceDay(
            source=key[0],
            day=key[1],
            articles=fate[PublishedAs.ARTICLE],
            duplicates=fate[PublishedAs.DUPLICATE],
            revisions=fate[PublishedAs.REVISION],
            rejected=dict(rejected.get(key, {})),
            backdated=backdated.get(key, 0),
            **details.get(key, {}),
        )
        for key, fate in fates.items()
    }


def _details(db: duckdb.DuckDBPyConnection) -> dict[tuple[str, date], dict[str, Any]]:
    """What the rows themselves say, where the text of that day is still the current one."""
    fills = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in FIELDS.values())
    query = (
        "SELECT t.source, t.day, count(*), median(word_count), "
        "quantile_cont(ln(word_count + 1), .75) - quantile_cont(ln(word_count + 1), .25), "
        "count(*) FILTER (WHERE is_paywalled OR is_truncated), "
        f"count(*) FILTER (WHERE list_contains(flags, 'future-date')), {fills} "
        "FROM texts t SEMI JOIN (SELECT article_id, day FROM published WHERE is_news) p "
        "ON p.article_id = t.article_id AND p.day = t.day GROUP BY ALL"
    )
    found: dict[tuple[str, date], dict[str, Any]] = {}
    for source, day, n, words, spread, paywalled, future, *filled in db.execute(query).fetchall():
        found[source, day] = {
            "texts": n,
            "words": float(words),
            "words_spread": float(spread),
            "paywalled": paywalled,
            "future_dated": future,
            "filled": dict(zip(FIELDS, filled, strict=True)),
        }
    return found
