"""What cleaning is given: a fetched page or a text, with what discovery and its site said about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Hints:
    """What discovery said about a URL before it was fetched (feed entry or sitemap); all of it may be absent.

    Attributes:
        title: as the listing gives it.
        published: timezone-aware.
        modified: a sitemap's lastmod; timezone-aware.
        via: URL of the feed, sitemap or section page.
        authors: of dc:creator or author.
        section: only where the entry tells sections from tags.
        tags: of category, media:keywords or news:keywords.
        license: RSL terms as XML, or the address of a licence, as the entry states them.
    """

    title: str | None = None
    published: datetime | None = None
    modified: datetime | None = None
    via: str | None = None
    authors: tuple[str, ...] = ()
    section: str | None = None
    tags: tuple[str, ...] = ()
    license: str | None = None


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
