"""The declarations of a page, gathered in one pass over its tree: meta tags, links, headings, JSON-LD."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import html

from cleaning import jsonld
from cleaning.text import squash

# headings and dates beyond these belong to lists of other stories
MAX_HEADINGS = 8
MAX_TIMES = 12
MAX_BYLINES = 40


@dataclass(slots=True)
class Head:
    """What a page declares; names in lower case, values as one line of text, in document order."""

    metas: dict[str, list[str]] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)  # rel -> href
    title: str | None = None  # of <title>
    headings: list[str] = field(default_factory=list)  # texts of the h1 elements
    times: list[html.HtmlElement] = field(default_factory=list)
    bylines: list[html.HtmlElement] = field(default_factory=list)  # elements whose class, rel or itemprop says author
    nodes: list[jsonld.Node] = field(default_factory=list)
    language: str | None = None  # of <html lang>
    amp: bool = False

    def meta(self, *names: str) -> str | None:
        """The first non-empty value of the first of these names that the page has."""
        for name in names:
            for value in self.metas.get(name, ()):
                if value:
                    return value
        return None

    def link(self, rel: str) -> str | None:
        """The first link of this relation."""
        return next(iter(self.links.get(rel, ())), None)

    @property
    def articles(self) -> list[jsonld.Node]:
        """Article nodes of the JSON-LD."""
        return [node for node in self.nodes if node.is_article]


def _is_byline(element: html.HtmlElement) -> bool:
    rel = element.get("rel")
    if rel and "author" in rel.split():
        return True
    if element.get("itemprop") in ("author", "creator"):
        return True
    for name in ("class", "id", "data-testid", "data-qa"):
        value = element.get(name)
        if value:
            low = value.lower()
            if "author" in low or "byline" in low or "autor" in low or "by-line" in low:
                return True
    return False


def read_head(tree: html.HtmlElement) -> Head:
    """Gather the declarations of a page; the tree is not changed."""
    head = Head(nodes=jsonld.read(tree))
    root = tree.getroottree().getroot()
    head.language = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang")
    head.amp = root.get("amp") is not None or root.get("\u26a1") is not None
    for element in tree.iter("meta", "link", "title", "h1", "time"):
        tag = element.tag
        if tag == "meta":
            value = element.get("content")
            if value is None:
                continue
            value = squash(value)
            for key in ("property", "name", "itemprop", "http-equiv"):
                name = element.get(key)
                if name:
                    head.metas.setdefault(name.strip().lower(), []).append(value)
        elif tag == "link":
            href = element.get("href")
            for rel in (element.get("rel") or "").lower().split():
                if href:
                    head.links.setdefault(rel, []).append(href.strip())
        elif tag == "title":
            # an svg may hold a title too: the page's own comes first
            if head.title is None and element.getparent() is not None and element.getparent().tag != "svg":
                head.title = squash(element.text_content()) or None
        elif tag == "h1":
            if len(head.headings) < MAX_HEADINGS:
                text = squash(element.text_content())
                if text:
                    head.headings.append(text)
        elif len(head.times) < MAX_TIMES:
            head.times.append(element)
    for element in tree.xpath(BYLINES):
        if _is_byline(element):
            head.bylines.append(element)
            if len(head.bylines) >= MAX_BYLINES:
                break
    return head


BYLINES = "//*[@rel='author' or @itemprop='author' or @class or @id or @data-testid]"
