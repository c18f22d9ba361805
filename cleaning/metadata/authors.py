"""Reads a page's authors: names, without what publishing systems print around them.

Order: persons in the article's JSON-LD, author meta tags, bylines near the headline. If no person is named, the
organisation that the page credits instead: an agency or the newsroom itself.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import islice
from typing import NamedTuple

from lxml import html

from cleaning.metadata.head import Head
from cleaning.metadata.jsonld import Node, as_list, plain
from cleaning.text import key, squash

NAMES = resources.files("cleaning") / "names.toml"
AUTHOR_METAS = (
    "author", "parsely-author", "sailthru.author", "cxenseparse:author", "byl", "article:author", "article:author_name",
    "articleauthor", "og:article:author",
    "twitter:misc:written by", "dc.creator", "dcterms.creator", "citation_author", "author_name", "creator",
)  # fmt: skip
BY = re.compile(
    r"^\W*(?:(?:written|posted|published|reviewed|edited|authored|story|words|text|words and photos|post)\s*by|by|von|"
    r"par|por|door|(?-i:di|de|av|af|od)|autor(?:a|en|in|innen)?|authors?|author\s+name|text|texte?o?|redaktion|"
    r"kommentar von|ein gastbeitrag von|от|автор|yazan|作者|記者|记者|기자)"
    r"(?:\s*[:：]\s*|\s+|(?=(?-i:[A-ZÄÖÜÉ][a-zäöüé])))",
    re.IGNORECASE,
)
AND = re.compile(r"\s*(?:;|\||/|\s&\s|\s(?:and|und|et|og|och|ja|en)\s|\s(?:y|e|i)\s(?=[A-ZÁÉÍÓÚŁŚŻ]))\s*")
JOINS = frozenset(("and", "und", "et", "y", "e", "&", ",", "og", "i"))
COMMA = re.compile(r"\s*,\s*")
NO_NAME = re.compile(
    r"https?:|www\.|@|\.(?:com|org|net|de|fr|ch|at)\b|[{}<>\[\]=©#:]|(?<![A-Za-z])\d{2}|\bi?stock|^[^(]*\)|\bphotos?\b|\bimages?\b|foto:|bild:|\bgetty\b|updated|published",
    re.IGNORECASE,
)
# Yoast, the WordPress plug-in, labels its card for Slack and Twitter in the language of the site
LABEL_AUTHOR = re.compile(
    r"written by|verfasst von|geschrieben von|écrit par|escrito por|scritto da|geschreven door|作者|автор",
    re.IGNORECASE,
)
URL = re.compile(r"\s*(?:https?:|www\.|/|@)")
INITIALS = re.compile(r"\s*\([^)]{1,12}\)\s*$")  # "Elena Oberholzer (obe)"
ROLE = re.compile(
    r"(?:\s*[,|]|\s+[–—-])\s*(?:ph\.?\s?d|m\.?d|mba|rdn?|ms|ma|msc|dvm|(?:(?:senior|staff|chief|deputy|political|sports?)\s)*(?:reporter|"
    r"correspondent|editor|writer|contributor|columnist|redakteur(?:in)?|korrespondent(?:in)?|journalist(?:in)?|founder|ceo|analyst))\b.*$"
    r"|\s+(?:기자|記者|记者)$",
    re.IGNORECASE,
)
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
# more names than this beside one article are the masthead
MAX_FULLER = 6
MAX_NAME_WORDS = 6
MAX_NAME_CHARS = 60


def clean_name(name: str, *, site: bool = False) -> str | None:
    """One name in its final form; None if it is not a name. A site may be named after its host: ``ORF.at``."""
    name = INITIALS.sub("", squash(name))
    name = ROLE.sub("", BY.sub("", name)).strip(" ,.;:|-–—•·\"'*/")
    if (
        not name
        or (not site and NO_NAME.search(name))
        or len(name) > MAX_NAME_CHARS
        or len(name.split()) > MAX_NAME_WORDS
    ):
        return None
    return None if is_no_name(name) or not re.search(r"[^\W\d_]", name) else name


def is_no_name(name: str) -> bool:
    """Whether a credit names nobody: a placeholder, or a word that no person is called (cleaning/names.toml)."""
    words = key(name)
    placeholders, no_names = _no_names()
    return words in placeholders or not no_names.isdisjoint(words.split())


@cache
def _no_names() -> tuple[frozenset[str], frozenset[str]]:
    data = tomllib.loads(NAMES.read_text(encoding="utf-8"))
    return frozenset(map(key, data["placeholder"]["names"])), frozenset(map(key, data["word"]["names"]))


def _names(value: str) -> Iterator[str]:
    """The names of a byline: ``A, B and C`` are three, ``Doe, Jane`` is one."""
    if URL.match(value):
        return
    for piece in AND.split(ROLE.sub("", BY.sub("", squash(value)))):
        parts = [part for part in COMMA.split(piece) if part]
        if len(parts) > 1 and all(len(part.split()) >= 2 for part in parts[:-1]):
            # a one-word last part is a place or an agency: "Anna Martel, Lea Wagner, Nairobi"
            parts = [part for part in parts if len(part.split()) >= 2]
        elif len(parts) == 2 and all(len(part.split()) == 1 for part in parts):
            parts = [f"{parts[1]} {parts[0]}"]
        for part in parts:
            name = clean_name(part)
            if name:
                yield name


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
    name = next(_names(text), "")
    if not name:
        return None
    if "author" in (element.get("rel") or "").split() or element.get("itemprop") == "author":
        return _Byline(0, element, text)
    if BY.match(text) is not None:
        return _Byline(1, element, text)
    return _Byline(2, element, text) if _looks_like_name(name) else None


def _from_bylines(head: Head) -> list[str]:
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


def _beside_headline(head: Head) -> Sequence[str]:
    """Names in unmarked text near the headline: "By Jane Doe", "Posted by: admin2", "Par Anne Lefèvre | 3 mai".

    A line that only begins with "by", "von" or "par" may be any sentence: what follows must look like a name.
    """
    for text in _short_texts_after_headline(head):
        said = BY.match(text)
        if said is None:
            continue
        rest = CUT.split(text[said.end() :], maxsplit=1)[0]
        names = [name for name in _names(rest) if _looks_like_name(name) or SAYS_AUTHOR.match(text)]
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


def _in_a_row(head: Head, name: str) -> list[str]:
    """The bylines beside that of one known author: elements alike, side by side, each with a name.

    Args:
        head: what the page declares.
        name: the known author, as of :func:`cleaning.text.key`.
    """
    for element in head.bylines:
        if key(next(_names(_byline_text(element)), "")) != name:
            continue
        for own in (element, element.getparent()):
            row = [own, *own.itersiblings(own.tag)] if own is not None and own.tag not in ("body", "main", "p") else []
            alike = [other for other in row if other.get("class") == own.get("class")]
            names = [found for other in alike if (found := next(_names(_byline_text(other)), ""))]
            if len(names) > 1 and all(map(_looks_like_name, names)):
                return names
    return []


def _looks_like_name(text: str) -> bool:
    words = text.split()
    return 2 <= len(words) <= 4 and all(
        word[0].isupper() or word in ("de", "van", "von", "der", "da", "di", "la", "el", "bin") for word in words
    )


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
    yield "byline", _from_bylines(head)
    yield "byline", _beside_headline(head)


def read_authors(head: Head, site_names: Iterable[str], listed: Sequence[str] = ()) -> Authors:
    """The authors of a page; no names where nobody is named.

    Args:
        head: what the page declares.
        site_names: no persons.
        listed: names that the feed's entry credits.
    """
    sites = {key(name).replace(" ", "") for name in site_names if name}
    spare: dict[str, str] = {}
    persons, organisations = _from_json_ld(head)

    def named(values: Iterable[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for value in values:
            for name in _names(value):
                (spare if key(name).replace(" ", "") in sites else found).setdefault(key(name), name)
        return found

    stated, source = named(persons), "json-ld"
    if stated or listed:
        # JSON-LD often names the first of several authors only; the page or its feed names them all
        row = named(_in_a_row(head, next(iter(stated)))) if len(stated) == 1 else {}
        for origin, fuller in (("feed", named(listed)), ("byline", row)):
            if fuller and len(stated) < len(fuller) <= MAX_FULLER and stated.keys() <= fuller.keys():
                stated, source = fuller, origin
    if stated:
        return Authors(tuple(_one_form(stated)), source)
    for source, values in _statements(head):
        found = named(values)
        if found:
            return Authors(tuple(_one_form(found)), source)
    credited = [*(name for value in organisations if (name := clean_name(value, site=True))), *spare.values()]
    return Authors(tuple(credited[:1]), "json-ld" if organisations and credited else "byline" if credited else "none")


def _one_form(found: dict[str, str]) -> Iterator[str]:
    """Names in order, without duplicates: ``Doe, Jane`` and ``Jane Doe`` from two tags are one person."""
    seen: set[frozenset[str]] = set()
    for name in found.values():
        words = frozenset(key(name).split())
        if words not in seen:
            seen.add(words)
            yield name
