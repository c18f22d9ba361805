"""What a release holds at each level: whole tables, what is derived from texts, or ids alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from cleaning.schema.arrow import TABLES, columns, schema
from flows.lake.store import Lake

LEVELS = ("full", "derived", "ids")
# What tells where a text is and what it was, and nothing of what it says.
ID_COLUMNS = (
    "article_id", "revision", "url", "canonical_url", "source", "published_at", "published_date", "fetched_at",
    "language", "word_count", "text_hash", "cluster_id", "license", "rights", "extractor", "rules_version", "run_id",
    "raw_file", "raw_offset",
)  # fmt: skip
# Columns of words: what the level derived leaves out of the tables that it has.
TEXT_COLUMNS = frozenset({"text", "title", "description", "authors", "tags", "image_url", "site_name", "section"})
DERIVED_TABLES = ("articles", "duplicates", "rewrites", "aliases", "rights")
# A gram of one article alone may quote it: those of at least two are counted.
NGRAM_ARTICLES = 2
_WORD = re.compile(r"\w+")
NGRAMS = pa.schema(
    [
        pa.field("published_date", pa.date32(), nullable=False),
        pa.field("language", pa.string()),
        pa.field("gram", pa.string(), nullable=False),
        pa.field("articles", pa.int32(), nullable=False),
        pa.field("occurrences", pa.int32(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True)
class ReleasedTable:
    """A table of a release: its columns, and its rows a few at a time."""

    name: str
    doc: str
    columns: pa.Schema
    rows: Iterator[pa.Table]


def tables_of(lake: Lake, level: str, start: date | None, end: date | None) -> Iterator[ReleasedTable]:
    """The tables of a level, in order.

    Args:
        lake: only read.
        level: of LEVELS.
        start: first day of the partitions, inclusive; None is open.
        end: last day, inclusive; None is open.
    """
    names = {"full": tuple(TABLES), "derived": DERIVED_TABLES, "ids": ("articles", "duplicates")}[level]
    for name in names:
        kept = [column for column in columns(TABLES[name].row) if _is_released(level, name, column)]
        whole = schema(TABLES[name].row)
        wanted = pa.schema([whole.field(column) for column in kept], metadata=whole.metadata)
        days = lake.dates(name, start, end)
        yield ReleasedTable(name, TABLES[name].doc, wanted, lake.stream(name, days, kept))
    if level == "derived":
        doc = "Word 3-grams of a day's articles in one language, those of at least two articles."
        days = lake.dates("articles", start, end)
        yield ReleasedTable("ngrams", doc, NGRAMS, (_ngrams(lake, day) for day in days))


def _is_released(level: str, table: str, column: str) -> bool:
    if level == "ids":
        return column in ID_COLUMNS or (table == "duplicates" and column in ("duplicate_of", "relation"))
    # The text of a signal is the publisher's statement, not an article's.
    return level == "full" or table == "rights" or column not in TEXT_COLUMNS


def _ngrams(lake: Lake, day: date) -> pa.Table:
    articles: Counter[tuple[str | None, str]] = Counter()
    occurrences: Counter[tuple[str | None, str]] = Counter()
    for rows in lake.stream("articles", [day], ["language", "text"]):
        for language, text in zip(rows["language"].to_pylist(), rows["text"].to_pylist(), strict=True):
            words = _WORD.findall(text.casefold())
            grams = [" ".join(words[at : at + 3]) for at in range(len(words) - 2)]
            occurrences.update((language, gram) for gram in grams)
            articles.update((language, gram) for gram in set(grams))
    kept = sorted((key for key, n in articles.items() if n >= NGRAM_ARTICLES), key=lambda key: (key[0] or "", key[1]))
    return pa.Table.from_pylist(
        [
            {
                "published_date": day,
                "language": language,
                "gram": gram,
                "articles": articles[language, gram],
                "occurrences": occurrences[language, gram],
            }
            for language, gram in kept
        ],
        schema=NGRAMS,
    )


def null_shares(nulls: Counter[str], rows: int) -> dict[str, float]:
    """The share of nulls of each column, 0 to 1."""
    return {name: count / rows for name, count in nulls.items()} if rows else {}


def count_nulls(rows: pa.Table) -> Counter[str]:
    """Nulls and empty lists by column."""
    counts: Counter[str] = Counter()
    for name in rows.schema.names:
        column = rows.column(name)
        counts[name] += column.null_count
        if pa.types.is_list(column.type):
            counts[name] += int(pc.sum(pc.equal(pc.list_value_length(column), 0)).as_py() or 0)
    return counts
