"""A page's declarations, collected in one pass over its tree: meta tags, links, headings, JSON-LD."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from lxml import etree, html

from cleaning.metadata import jsonld
from cleaning.text import squash

# headings and dates beyond these belong to lists of other stories
MAX_HEADINGS = 8
MAX_TIMES = 12
MAX_BYLINES = 40
DASHES = frozenset("-–—")
HATOM_DATE = re.compile(r"\b(?:published|updated|dt-published|dt-updated)\b")
# parts of the class of a byline, whatever the case of its first letter: author, byline, autor, auteur
BYLINES = etree.XPath(
    "descendant::*[contains(@class, 'uthor') or contains(@class, 'yline') or contains(@class, 'utor') "
    "or contains(concat(' ', @rel, ' '), ' author ') or @itemprop = 'author' or self::address "
    "or (self::a and (contains(@href, '/author') or contains(@href, '/autor') or contains(@href, '/auteur')))]"
)


@dataclass
class Head:
    """What a page declares; names in lower case, values as one line of text, in document order."""

    tree: html.HtmlElement
    metas: dict[str, list[str]] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)  # rel -> href
    licenses: list[tuple[str, str]] = field(default_factory=list)  # (href, type) of rel=license
    title: str | None = None  # of <title>
    headings: list[str] = field(default_factory=list)  # texts of the h1 elements
    times: list[html.HtmlElement] = field(default_factory=list)
    nodes: list[jsonld.Node] = field(default_factory=list)
    language: str | None = None  # of <html lang>

    @cached_property
    def bylines(self) -> list[html.HtmlElement]:
        """Elements whose class, relation, itemprop or address says author, in document order."""
        return cast("list[html.HtmlElement]", BYLINES(self.tree))[:MAX_BYLINES]

    def meta(self, *names: str) -> str | None:
        """The first non-empty value among these names, tried in order."""
        for name in names:
            for value in self.metas.get(name, ()):
                if value:
                    return value
        return None

    def link(self, rel: str) -> str | None:
        """The first link with this relation."""
        return next(iter(self.links.get(rel, ())), None)

    @cached_property
    def articles(self) -> list[jsonld.Node]:
        """Article nodes in the JSON-LD."""
        return [node for node in self.nodes if node.is_article]


def _read_meta(head: Head, element: html.HtmlElement) -> None:
    value = element.get("content")
    if value is None:
        return
    value = squash(value)
    for key in ("property", "name", "itemprop", "http-equiv"):
        name = element.get(key)
        if name:
            head.metas.setdefault(name.strip().lower(), []).append(value)


def _read_link(head: Head, element: html.HtmlElement) -> None:
    href = element.get("href")
    if href:
        for rel in (element.get("rel") or "").lower().split():
            head.links.setdefault(rel, []).append(href.strip())
            if rel == "license":
                head.licenses.append((href.strip(), element.get("type") or ""))


def _leads_home(element: html.HtmlElement) -> bool:
    """Whether a heading links to the front page: then it is the site's name."""
    parent = element.getparent()
    for link in (element.find(".//a"), parent if parent is not None and parent.tag == "a" else None):
        if link is not None and re.fullmatch(r"(?:https?://[^/]+)?/?", (link.get("href") or "#").strip()):
            return True
    return False


def _read_text(head: Head, element: html.HtmlElement) -> None:
    """Record a title or an h1; an svg may contain a title too, so the page's own, which comes first, counts."""
    if element.tag == "h1":
        text = _heading(element)
        if text and len(head.headings) < MAX_HEADINGS and not _leads_home(element):
            head.headings.append(text)
    elif head.title is None and element.getparent() is not None and element.getparent().tag != "svg":
        head.title = squash(element.text_content()) or None


def _heading(element: html.HtmlElement) -> str:
    """The text of a heading, without a topic label that is set before it in its own element and followed by a dash.

    Such a dash is only for screen readers (right on 4 of 4 known titles; a colon is just as often part of the title).
    """
    pieces = [piece for text in element.itertext() if (piece := squash(text))]
    if len(pieces) > 2 and pieces[1] in DASHES:
        return " ".join(pieces[2:])
    return squash(element.text_content())


def read_head(tree: html.HtmlElement) -> Head:
    """Collect the declarations of a page; the tree is not changed."""
    head = Head(tree, nodes=jsonld.read(tree))
    root = tree.getroottree().getroot()
    head.language = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang")
    for element in tree.iter("meta", "link", "title", "h1", "time", "abbr"):
        if element.tag == "meta":
            _read_meta(head, element)
        elif element.tag == "link":
            _read_link(head, element)
        elif element.tag in ("time", "abbr"):
            # hAtom writes a date as <abbr class="published" title="2024-05-13T09:30">
            if len(head.times) < MAX_TIMES and (element.tag == "time" or HATOM_DATE.search(element.get("class") or "")):
                head.times.append(element)
        else:
            _read_text(head, element)
    return head
