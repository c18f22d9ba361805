"""What cleaning returns for a page besides an article: rejection, removed lines, signals, and their rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from cleaning.records.articles import Article
from cleaning.records.columns import DATE, FLOAT, INT32, INT64, STRING, STRINGS, TIMESTAMP, column


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
    reason: str = column(STRING, "One word of a closed list: see cleaning/records/values.py, Reason.")
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
