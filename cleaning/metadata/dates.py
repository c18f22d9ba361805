"""When a page was published and last changed: which of its statements to believe.

Order of trust, measured on 258 news pages with known dates: JSON-LD of the article (.996 right), the meta tags of
publishing systems (.97), the page's other JSON-LD, its time elements near the headline (.95), what the feed or sitemap
said, the URL, and last the visible text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from urllib.parse import urlsplit

from lxml import html

from cleaning.metadata.date_parsing import ParsedDate, parse, parse_words
from cleaning.metadata.head import Head
from cleaning.metadata.jsonld import Node
from cleaning.metadata.visible_dates import visible_dates
from cleaning.records import Confidence, Hints

# a page may give a time minutes after its own fetch: clocks differ, and some sites round up; more is a mistake or a
# plan
CLOCK_SKEW = timedelta(minutes=10)
# a time without a zone may be off by the full range of zones
ZONE_SLACK = timedelta(hours=14)
PUBLISHED_METAS = (
    "article:published_time", "og:article:published_time", "article:published", "datepublished",
    "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime", "parsely-pub-date", "sailthru.date", "date.created", "dc.date.issued",
    "dcterms.issued", "dc.date.created",
    "dcterms.created", "dc.date", "dcterms.date", "pubdate", "publish-date", "publish_date", "og:publish_date",
    "publishdate", "publication_date",
    "publicationdate", "citation_publication_date", "article.published", "rnews:datepublished", "ptime",
    "publishtime", "originalpublicationdate",
    "article_date_original", "bt:pubdate", "date", "created", "timestamp",
)  # fmt: skip
MODIFIED_METAS = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "datemodified", "date.modified",
    "dcterms.modified", "dc.date.modified",
    "last-modified", "lastmod", "revised", "article:modified", "date.updated",
)  # fmt: skip
URL_DATE = re.compile(r"(?<!\d)((?:19|20)\d{2})[-/_.]?(0[1-9]|1[0-2])[-/_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
PUBLISHED_TIME = re.compile(
    r"publi|pubdate|posted|created|entry-date|issued|byline|dateline|article-?date|post-?date", re.IGNORECASE
)
MODIFIED_TIME = re.compile(r"modif|updat|aktualis|changed|edited", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of a page, in UTC, and where the first one comes from."""

    published: ParsedDate | None = None
    modified: datetime | None = None
    source: str = "none"
    confidence: Confidence = Confidence.NONE
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Candidate:
    instant: ParsedDate
    source: str
    confidence: Confidence


def _trust(instant: ParsedDate) -> Confidence:
    return Confidence.HIGH if instant.has_time else Confidence.MEDIUM


def _of_nodes(nodes: list[Node], assumed: tzinfo) -> list[_Candidate]:
    found: list[_Candidate] = []
    for node in nodes:
        instant = parse(node.text("datePublished"), assumed=assumed) or parse(node.text("dateCreated"), assumed=assumed)
        if instant:
            found.append(_Candidate(instant, "json-ld", _trust(instant)))
    return found


def _machine_readable(head: Head, assumed: tzinfo) -> list[_Candidate]:
    found = _of_nodes(head.articles, assumed)
    for name in PUBLISHED_METAS:
        for value in head.metas.get(name, ()):
            instant = parse(value, assumed=assumed)
            if instant:
                found.append(_Candidate(instant, "meta", _trust(instant)))
    found += _of_nodes([node for node in head.nodes if node.types & {"WebPage", "ItemPage"}], assumed)
    for node in head.nodes:
        if node.types & {"VideoObject", "AudioObject", "PodcastEpisode"} and not found:
            instant = parse(node.text("uploadDate", "datePublished"), assumed=assumed)
            if instant:
                found.append(_Candidate(instant, "json-ld", _trust(instant)))
    return found


def _names(element: html.HtmlElement) -> str:
    parent = element.getparent()
    own = [element.get(name) or "" for name in ("class", "itemprop", "id")]
    return " ".join(own + ([parent.get("class") or ""] if parent is not None else []))


