"""An article, its copies and its earlier versions: rows of ``articles``, ``duplicates`` and ``revisions``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from cleaning.records.columns import BOOL, DATE, FLOAT, INT16, INT32, INT64, STRING, STRINGS, TIMESTAMP, column


@dataclass(frozen=True, slots=True)
class Article:
    """One article: a row of ``articles``, and what cleaning returns for a page that is one."""

    article_id: str = column(
        STRING, "Identity: 128 bits of the SHA-256 of canonical_url, 32 hex digits. The same for ever."
    )
    revision: int = column(
        INT32,
        "1 for what was first seen at this URL, 2 for the next text, headline, authors or date, …; earlier ones are in `revisions`.",
    )
    url: str = column(STRING, "The address the page was read from, after redirects.")
    canonical_url: str = column(
        STRING,
        "The URL without tracking parameters, AMP and mobile variants; the page's own rel=canonical where it is credible.",
    )
    source: str = column(STRING, "Name of the catalogue entry (spiders/sources/NAME.toml).")
    host: str = column(STRING, "Host of canonical_url, without `www.`.")
    title: str = column(STRING, "Headline, without the site's name. Empty where the page has none.")
    authors: tuple[str, ...] = column(
        STRINGS,
        "Names as credited, in the page's order: persons, without `By`, roles or URLs; where no person is named, the agency or newsroom. Empty where none is.",
    )
    published_at: datetime | None = column(
        TIMESTAMP, "First publication, UTC. Null where no date was found. Never after fetched_at.", nullable=True
    )
    modified_at: datetime | None = column(
        TIMESTAMP,
        "Last change that the page states, else the feed or sitemap that listed it, UTC. Null where none does.",
        nullable=True,
    )
    fetched_at: datetime = column(TIMESTAMP, "When this revision was first fetched, UTC.")
    published_offset: int | None = column(
        INT16,
        "Zone of published_at as the page stated it, minutes east of UTC. Null where it stated none.",
        nullable=True,
    )
    published_date: date = column(
        DATE,
        "The partition: UTC date of published_at, or of fetched_at where that is null. The folder column `date` is the same, as text in pandas.",
    )
    date_source: str = column(
        STRING, "Where published_at was found: json-ld, meta, time-element, feed, sitemap, url, text, or none."
    )
    date_confidence: str = column(
        STRING,
        "high (metadata with a time), medium (without a time, or from a feed or sitemap), low (text or URL), none.",
    )
    language: str | None = column(
        STRING,
        "Language of the text, BCP 47 primary subtag, judged by the text itself. Null where it is too short to tell.",
        nullable=True,
    )
    section: str | None = column(
        STRING, "Section of the site as the page names it. Null where it does not.", nullable=True
    )
    tags: tuple[str, ...] = column(STRINGS, "Keywords of the page, in its order.")
    description: str | None = column(STRING, "The page's own summary. Null where it has none.", nullable=True)
    image_url: str | None = column(STRING, "Lead image, absolute. Null where the page names none.", nullable=True)
    site_name: str | None = column(
        STRING, "Name of the site as the page gives it. Null where it does not.", nullable=True
    )
    text: str = column(
        STRING, "The article: paragraphs separated by a blank line; no headline, caption, boilerplate or markup."
    )
    word_count: int = column(
        INT32, "Words of text (runs of letters and digits; in scripts without spaces, characters)."
    )
    text_hash: str = column(
        STRING,
        "128 bits of the SHA-256 of the normalised text (NFKC, accents, case, zero-width, spaces), 32 hex digits.",
    )
    cluster_id: str = column(
        STRING,
        "Story: article_id of the first committed article among its copies. Equal to article_id where there is no copy.",
    )
    is_paywalled: bool = column(
        BOOL, "The page says that it is not free to read (isAccessibleForFree, or its own notice)."
    )
    is_truncated: bool = column(BOOL, "The text breaks off: a paywall or a read-more cut it.")
    training_opt_out: bool = column(
        BOOL,
        "Whether a signal reserves AI training: `train` is not in `rights`. The signals are in the table `rights`.",
    )
    flags: tuple[str, ...] = column(
        STRINGS, "Doubts worth a look, e.g. future-date, json-ld-rescue; listed in data/README.md."
    )
    extractor: str = column(STRING, "What found the body, with its version, e.g. trafilatura-2.3.1.")
    rules_version: str = column(STRING, "Hash of all boilerplate rules and thresholds: 12 hex digits.")
    run_id: str = column(
        STRING,
        "The crawl that fetched the page; kept in the raw archive, so that publishing again gives the same bytes.",
    )
    raw_file: str = column(STRING, "Where the bytes are: WARC file below the lake's root.")
    raw_offset: int = column(INT64, "Byte offset of the record in raw_file.")
    text_confidence: float | None = column(
        FLOAT,
        "Word F1 to expect of text against what a person would copy, 0 to 1, calibrated on pages of unseen sites "
        "(docs/cleaning.md). Null where the text came without markup.",
        nullable=True,
        default=None,
    )
    license: str | None = column(
        STRING,
        "Licence of the source (SPDX id or address, from its catalogue entry), or the one that the page names. Null where neither knows one.",
        nullable=True,
        default=None,
    )
    rights: tuple[str, ...] | None = column(
        STRINGS,
        "Uses that no signal reserved when the page was fetched: search, research, train (cleaning/rights/signals.toml). Null where signals were not read: rows of earlier releases, and texts without a page.",
        nullable=True,
        default=None,
    )
    changed: tuple[str, ...] | None = column(
        STRINGS,
        "What this revision changed against the one before: text, title, authors, published_at. Empty for the first; "
        "null in files of schema 1.1.",
        nullable=True,
        default=(),
    )
    origins: tuple[str, ...] | None = column(
        STRINGS,
        "Where title, authors, section and tags were found, as `title:json-ld`: json-ld, meta, h1, title, byline, link, "
        "breadcrumb, feed, or hint (a listing). What was found nowhere is left out. Null in files of schema 1.1.",
        nullable=True,
        default=(),
    )
    gone_at: datetime | None = column(
        TIMESTAMP,
        "When the page first answered 404 or 410, UTC, once a second visit did too. Null while it is there, and again "
        "when it is back.",
        nullable=True,
        default=None,
    )
    agency: str | None = column(
        STRING,
        "News agency that the text credits (Reuters, AP, dpa, …: cleaning/agencies.toml) in dateline, author field or "
        "credits; of several the first. Null where it credits none.",
        nullable=True,
        default=None,
    )


@dataclass(frozen=True, slots=True)
class Duplicate(Article):
    """A copy of an article: a row of ``duplicates``."""

    duplicate_of: str = column(STRING, "article_id of the article that this one copies.", default="")
    relation: str = column(
        STRING,
        "exact, near, version (on the article's own host), contained, or aggregate (a link: it holds several articles).",
        default="exact",
    )
    containment: float = column(
        FLOAT, "Share of this text's word 3-grams that the article holds, 0 to 1 (Broder 1997).", default=1.0
    )
    containment_of_canonical: float = column(
        FLOAT, "Share of the article's word 3-grams that this text holds, 0 to 1.", default=1.0
    )
    jaccard: float = column(
        FLOAT, "Shared word 3-grams over all of both, 0 to 1 (Broder 1997: resemblance).", default=1.0
    )
    added_share: float = column(FLOAT, "Share of this text that the article does not have.", default=0.0)
    cut_share: float = column(FLOAT, "Share of the article that this text left out.", default=0.0)
    lag_seconds: int | None = column(
        INT64,
        "published_at of this copy minus that of the article, seconds; negative where the copy is the older. Null where either is unknown.",
        nullable=True,
        default=None,
    )


@dataclass(frozen=True, slots=True)
class Revision(Article):
    """An earlier version of an article, at its own URL: a row of ``revisions``."""

    superseded_at: datetime | None = column(
        TIMESTAMP, "fetched_at of the revision that took its place.", nullable=True, default=None
    )
