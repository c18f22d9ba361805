"""Who wrote a page: names of persons, without what publishing systems print around them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cleaning.head import Head
from cleaning.jsonld import Node, as_list, plain
from cleaning.text import key, squash

AUTHOR_METAS = (
    "author",
    "article:author",
    "article:author_name",
    "parsely-author",
    "sailthru.author",
    "cxenseparse:author",
    "byl",
    "dc.creator",
    "dcterms.creator",
    "og:article:author",
)
BY = re.compile(
    r"^(?:written\s+by|posted\s+by|reviewed\s+by|by|von|par|por|di|de|door|av|af|autor(?:a|in)?|author|text|texte?o?)\b\s*:?\s*",
    re.IGNORECASE,
)
AND = re.compile(r"\s*(?:;|\||/|\s&\s|\s(?:and|und|et|y|e|en|och|og|i)\s)\s*")
URL = re.compile(r"https?:|www\.|@|\.(?:com|org|net|de|fr)\b|[{}<>\[\]]", re.IGNORECASE)
MAX_NAME_WORDS = 6


def _clean(name: str) -> str | None:
    name = BY.sub("", squash(name)).strip(" ,.;:|-–\"'*")
    if not name or URL.search(name) or len(name.split()) > MAX_NAME_WORDS or len(name) > 60 or name.isdigit():
        return None
    return name


def _from_nodes(nodes: Iterable[Node], all_nodes: list[Node]) -> list[str]:
    by_id = {node.raw("@id"): node for node in all_nodes if isinstance(node.raw("@id"), str)}
    found: list[str] = []
    for node in nodes:
        for value in as_list(node.raw("author")) or as_list(node.raw("creator")):
            if isinstance(value, dict):
                person = Node(value)
                if "name" not in value and value.get("@id") in by_id:
                    person = by_id[value.get("@id")]
                if "Organization" in person.types and "Person" not in person.types:
                    continue
                name = plain(person.raw("name"))
            else:
                name = plain(value)
            if name:
                found.append(name)
        if found:
            break
    return found


def read_authors(head: Head, site_names: Iterable[str]) -> tuple[str, ...]:
    """Names of persons in the page's order."""
    sites = {key(name) for name in site_names if name}
    raw = _from_nodes(head.articles, head.nodes)
    if not raw:
        for name in AUTHOR_METAS:
            raw = [value for value in head.metas.get(name, ()) if value and not URL.search(value)]
            if raw:
                break
    found: dict[str, str] = {}
    for value in raw:
        for piece in AND.split(value):
            name_or_none = _clean(piece)
            if name_or_none and key(name_or_none) not in sites:
                found.setdefault(key(name_or_none), name_or_none)
    return tuple(found.values())