def _time_elements(head: Head, language: str | None, assumed: tzinfo) -> list[_Candidate]:
    """Dates in <time> elements, those marked as publication first, those marked as modification not at all."""
    ranked: list[tuple[int, _Candidate]] = []
    for order, element in enumerate(head.times):
        names = _names(element)
        if MODIFIED_TIME.search(names) and not PUBLISHED_TIME.search(names):
            continue
        attribute = element.get("datetime") or (element.get("title") if element.tag == "abbr" else None)
        instant = parse(attribute, assumed=assumed) or parse_words(
            attribute or element.text_content()[:100], language=language, assumed=assumed
        )
        if instant:
            stated = element.get("pubdate") is not None or PUBLISHED_TIME.search(names) is not None
            ranked.append((order if stated else order + 100, _Candidate(instant, "time-element", _trust(instant))))
    return [candidate for _, candidate in sorted(ranked, key=lambda pair: pair[0])]


def _from_feed(hints: Hints) -> Iterator[_Candidate]:
    if hints.published is None:
        return
    # feeds are read in UTC: only another zone was surely stated
    offset = hints.published.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else None
    instant = ParsedDate(hints.published.astimezone(UTC), minutes, True, hints.published.date())
    yield _Candidate(instant, "feed", Confidence.MEDIUM)


def _from_url(url: str) -> Iterator[_Candidate]:
    try:
        found = URL_DATE.search(urlsplit(url).path)
        day = date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:  # not a valid address, as http://[::1, or no such day
        return
    if day is not None:
        at = datetime(day.year, day.month, day.day, tzinfo=UTC)
        yield _Candidate(ParsedDate(at, None, False, day), "url", Confidence.LOW)


def read_dates(
    tree: html.HtmlElement, head: Head, url: str, hints: Hints, fetched: datetime, assumed: tzinfo, language: str | None
) -> Dates:
    """Publication and last change of a page.

    A date after ``fetched`` is never returned: it is dropped with the flag ``future-date``, and the next statement is
    used.
    """

    def statements() -> Iterator[_Candidate]:
        # each is read only if those before it gave no date: the visible text costs the most
        yield from _machine_readable(head, assumed)
        yield from _time_elements(head, language, assumed)
        yield from _from_feed(hints)
        yield from _from_url(url)
        for shown in visible_dates(tree, url, fetched, assumed, language):
            yield _Candidate(shown, "text", Confidence.LOW)

    flags: tuple[str, ...] = ()
    modified_at = _modified(head, hints, fetched, assumed)
    for stated in statements():
        if not _is_credible(stated.instant, fetched):
            flags = ("future-date",)
            continue
        instant = stated.instant
        if instant.at > fetched:
            # within the slack for clocks and zones: we promise that no row is dated after its fetch
            instant = ParsedDate(fetched.astimezone(UTC), instant.offset, instant.has_time, instant.local_date)
        if modified_at is not None and modified_at < instant.at:
            modified_at = None
        return Dates(instant, modified_at, stated.source, stated.confidence, flags)
    return Dates(modified=modified_at, flags=flags)


def _is_credible(instant: ParsedDate, fetched: datetime) -> bool:
    """Whether a page fetched then can have been published at a time: not later, but for clocks and zones."""
    slack = ZONE_SLACK if instant.has_time and instant.offset is None else CLOCK_SKEW
    return instant.at <= fetched + slack


def _modified(head: Head, hints: Hints, fetched: datetime, assumed: tzinfo) -> datetime | None:
    """The page's own statement, else that of the feed or sitemap: many systems print none (WordPress's themes)."""
    stated = [node.text("dateModified") for node in head.articles] + [
        value for name in MODIFIED_METAS for value in head.metas.get(name, ())
    ]
    moments = [instant.at for value in stated if (instant := parse(value, assumed=assumed))]
    if hints.modified is not None:
        moments.append(hints.modified.astimezone(UTC))
    credible = (moment for moment in moments if moment <= fetched + CLOCK_SKEW)
    return next((min(moment, fetched.astimezone(UTC)) for moment in credible), None)
