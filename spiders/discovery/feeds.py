"""RSS, Atom, RDF (feedparser) and JSON Feed (jsonfeed.org), read into listings. Pure."""

from __future__ import annotations

import calendar
import io
import json
import re
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

import feedparser

from spiders.discovery.feed_licenses import licenses_of
from spiders.discovery.listing import Fault, Listing, ListingEntry
from spiders.discovery.pagination import numbered
from spiders.frontier.storable import storable

# No feed reader lists more; a longer feed is an archive, and the rest is left to sitemaps.
ENTRIES_MAX = 5_000
# The first newspaper is of 1605; a year beyond the other end is the largest that some system can write.
YEARS = (1600, 2200)
RDF_VERSIONS = frozenset({"rss10", "rss090"})

# An entry names its authors and topics, not the site's: more, or longer ones, are something else.
NAMES_MAX = 40
NAME_CHARS = 120


def read_feed(body: bytes, url: str) -> Listing:
    """Read RSS, Atom or RDF, well-formed or not."""
    # As a stream: feedparser would take a bare string for a file name or an address.
    parsed: Any = feedparser.parse(
        io.BytesIO(_REFERENCE.sub(_possible, _without_nested_entities(body))),
        response_headers={"content-type": "application/xml", "content-location": url},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    entries, licenses = [], licenses_of(body)
    for item in parsed.entries[:ENTRIES_MAX]:
        link = _link(item)
        if link:
            entries.append(
                ListingEntry(
                    join(url, link),
                    one_line(item.get("title")),
                    *_dates(item, parsed.version),
                    _names(one.get("name") for one in item.get("authors", ())),
                    _names(one.get("term") for one in item.get("tags", ())),
                    licenses.get(link) or licenses.get(""),
                )
            )
    fault, detail = None, None
    if parsed.bozo and not isinstance(parsed.bozo_exception, feedparser.CharacterEncodingOverride):
        fault, detail = Fault.MALFORMED, str(parsed.bozo_exception)[:200]
    elif not entries:
        fault = Fault.EMPTY
    following, is_guess = _next(parsed.feed, url, len(entries))
    return Listing(tuple(entries), fault=fault, detail=detail, next_page=following, next_is_guess=is_guess)


# A sign that a feed gives a name of its own is a few characters; longer declarations, and those that name other
# entities, are there to expand.
_DECLARATION_MAX = 120
_DECLARATION = re.compile(rb"<!ENTITY[^>]*>")
_NAMES_ANOTHER = re.compile(rb"&(?!#)")
# The declarations stand before the first element; what looks like one later is text.
_DTD_BYTES = 1 << 16


def _without_nested_entities(body: bytes) -> bytes:
    """The feed without the declarations that expand into more than they are: what a parser would spend seconds on."""
    if b"<!ENTITY" not in body[:_DTD_BYTES]:
        return body
    return _DECLARATION.sub(_harmless, body[:_DTD_BYTES]) + body[_DTD_BYTES:]


# feedparser raises on a number that is no character's, and the whole feed would be lost with it.
_REFERENCE = re.compile(rb"&#(?:[xX]0*([0-9a-fA-F]+)|0*([0-9]+))")
_SURROGATES = range(0xD800, 0xE000)
_CHARACTERS = range(0x110000)
_DIGITS_MAX = 7


def _possible(reference: re.Match[bytes]) -> bytes:
    """A numeric reference, or one to the replacement character where its number is no character's."""
    hexadecimal, decimal = reference.groups()
    digits: bytes = hexadecimal or decimal
    number = int(digits, 16 if hexadecimal else 10) if len(digits) <= _DIGITS_MAX else -1
    return reference[0] if number in _CHARACTERS and number not in _SURROGATES else b"&#xFFFD"


def _harmless(declaration: re.Match[bytes]) -> bytes:
    told = declaration[0]
    return b"" if len(told) > _DECLARATION_MAX or _NAMES_ANOTHER.search(told) else told


def read_json_feed(body: bytes, url: str) -> Listing:
    """Read JSON Feed 1.0 or 1.1."""
    try:
        feed = json.loads(body)
        items = feed["items"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return Listing(fault=Fault.MALFORMED, detail=str(error)[:200])
    entries = []
    for item in items[:ENTRIES_MAX] if isinstance(items, list) else ():
        if not isinstance(item, dict):
            continue
        link = item.get("url") or item.get("external_url")
        if isinstance(link, str):
            entries.append(
                ListingEntry(
                    join(url, link),
                    one_line(item.get("title")),
                    iso_moment(item.get("date_published")),
                    iso_moment(item.get("date_modified")),
                    _names(one.get("name") for one in _dicts(item.get("authors") or [item.get("author")])),
                    _names(item["tags"] if isinstance(item.get("tags"), list) else ()),
                )
            )
    following = feed.get("next_url") if isinstance(feed, dict) else None
    return Listing(
        tuple(entries),
        next_page=join(url, following) if isinstance(following, str) else None,
        fault=None if entries else Fault.EMPTY,
    )


def iso_moment(value: object) -> datetime | None:
    """An aware datetime from ISO 8601 or W3C text; UTC if it names no zone; None if it is not a date."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment if YEARS[0] <= moment.astimezone(UTC).year <= YEARS[1] else None
    except (ValueError, OverflowError):
        return None


def join(base: str, link: str) -> str:
    """An absolute address without fragment; one that cannot be joined is returned unchanged, for the guard to
    report."""
    link = storable(link.strip())
    if link.startswith(("https://", "http://")) and "/." not in link:
        return link.partition("#")[0]  # most are absolute; 50,000 of them keep urljoin busy for a second
    try:
        return urljoin(base, link).partition("#")[0]
    except ValueError:
        return link


def _names(values: Iterable[object]) -> tuple[str, ...]:
    """Names of authors or topics as the entry states them, each once."""
    texts = (" ".join(value.split())[:NAME_CHARS] for value in values if isinstance(value, str))
    return tuple(dict.fromkeys(text for text in texts if text))[:NAMES_MAX]


def _dicts(values: object) -> list[dict[str, object]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _link(item: Any) -> str | None:
    link = item.get("feedburner_origlink") or item.get("link")
    if not link:
        guid = item.get("id", "")
        link = guid if guid.startswith(("http://", "https://")) else None
    return str(link) if link else None


def _next(feed: Any, url: str, entries: int) -> tuple[str | None, bool]:
    """The next page of a feed, and whether it is only guessed.

    A paged feed names it (RFC 5005, 3), an archived one names the document before (RFC 5005, 4). WordPress names none,
    and serves all its feeds in pages.
    """
    links = {rel: link["href"] for link in feed.get("links", ()) if (rel := link.get("rel")) and link.get("href")}
    for rel in ("next", "prev-archive"):
        if rel in links:
            return join(url, links[rel]), False
    if entries and "wordpress.org" in str(feed.get("generator", "")).lower():
        return numbered(url, "paged"), True
    return None, False


def _dates(item: Any, version: str) -> tuple[datetime | None, datetime | None]:
    """(published, modified) of an entry."""
    # dict's own look-up: feedparser's substitutes one date for the other if that is missing
    published = _in_its_zone(_moment(dict.get(item, "published_parsed")), dict.get(item, "published"))
    updated = _moment(dict.get(item, "updated_parsed"))
    if version in RDF_VERSIONS and published is None:
        return updated, None  # RSS 1.0 has only dc:date, the publication date
    return published, updated


def _in_its_zone(moment: datetime | None, stated: object) -> datetime | None:
    """A date in the zone that the feed states, which feedparser drops; in UTC where the text is no usual form."""
    if moment is None or not isinstance(stated, str):
        return moment
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            zoned = read(stated.strip())
            if zoned.tzinfo is not None and zoned == moment:
                return zoned
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return moment


def one_line(value: object) -> str | None:
    """A title with single spaces; None if it is empty or not text."""
    return " ".join(storable(value).split()) or None if isinstance(value, str) else None


def _moment(parsed: time.struct_time | None) -> datetime | None:
    if parsed is None:
        return None
    try:
        moment = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
        return moment if YEARS[0] <= moment.year <= YEARS[1] else None
    except (ValueError, OverflowError, OSError):
        return None
