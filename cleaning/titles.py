"""The headline of a page: which of its statements to believe, without the site's name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cleaning.head import Head
from cleaning.text import key, squash

SEPARATOR = re.compile(r"\s+[|–—·•»«:‹›/~-]+\s+|\s*[|｜»›]\s*|\s+-\s+")
# a site's name has few words; what follows a dash and is longer is part of the headline
MAX_SITE_WORDS = 5


def strip_site(title: str, site_names: Iterable[str]) -> str:
    """A title without the name of its site at the end or the start, whatever stands between."""
    names = {key(name) for name in site_names if name}
    names.discard("")
    while True:
        pieces = list(SEPARATOR.finditer(title))
        if not pieces:
            return title
        last, first = pieces[-1], pieces[0]
        if _is_site(title[last.end() :], names) and len(title[: last.start()].strip()) > 3:
            title = title[: last.start()].strip()
        elif _is_site(title[: first.start()], names) and len(title[first.end() :].strip()) > 3:
            title = title[first.end() :].strip()
        else:
            return title


def _is_site(piece: str, names: set[str]) -> bool:
    found = key(piece)
    if not found:
        return True
    if found in names:
        return True
    joined = found.replace(" ", "")
    return len(found.split()) <= MAX_SITE_WORDS and any(joined == name.replace(" ", "") for name in names)


def read_title(head: Head, site_names: Iterable[str]) -> tuple[str, str]:
    """The headline and where it is from: ``json-ld``, ``h1``, ``meta``, ``title`` or ``none`` (then empty)."""
    names = list(site_names)
    for node in head.articles:
        text = node.text("headline")
        if text:
            return strip_site(squash(text), names), "json-ld"
    metas = [value for name in ("og:title", "twitter:title", "dc.title") for value in head.metas.get(name, ()) if value]
    stated = [key(strip_site(text, names)) for text in [*metas, head.title or ""] if text]
    for heading in head.headings:
        found = key(heading)
        if found and any(found in other or other in found for other in stated if other):
            return heading, "h1"
    if metas:
        return strip_site(metas[0], names), "meta"
    if len(head.headings) == 1:
        return head.headings[0], "h1"
    return (strip_site(head.title, names), "title") if head.title else ("", "none")
