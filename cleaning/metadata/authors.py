"""Reads a page's authors: which of its statements to believe.

Order: persons in the article's JSON-LD, author meta tags, bylines near the headline. If no person is named, the
organisation that the page credits instead: an agency or the newsroom itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from cleaning.metadata.bylines import beside_headline, in_a_row, in_bylines
from cleaning.metadata.head import Head
from cleaning.metadata.jsonld import Node, as_list, plain
from cleaning.metadata.names import clean_name, looks_like_name, names_of
from cleaning.text import key

AUTHOR_METAS = (
    "author", "parsely-author", "sailthru.author", "cxenseparse:author", "byl", "article:author", "article:author_name",
    "articleauthor", "og:article:author",
    "twitter:misc:written by", "dc.creator", "dcterms.creator", "citation_author", "author_name", "creator",
)  # fmt: skip
# Yoast, the WordPress plug-in, labels its card for Slack and Twitter in the language of the site
LABEL_AUTHOR = re.compile(
    r"written by|verfasst von|geschrieben von|écrit par|escrito por|scritto da|geschreven door|作者|автор",
    re.IGNORECASE,
)
# more names than this beside one article are the masthead
MAX_FULLER = 6


def _person(value: Node, by_id: dict[object, Node]) -> tuple[str | None, bool]:
    """The name in an author node, and whether it is an organisation."""
    node = value
    if "name" not in value.data and value.raw("@id") in by_id:
        node = by_id[value.raw("@id")]
    name = plain(node.raw("name"))
    given, family = node.text("givenName"), node.text("familyName")
    if not name and (given or family):
        name = " ".join(part for part in (given, family) if part)
    organisation = (
        bool(node.types) and "Person" not in node.types and any("Organization" in kind for kind in node.types)
    )
    return name, organisation


def _from_json_ld(head: Head) -> tuple[list[str], list[str]]:
    """Persons, and organisations, that the article's JSON-LD names as its authors."""
    by_id: dict[object, Node] = {
        node.raw("@id"): node for node in head.nodes if isinstance(node.raw("@id"), str) and "name" in node.data
    }
    organisations: list[str] = []
    for node in head.articles:
        found: list[str] = []
        for value in as_list(node.raw("author")) or as_list(node.raw("creator")):
            if isinstance(value, dict):
                name, organisation = _person(Node(value), by_id)
                if name:
                    (organisations if organisation else found).append(name)
            elif isinstance(value, str) and (text := plain(value)):
                found.append(text)
        if found:
            return found, organisations
    return [], organisations


class Authors(NamedTuple):
    """Names of the authors in the page's order, and where they were found."""

    names: tuple[str, ...] = ()
    source: str = "none"  # json-ld, feed, meta, byline, none


def _statements(head: Head) -> Iterator[tuple[str, Sequence[str]]]:
    """Other statements of a page on its authors, the most trusted first; costly ones are made when asked for."""
    for name in AUTHOR_METAS:
        if name in head.metas:
            yield "meta", head.metas[name]
    if LABEL_AUTHOR.match(head.meta("twitter:label1") or ""):
        yield "meta", head.metas.get("twitter:data1", [])
    yield "byline", in_bylines(head)
    yield "byline", beside_headline(head)


def read_authors(head: Head, site_names: Iterable[str], listed: Sequence[str] = ()) -> Authors:
    """The authors of a page; no names where nobody is named.

    Args:
        head: what the page declares.
        site_names: no persons.
        listed: names that the feed's entry credits.
    """
    sites = {key(name).replace(" ", "") for name in site_names if name}
    persons, organisations = _from_json_ld(head)
    spare = [Authors((name,), "json-ld") for value in organisations if (name := clean_name(value, site=True))]

    def named(values: Iterable[str], source: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for value in values:
            for name in names_of(value):
                if key(name).replace(" ", "") in sites:
                    spare.append(Authors((name,), source))
                else:
                    found.setdefault(key(name), name)
        return found

    stated, source = named(persons, "json-ld"), "json-ld"
    feed = named(listed, "feed")
    if len(feed) > MAX_FULLER:
        feed = {}
    if stated:
        # JSON-LD often names the first of several authors only; the page or its feed names them all
        row = named(in_a_row(head, next(iter(stated))), "byline") if len(stated) == 1 else {}
        for origin, fuller in (("feed", feed), ("byline", row)):
            if len(stated) < len(fuller) <= MAX_FULLER and stated.keys() <= fuller.keys():
                stated, source = fuller, origin
    else:
        for source, values in _statements(head):
            if stated := named(values, source):
                break
        if feed and not _names_others(stated, feed):
            stated, source = feed, "feed"
    if stated:
        return Authors(tuple(_one_form(stated)), source)
    return spare[0] if spare else Authors()


def _names_others(stated: Mapping[str, str], feed: Mapping[str, str]) -> bool:
    """Whether a page names other persons than its feed's entry did: its byline changed after it had left the feed."""
    return bool(stated) and stated.keys().isdisjoint(feed) and all(map(looks_like_name, stated.values()))


def _one_form(found: dict[str, str]) -> Iterator[str]:
    """Names in order, without duplicates: ``Doe, Jane`` and ``Jane Doe`` from two tags are one person."""
    seen: set[frozenset[str]] = set()
    for name in found.values():
        words = frozenset(key(name).split())
        if words not in seen:
            seen.add(words)
            yield name
