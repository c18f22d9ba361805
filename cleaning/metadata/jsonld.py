"""Reads what a page says about itself in JSON-LD (schema.org), with the tolerance that real pages need."""

from __future__ import annotations

import html as entities
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lxml import html

from cleaning.text import squash

# schema.org: Article and the subtypes seen on news sites; the suffix "Article" catches the rest (ReportageNewsArticle
# …)
ARTICLE_TYPES = frozenset(
    {"BlogPosting", "LiveBlogPosting", "Report", "Review", "SocialMediaPosting", "DiscussionForumPosting", "Posting"}
)
# more nodes than this are a catalogue of the site, not a description of the page
MAX_NODES = 2000
WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*;?\s*$"
)
TRAILING_COMMA = re.compile(r",(\s*[}\]])")
TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True)
class Node:
    """One typed object of JSON-LD."""

    data: dict[str, Json]

    @cached_property
    def types(self) -> frozenset[str]:
        """Its @type values without namespace."""
        return frozenset(
            str(t).rsplit("/", 1)[-1].rsplit(":", 1)[-1] for t in as_list(self.data.get("@type")) if isinstance(t, str)
        )

    @cached_property
    def is_article(self) -> bool:
        """Whether it describes an article of any kind."""
        return any(t in ARTICLE_TYPES or t.endswith("Article") for t in self.types)

    def text(self, *keys: str) -> str | None:
        """The first of these properties that contains text: a string, the first of a list, or the name of an object."""
        for key in keys:
            for value in as_list(self.data.get(key)):
                found = plain(value)
                if found:
                    return found
        return None

    def texts(self, key: str) -> list[str]:
        """All text values of a property."""
        return [found for value in as_list(self.data.get(key)) if (found := plain(value))]

    def nodes(self, key: str) -> list[Node]:
        """The objects in a property."""
        return [Node(value) for value in as_list(self.data.get(key)) if isinstance(value, dict)]

    def raw(self, key: str) -> Json:
        """A property, unchanged."""
        return self.data.get(key)


def as_list(value: Json) -> list[Json]:
    """A value as a list: itself if it is one, empty for None."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def plain(value: Json) -> str | None:
    """A value as one line of text without entities and tags; for an object its name, url or id."""
    if isinstance(value, dict):
        for key in ("name", "headline", "@value", "url", "contentUrl", "@id"):
            inner = value.get(key)
            if isinstance(inner, str | list):
                return plain(inner)
        return None
    if isinstance(value, list):
        return plain(value[0]) if value else None
    if isinstance(value, bool) or value is None:
        return None
    text = str(value)
    if "&" in text:
        text = entities.unescape(entities.unescape(text))
    return squash(TAG.sub(" ", text)) or None


def _loads(text: str) -> Json:
    """Parse a JSON document, forgiving common mistakes: wrappers, raw line breaks, trailing commas, trailing text.

    Raises:
        ValueError: nothing in it can be read.
    """
    text = text.strip()
    if text[:1] not in ("{", "[") or text[-1:] not in ("}", "]"):
        text = WRAPPING.sub("", WRAPPING.sub("", text)).strip()
    decoder = json.JSONDecoder(strict=False)
    try:
        value: Json = decoder.raw_decode(text)[0]
    except ValueError:
        value = decoder.raw_decode(TRAILING_COMMA.sub(r"\1", text))[0]
    return value


def _walk(value: Json, depth: int = 0) -> Iterator[Node]:
    if depth > 6:
        return
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value:
            yield Node(value)
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart", "itemListElement", "item", "subjectOf"):
            inner = value.get(key)
            if isinstance(inner, dict | list):
                yield from _walk(inner, depth + 1)


def read(tree: html.HtmlElement) -> list[Node]:
    """Every typed node in a page's JSON-LD, in document order, including nested graphs; broken scripts are skipped."""
    nodes: list[Node] = []
    for script in tree.iter("script"):
        kind = (script.get("type") or "").lower()
        if "ld+json" not in kind or not script.text:
            continue
        try:
            value = _loads(script.text)
        except (ValueError, RecursionError):
            continue
        for node in _walk(value):
            nodes.append(node)
            if len(nodes) >= MAX_NODES:
                return nodes
    return nodes
