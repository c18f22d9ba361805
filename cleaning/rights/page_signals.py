"""Signals of one response: its status, its headers, and what its page declares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from cleaning.rights.preferences import STANDARDS, forbidden, parse_pairs
from cleaning.rights.rsl import RslError, forbidden_by_terms
from cleaning.rights.vocabulary import Uses, vocabulary, word_of

# The headers that state rights, in lower case: what the archive hands on of a response's headers.
HEADERS = frozenset({"x-robots-tag", "tdm-reservation", *STANDARDS, "link", "crawler-price"})
# Names of meta tags that state rights, beside those of crawlers (signals.toml).
METAS = frozenset({"tdm-reservation", *STANDARDS})
RSL_TYPE = "application/rsl+xml"
# Directives that have a value after a colon; any other word before a colon is the name of a crawler.
_VALUED = frozenset(
    {"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after", "indexifembedded", "archive"}
)
# No address holds a "<" (RFC 3986): a header of nothing else takes time linear in its length.
_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[^,;<>\"=]+(?:=(?:\"[^\"]*\"|[^,;\"]*))?)*)")


@dataclass(frozen=True, slots=True)
class Found:
    """A signal before its place and time are added: its name, where in the response, its text, what it reserves."""

    name: str
    where: str
    text: str
    forbids: Uses


@dataclass(frozen=True, slots=True)
class Declared:
    """What a page declares about rights, as its reader found it.

    Attributes:
        metas: (name in lower case, content) of meta tags.
        license_links: (href, type) of ``<link rel="license">``, absolute.
        rsl: texts of ``<script type="application/rsl+xml">``.
        licenses: schema.org ``license`` of the article, as addresses or names.
        not_free: schema.org ``isAccessibleForFree`` of the article is false.
    """

    metas: tuple[tuple[str, str], ...] = ()
    license_links: tuple[tuple[str, str], ...] = ()
    rsl: tuple[str, ...] = ()
    licenses: tuple[str, ...] = ()
    not_free: bool = False


def robots_directives(value: str, addressed: str | None, where: str, text: str) -> Iterator[Found]:
    """The directives in one robots value that reserve something, each once.

    Args:
        value: ``noai, gptbot: notrain``; a crawler's name holds until the next one.
        addressed: the crawler that the whole value is for; None for all.
        where: header or meta.
        text: the evidence, as written.
    """
    known = vocabulary()
    agent = addressed
    left = list(known.directives)
    for item in re.split(r"[,;]", value):
        word = item
        name, colon, rest = item.partition(":")
        if colon and name.strip().lower() not in _VALUED:
            agent, word = name.strip().lower(), rest
        for_us = agent in (None, known.own) or agent in known.everyone
        stated = word_of(word)
        for directive in [one for one in left if stated in one.words and (for_us or one.any_agent)]:
            left.remove(directive)
            yield Found(directive.name, where, text, directive.forbids)


def of_headers(headers: Iterable[tuple[str, str]], status: int) -> Iterator[Found]:
    """Signals of a response's status and headers; names in lower case."""
    statements = vocabulary().statements
    price = ""
    for name, value in headers:
        text = f"{name}: {value}"
        if name == "x-robots-tag":
            yield from robots_directives(value, None, "header", text)
        elif name == "tdm-reservation":
            yield from _tdm(value, "header", text)
        elif name in STANDARDS:
            yield from preference(name, value, "header", text)
        elif name == "link":
            for href, kind in license_links(value):
                yield license_link(href, kind, "header")
        elif name == "crawler-price":
            price = f"; {text}"
    if status == 402:
        yield Found("payment-required", "status", f"402{price}", statements["payment-required"])


def of_page(declared: Declared, url: str) -> Iterator[Found]:
    """Signals that a page declares."""
    known = vocabulary()
    for name, content in declared.metas:
        text = f'<meta name="{name}" content="{content}">'
        if name in known.agents:
            addressed = None if name in known.everyone else name
            yield from robots_directives(content, addressed, "meta", text)
        elif name == "tdm-reservation":
            yield from _tdm(content, "meta", text)
        elif name in STANDARDS:
            yield from preference(name, content, "meta", text)
    for href, kind in declared.license_links:
        yield license_link(href, kind, "link")
    for document in declared.rsl:
        yield from of_rsl(document, url, "page")
    for license in declared.licenses:
        yield Found("license", "json-ld", license, frozenset())
    if declared.not_free:
        yield Found("not-free", "json-ld", "isAccessibleForFree: false", known.statements["not-free"])


def of_rsl(document: str, url: str, where: str) -> Iterator[Found]:
    """What RSL terms withhold from a page; terms that cannot be read withhold training."""
    try:
        withheld = forbidden_by_terms(document, url)
    except RslError:
        withheld = vocabulary().statements["rsl-license"]
    if withheld is not None:
        yield Found("rsl-license", where, document.strip(), withheld)


def preference(standard: str, value: str, where: str, text: str) -> Iterator[Found]:
    """A Content-Usage or Content-Signal statement, if it says anything."""
    if parse_pairs(value):
        yield Found(standard, where, text, forbidden(standard, value))


def license_links(header: str) -> list[tuple[str, str]]:
    """(href, type) of the links of a Link header whose relation is license (RFC 8288)."""
    found = []
    for href, rest in _LINK.findall(header):
        parameters: dict[str, str] = {}
        for item in rest.split(";"):
            key, _, value = item.partition("=")
            parameters.setdefault(key.strip().lower(), value.strip().strip('"').lower())
        if "license" in parameters.get("rel", "").split():
            found.append((href.strip(), parameters.get("type", "")))
    return found


def absolute_links(url: str, links: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """License links with absolute addresses; one that cannot be joined stays as written."""
    found = []
    for href, kind in links:
        try:
            found.append((urljoin(url, href), kind))
        except ValueError:
            found.append((href, kind))
    return tuple(found)


def _tdm(value: str, where: str, text: str) -> Iterator[Found]:
    first = value.partition(",")[0].strip()
    if first in ("0", "1"):
        reserved = vocabulary().statements["tdm-reservation"] if first == "1" else frozenset()
        yield Found("tdm-reservation", where, text, reserved)


def license_link(href: str, kind: str, where: str) -> Found:
    """A link to RSL terms, which reserve training until they are read; or to a licence of another kind."""
    if kind.strip().lower() == RSL_TYPE:
        return Found("rsl-license", where, href, vocabulary().statements["rsl-license"])
    return Found("license", where, href, frozenset())
