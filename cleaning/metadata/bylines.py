"""Bylines: names in the elements of a page that are marked as its author's, or in plain lines beside its headline."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml import html

from cleaning.metadata.head import Head
from cleaning.metadata.names import BY, MAX_NAME_CHARS, looks_like_name, names_of
from cleaning.text import key, squash

JOINS = frozenset(("and", "und", "et", "y", "e", "&", ",", "og", "i"))
ELSEWHERE = re.compile(
    r"comment|related|recommend|caption|credit|teaser|(?<!entry-)(?<!post-)(?<!article-)footer|sidebar|widget|(?<!v)card|promo|reply|most-?read|popular|author-?(?:bio|box)s?",
    re.IGNORECASE,
)
# a line that says in so many words that an author follows: one word after it is a name too
SAYS_AUTHOR = re.compile(
    r"\W*(?:(?:written|posted|published|authored|story|words|text)\s*by|autor|author|redaktion|автор|作者|記者|记者|기자)",
    re.IGNORECASE,
)
# what follows the names of a byline: a date, a place, a reading time
CUT = re.compile(
    r"\s+(?:on|am|le|el|il|at|in|für|for)\s+|\s*[|·•]\s*|\s+[–—-]\s+|(?:,?\s+[^\W\d_]{3,}\.?\s+|,?\s*)[(\[]?\d|\s+(?:updated|published|posted)\b",
    re.IGNORECASE,
)
UNSEEN = frozenset(("script", "style", "noscript", "template", "svg", "button", "select"))
MAX_BYLINE_CHARS = 120
# pieces of text of a byline element: four authors, each with a word that joins it and a link
MAX_BYLINE_PIECES = 12
# pieces of text of such a line: a name, its links and a date
MAX_PIECES = 24


def _byline_text(element: html.HtmlElement) -> str:
    """The names at the start of an element, without any date or role that follows in child elements."""
    kept: list[str] = []
    for piece in element.xpath(".//text()[not(parent::style) and not(parent::script) and not(parent::noscript)]"):
        text = squash(str(piece))
        if not text:
            continue
        leads_on = _says_by(text) or text.lower() in JOINS
        if not leads_on and not all(map(_says_by, kept)) and kept[-1].lower() not in JOINS:
            break
        kept.append(text)
        if len(kept) > MAX_BYLINE_PIECES:
            break
    return squash(" ".join(kept))


def _says_by(text: str) -> bool:
    """Whether a piece of a byline is only the word before its names."""
    return BY.fullmatch(text + " ") is not None


@dataclass(frozen=True, slots=True)
class _Byline:
    """An element that probably names authors."""

    rank: int  # 0 marked as author, 1 begins with "by", 2 contains what looks like a name
    element: html.HtmlElement
    text: str


def _byline(element: html.HtmlElement) -> _Byline | None:
    """An element as a byline; None if it belongs to something other than the article, or names nobody."""
    around = [element, *list(element.iterancestors())[:4]]
    if any(ELSEWHERE.search((el.get("class") or "") + " " + (el.get("id") or "")) for el in around):
        return None
    text = _byline_text(element)
    if not 3 <= len(text) <= 2 * MAX_NAME_CHARS:
        return None
    name = next(names_of(text), "")
    if not name:
        return None
    if "author" in (element.get("rel") or "").split() or element.get("itemprop") == "author":
        return _Byline(0, element, text)
    if BY.match(text) is not None:
        return _Byline(1, element, text)
    return _Byline(2, element, text) if looks_like_name(name) else None


def in_bylines(head: Head) -> list[str]:
    """Texts of the best byline and those beside it: comments and other stories have authors too."""
    found = [byline for byline in map(_byline, head.bylines) if byline is not None]
    if not found:
        return []
    first = min(found, key=lambda byline: byline.rank)
    near = first.element.getparent()
    if near is not None and near.getparent() is not None and first.rank == 0:
        near = near.getparent()
    return [
        byline.text
        for byline in found
        if byline.element is first.element
        # "by" begins a sentence too: such a line stands alone
        or (byline.rank == first.rank != 1 and near is not None and near in byline.element.iterancestors())
    ]


def beside_headline(head: Head) -> Sequence[str]:
    """Names in unmarked text near the headline: "By Jane Doe", "Posted by: admin2", "Par Anne Lefèvre | 3 mai".

    A line that only begins with "by", "von" or "par" may be any sentence: what follows must look like a name.
    """
    for text in _short_texts_after_headline(head):
        said = BY.match(text)
        if said is None:
            continue
        rest = CUT.split(text[said.end() :], maxsplit=1)[0]
        names = [name for name in names_of(rest) if looks_like_name(name) or SAYS_AUTHOR.match(text)]
        if names:
            return names
    return ()


def _short_texts_after_headline(head: Head) -> Iterator[str]:
    """Lines of a few words that follow the headline, up to the first paragraph's end, and such lines at the end."""
    heading = next(iter(head.tree.iter("h1")), None)
    if heading is None:
        return
    for number, element in enumerate(heading.xpath("following::*[position() <= 120]")):
        if element.tag in UNSEEN or not isinstance(element.tag, str):
            continue
        text = squash(" ".join(islice(element.itertext(), MAX_PIECES)))
        if len(text) <= MAX_BYLINE_CHARS:
            if text:
                yield text
        elif element.tag == "p" and number > 0:
            return


def in_a_row(head: Head, name: str) -> list[str]:
    """The bylines beside that of one known author: elements alike, side by side, each with a name.

    Args:
        head: what the page declares.
        name: the known author, as of :func:`cleaning.text.key`.
    """
    for element in head.bylines:
        if key(next(names_of(_byline_text(element)), "")) != name:
            continue
        for own in (element, element.getparent()):
            row = [own, *own.itersiblings(own.tag)] if own is not None and own.tag not in ("body", "main", "p") else []
            alike = [other for other in row if other.get("class") == own.get("class")]
            names = [found for other in alike if (found := next(names_of(_byline_text(other)), ""))]
            if len(names) > 1 and all(map(looks_like_name, names)):
                return names
    return []
