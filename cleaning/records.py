"""The contract: what passes between the stages, and every column of every table.

A table is a frozen dataclass whose fields are made by :func:`column`; the Arrow schema (:mod:`cleaning.schema.arrow`)
and the data dictionary (data/README.md) are derived from the same fields, so the three cannot disagree.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

# Arrow types by name: Arrow itself takes a fifth of a second to load, and cleaning a page does without it.
STRING = "string"
STRINGS = "list<string>"
COUNTS = "map<string, int32>"
BOOL = "bool"
INT16, INT32, INT64 = "int16", "int32", "int64"
FLOAT = "float32"
DATE = "date32"
TIMESTAMP = "timestamp[us, tz=UTC]"


@dataclass(frozen=True, slots=True)
class Column:
    """What the data dictionary says about one column: name of the Arrow type, meaning, unit, origin, when it is null."""

    stored: str
    doc: str
    nullable: bool

    @property
    def type(self) -> pa.DataType:
        """The Arrow type."""
        import pyarrow as pa  # noqa: PLC0415  see above

        if self.stored == STRINGS:
            return pa.list_(pa.string())
        if self.stored == COUNTS:
            return pa.map_(pa.string(), pa.int32())
        return pa.timestamp("us", tz="UTC") if self.stored == TIMESTAMP else pa.type_for_alias(self.stored)


def column(stored: str, doc: str, *, nullable: bool = False, default: Any = MISSING) -> Any:
    """A dataclass field that is also a column of a table; typed as Any, as ``dataclasses.field`` is."""
    metadata = {"column": Column(stored, doc, nullable)}
    if default is MISSING:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


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


@dataclass(frozen=True, slots=True)
class Hints:
    """What discovery said about a URL before it was fetched (feed entry or sitemap); all of it may be absent.

    Attributes:
        title: as the listing gives it.
        published: timezone-aware.
        modified: a sitemap's lastmod; timezone-aware.
        via: URL of the feed, sitemap or section page.
    """

    title: str | None = None
    published: datetime | None = None  # timezone-aware
    modified: datetime | None = None  # sitemap lastmod; timezone-aware
    via: str | None = None  # URL of the feed, sitemap or section page
    authors: tuple[str, ...] = ()  # dc:creator, author
    section: str | None = None  # only where the entry tells sections from tags
    tags: tuple[str, ...] = ()  # category, media:keywords, news:keywords
    license: str | None = None  # RSL terms as XML, or the address of a licence, as the entry states them


@dataclass(frozen=True, slots=True)
class Statement:
    """A document of a page's site that says what may be done with its pages, as it was when the page was fetched.

    Attributes:
        kind: robots.txt, tdmrep.json or rsl.
        url: where it was read.
        fetched_at: when it was read or last confirmed; UTC, timezone-aware.
        text: whole.
    """

    kind: str
    url: str
    fetched_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class RawPage:
    """A fetched response, as stored in the raw archive.

    Attributes:
        url: after redirects.
        source: name of the catalogue entry, or any name for a site outside the catalogue.
        body: bytes as served, content-encoding removed.
        fetched_at: UTC, timezone-aware; no published date is later.
        run_id: the crawl that fetched it; may be empty.
        raw_file: relative to the lake's root, with forward slashes; a file path outside any lake.
        raw_offset: byte offset in raw_file at which the record starts.
        status: final HTTP status.
        content_type: the header, including parameters; None if there was none.
        robots_tag: the X-Robots-Tag header.
        tdm_reservation: the tdm-reservation header (W3C TDMRep).
        hints: what discovery said about the page.
        headers: those that state rights, in order: (name in lower case, value).
        statements: what the site said about its pages.
    """

    url: str
    source: str
    body: bytes
    fetched_at: datetime
    run_id: str
    raw_file: str
    raw_offset: int
    status: int = 200
    content_type: str | None = None
    robots_tag: str | None = None
    tdm_reservation: str | None = None
    hints: Hints = Hints()
    headers: tuple[tuple[str, str], ...] = ()
    statements: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class RawText:
    """Text extracted by another scraper: no markup, so only the line rules can help.

    Attributes:
        text: lines or paragraphs, separated by line breaks.
        source: name of the catalogue entry, or any name for a site outside the catalogue.
        fetched_at: UTC, timezone-aware; for a file, its modification time.
        raw_file: path of the file it came from.
        url: None if unknown; then raw_file identifies the article.
        title: headline; None if unknown.
        authors: names, in order.
        published: timezone-aware; ignored if later than fetched_at.
        language: BCP 47 primary subtag; None lets the text decide.
        run_id: the crawl that fetched it; may be empty.
        raw_offset: byte offset in raw_file; 0 for a file of its own.
    """

    text: str
    source: str
    fetched_at: datetime
    raw_file: str
    url: str | None = None
    title: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    language: str | None = None
    run_id: str = ""
    raw_offset: int = 0


@dataclass(frozen=True, slots=True)
class LayoutVersion:
    """Facts of a layout, valid for pages published from ``start`` up to but not including ``end``.

    Attributes:
        start: first publication day; None is open.
        end: the day after the last one; None is open.
        body: XPaths; the article's text is below these elements and nowhere else.
        prune: XPaths of elements that are never text.
    """

    start: date | None = None
    end: date | None = None
    body: tuple[str, ...] = ()
    prune: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """The part of a catalogue entry that cleaning may know; the defaults fit an unknown site.

    Attributes:
        name: of the catalogue entry.
        languages: BCP 47 primary subtags that are accepted; empty accepts any.
        timezone: IANA name, for dates without a zone; an unknown name counts as UTC.
        site_names: names of the site, dropped from titles and authors.
        eras: its layout versions, in any order.
        min_words: words that an article needs; None is the default of cleaning/quality.toml.
        license: what the catalogue knows about it; unknown leaves the word to the page.
    """

    name: str
    languages: tuple[str, ...] = ()  # BCP 47 primary subtags; a text in another one is flagged
    timezone: str = "UTC"  # IANA name, for dates without a zone
    site_names: tuple[str, ...] = ()  # dropped from titles and authors
    eras: tuple[LayoutVersion, ...] = ()
    min_words: int | None = None  # None: the default of cleaning/quality.toml
    reject_other_languages: bool = False  # a text in another language is no article of this source
    low_confidence: float | None = None  # text_confidence below which an article is flagged; None: as above
    license: str = "unknown"  # SPDX id or address


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
        TIMESTAMP, "Last change that the page states, UTC. Null where it states none.", nullable=True
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
class Removal:
    """One line or block that was extracted and then removed, as cleaning returns it.

    Attributes:
        position: index among the extracted lines of its page, from 0.
        text: the line or block, complete.
        rule: id of the rule, e.g. en/comment-form, model/boilerplate, template/site-line.
        why: one sentence.
        probability: of being boilerplate, 0 to 1; None if no model decided.
    """

    position: int
    text: str
    rule: str
    why: str
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class RemovalRow:
    """A row of ``removals``."""

    article_id: str = column(STRING, "The article or copy it was taken from.")
    revision: int = column(INT32, "Its revision.")
    position: int = column(INT32, "Index among the extracted lines of the page, from 0.")
    text: str = column(STRING, "The line or block, whole.")
    rule: str = column(STRING, "Id of the rule that took it: cleaning/rules/*.toml, or template/…, model/…, page/….")
    probability: float | None = column(
        FLOAT, "That it is boilerplate, 0 to 1, where the block model decided. Null for rules.", nullable=True
    )
    source: str = column(STRING, "Source of the article.")
    published_date: date = column(DATE, "Partition: published_date of the article.")


@dataclass(frozen=True, slots=True)
class Signal:
    """One statement of a publisher about the use of a page, as cleaning returns it.

    Attributes:
        name: of cleaning/rights/signals.toml.
        where: header, meta, link, page, json-ld, status, feed, robots.txt or tdmrep.json.
        url: of the document that it stands in.
        seen_at: when that was read; UTC.
        text: as written, its first 2,000 characters.
        text_hash: 128 bits of the SHA-256 of the whole text, 32 hex digits.
        forbids: the uses that it reserves.
    """

    name: str
    where: str
    url: str
    seen_at: datetime
    text: str
    text_hash: str
    forbids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RightsRow:
    """A row of ``rights``: one signal about one fetched page."""

    article_id: str = column(STRING, "The page's article, copy or rejection: identity of its canonical URL.")
    url: str = column(STRING, "The address the page was read from, after redirects.")
    source: str = column(STRING, "Name of the catalogue entry.")
    fetched_at: datetime = column(TIMESTAMP, "When the page was fetched, UTC.")
    position: int = column(INT32, "Index among the signals about this page, from 0.")
    signal: str = column(STRING, "Its name in cleaning/rights/signals.toml.")
    where: str = column(
        STRING, "Where it stood: header, meta, link, page, json-ld, status, feed, robots.txt, tdmrep.json."
    )
    statement_url: str = column(STRING, "The document that it stood in.")
    seen_at: datetime = column(TIMESTAMP, "When that document was read or last confirmed, UTC.")
    text: str = column(STRING, "As written, its first 2,000 characters.")
    text_hash: str = column(STRING, "128 bits of the SHA-256 of the whole text, 32 hex digits.")
    forbids: tuple[str, ...] = column(STRINGS, "Uses that it reserves: search, research, train. May be empty.")
    raw_file: str = column(STRING, "Of the page.")
    raw_offset: int = column(INT64, "Of the page.")
    fetched_date: date = column(DATE, "Partition: UTC date of fetched_at.")


@dataclass(frozen=True, slots=True)
class Rejection:
    """A page that is not an article: a row of ``rejected``, and what cleaning returns for it."""

    url: str = column(STRING, "The address the page was read from, after redirects.")
    canonical_url: str = column(STRING, "As in `articles`.")
    source: str = column(STRING, "Name of the catalogue entry.")
    host: str = column(STRING, "Host of canonical_url, without `www.`.")
    reason: str = column(STRING, "One word of a closed list: see cleaning/records.py, Reason.")
    detail: str = column(STRING, "The evidence, for a person.")
    title: str | None = column(STRING, "Headline, where one was read.", nullable=True)
    word_count: int = column(INT32, "Words of what was extracted.")
    fetched_at: datetime = column(TIMESTAMP, "When it was fetched, UTC.")
    fetched_date: date = column(DATE, "Partition: UTC date of fetched_at.")
    rules_version: str = column(STRING, "As in `articles`.")
    run_id: str = column(STRING, "The crawl that fetched the page.")
    raw_file: str = column(STRING, "WARC file below the lake's root.")
    raw_offset: int = column(INT64, "Byte offset of the record in raw_file.")


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


@dataclass(frozen=True, slots=True)
class Alias:
    """Two clusters that turned out to be one story: a row of ``aliases``; cluster_id itself never changes."""

    cluster_id: str = column(STRING, "The later cluster.")
    same_as: str = column(STRING, "The earlier cluster that it belongs to.")
    published_date: date = column(DATE, "Partition: published_date of the article that joined them.")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The result of cleaning a page: an article or a rejection, and every line that was removed from it.

    Attributes:
        result: an Article, or a Rejection with its reason and evidence.
        removals: removed lines and blocks, in page order.
        seconds: CPU seconds; set by the caller, since cleaning knows no clock.
        found: text of a page that was read and then rejected, for whoever disagrees; empty for an article.
        signals: what the publisher said about the use of the page.
    """

    result: Article | Rejection
    removals: tuple[Removal, ...] = ()
    seconds: float = 0.0
    found: str = ""
    signals: tuple[Signal, ...] = ()
