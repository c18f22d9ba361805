"""How articles and sources are related: rows of ``rewrites``, ``series``, ``passages``, ``edges``, ``originality`` and
``aliases``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cleaning.records.columns import DATE, FLOAT, INT32, INT64, STRING, column


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A possible rewrite or follow-up of an article: a row of ``rewrites``; a link with its score, never a merge."""

    article_id: str = column(STRING, "The later article.")
    rewrite_of: str = column(STRING, "article_id of the earlier one.")
    score: float = column(FLOAT, "Evidence, 0 to 1: see docs/duplicates.md.")
    names_score: float = column(FLOAT, "IDF cosine of names and figures.")
    words_score: float = column(FLOAT, "tf-idf cosine of words.")
    source: str = column(STRING, "Source of the later article.")
    published_date: date = column(DATE, "Partition: published_date of the later article.")
    relation: str | None = column(
        STRING,
        "rewrite (the same state of affairs in other words) or follow_up (the next step of the story). Null in rows "
        "of earlier releases.",
        nullable=True,
        default=None,
    )


@dataclass(frozen=True, slots=True)
class SeriesMember:
    """A report of a form that recurs: a row of ``series``; other names, figures and days in the same sentences."""

    article_id: str = column(STRING, "The report: an article of its own.")
    template_id: str = column(STRING, "The form: article_id of the first report of it that was committed.")
    previous: str | None = column(
        STRING, "article_id of the latest earlier report of the form. Null for the first.", nullable=True
    )
    period_days: int | None = column(
        INT32, "Days since that one; their median is the period of the series. Null for the first.", nullable=True
    )
    published_date: date = column(DATE, "Partition: published_date of the report.")


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of words that a text shares with the article it is linked to: a row of ``passages``."""

    article_id: str = column(STRING, "The copy, or the later article of a rewrite or follow-up.")
    other_id: str = column(STRING, "The article that it is linked to.")
    start: int = column(INT32, "Offset of the first character in text of article_id, from 0.")
    length: int = column(INT32, "Characters there.")
    other_start: int = column(INT32, "Offset of the first character in text of other_id, from 0.")
    other_length: int = column(INT32, "Characters there.")
    words: int = column(INT32, "Words of the run, the same in both but for case, accents and punctuation.")
    relation: str = column(STRING, "Relation of the two texts, as in `duplicates` or `rewrites`.")
    source: str = column(STRING, "Source of article_id.")
    published_date: date = column(DATE, "Partition: published_date of article_id.")


@dataclass(frozen=True, slots=True)
class Edge:
    """What one source took from another on one day: a row of ``edges``; shares are means over its copies."""

    from_source: str = column(STRING, "Source of the articles.")
    to_source: str = column(STRING, "Source of the copies.")
    articles: int = column(INT32, "Copies of the day, round-ups counted once for each article that they hold.")
    median_lag_seconds: int | None = column(
        INT64, "Median of lag_seconds. Null where no copy and article are both dated.", nullable=True
    )
    kept_share: float = column(FLOAT, "Share of the articles that the copies kept, 0 to 1.")
    cut_share: float = column(FLOAT, "Share of the articles that the copies left out.")
    added_share: float = column(FLOAT, "Share of the copies that the articles do not have.")
    credited: int = column(
        INT32, "Copies that name the article's agency or source: as agency, as author, or in their text."
    )
    agency: str | None = column(
        STRING, "The agency that most of the articles credit. Null where most credit none.", nullable=True
    )
    published_date: date = column(DATE, "Partition: published_date of the copies.")


@dataclass(frozen=True, slots=True)
class Originality:
    """How much of what a source published in a week is its own: a row of ``originality``."""

    source: str = column(STRING, "The source.")
    texts: int = column(INT32, "Articles and copies of the week, each text once.")
    copies: int = column(INT32, "Of these, copies and round-ups.")
    agency_texts: int = column(INT32, "Of these, texts that credit an agency, whether or not it is in the lake.")
    words: int = column(INT64, "Words of the texts.")
    own_words: int = column(
        INT64, "Words that no earlier text has: all of an article without agency, and what copies added."
    )
    originality: float = column(FLOAT, "own_words over words, 0 to 1.")
    published_date: date = column(DATE, "Partition: the Monday of the week (ISO 8601).")


@dataclass(frozen=True, slots=True)
class Alias:
    """Two clusters that turned out to be one story: a row of ``aliases``; cluster_id itself never changes."""

    cluster_id: str = column(STRING, "The later cluster.")
    same_as: str = column(STRING, "The earlier cluster that it belongs to.")
    published_date: date = column(DATE, "Partition: published_date of the article that joined them.")
