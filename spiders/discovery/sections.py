"""Section pages: their links, and which of them look like articles of this site. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree, html

from cleaning.attributes import bounded_attributes
from spiders.discovery.feeds import join
from spiders.discovery.listing import Fault, Listing, ListingEntry

# With fewer known articles than this, a common shape may be chance.
LEARN_FROM = 5
# A shape shared by a smaller part of the known articles is an exception, such as a linked video page.
SHAPE_SHARE = 0.05
LINKS_MAX = 2_000
# Headline slugs have at least four words in practice; section names have one to three.
SLUG_WORDS = 4
_NO_ARTICLE = re.compile(
    r"/(tags?|categor(y|ies)|topics?|themen?|authors?|autor(en)?|pages?|search|suche|login|register|account|about|"
    r"impressum|contact|kontakt|privacy|datenschutz|terms|agb|cookies?|subscribe|abo|newsletters?|jobs|shop|podcasts?|"
    r"videos?|galler(y|ies)|feeds?|rss|sitemap|wp-[a-z]+|cart|help|hilfe)(/|$)|\.(jpe?g|png|gif|svg|webp|pdf|xml|zip|mp[34])$",
    re.IGNORECASE,
)
_DATED = re.compile(r"/(19|20)\d\d[/-](0?[1-9]|1[0-2])([/-]|$)")
_NUMBER = re.compile(r"(?<!\d)\d{5,}(?!\d)")
_EXTENSION = re.compile(r"\.[a-z]{3,5}$")


def shape(url: str) -> str:
    """The form of an article's path: ``/2020/07/15/harbour-wall-to-rise`` becomes ``/Y/D/D/S``."""
    path = _path(url).rstrip("/")
    extension = _EXTENSION.search(path)
    stem = path[: extension.start()] if extension else path
    return "/".join(_part(segment) for segment in stem.split("/")) + (extension[0] if extension else "")


def _path(url: str) -> str:
    """The path of an address; empty if it is not one, as with some ``href`` values."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _part(segment: str) -> str:
    if re.fullmatch(r"(19|20)\d\d", segment):
        return "Y"
    if re.fullmatch(r"\d{1,2}", segment):
        return "D"
    if segment.isdigit():
        return "N"
    words = [word for word in re.split(r"[-_]", segment) if word]
    if len(words) >= SLUG_WORDS:
        return "SN" if _NUMBER.search(segment) else "S"
    if _NUMBER.search(segment) or re.search(r"\d{4,}", segment):
        return "WN"
    return "W" if segment else ""


@dataclass(frozen=True, slots=True)
class ArticleLinks:
    """Tells a site's article URLs from its other URLs, by shapes learned from URLs that its feeds listed."""

    shapes: frozenset[str] = frozenset()

    @classmethod
    def learn(cls, urls: Iterable[str]) -> ArticleLinks:
        """Learn from known articles; too few teach nothing, and the general rules apply."""
        counted: dict[str, int] = {}
        for url in urls:
            counted[shape(url)] = counted.get(shape(url), 0) + 1
        known = sum(counted.values())
        if known < LEARN_FROM:
            return cls()
        # A path without slug, date or number has the shape of section pages too, and would let all of them in.
        distinctive = {form: n for form, n in counted.items() if set(form) & set("SNYD")}
        return cls(frozenset(form for form, n in distinctive.items() if n >= known * SHAPE_SHARE))

    def is_article(self, url: str) -> bool:
        """Whether a URL looks like an article."""
        path = _path(url)
        if _NO_ARTICLE.search(path) or path in ("", "/"):
            return False
        if self.shapes:
            return shape(url) in self.shapes
        last = path.rstrip("/").rpartition("/")[2]
        words = [word for word in re.split(r"[-_]", last) if word]
        return bool(_DATED.search(path) and last) or len(words) >= SLUG_WORDS or bool(_NUMBER.search(last))


def read_section(body: bytes, url: str, judge: ArticleLinks) -> Listing:
    """The article links of a page, in page order, without duplicates, with the link text as title."""
    try:
        root = html.document_fromstring(
            bounded_attributes(body), parser=html.HTMLParser(encoding=None, huge_tree=False)
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        return Listing(fault=Fault.EMPTY, detail=str(error)[:200])
    base = root.find(".//base")
    home = join(url, base.get("href") or "") if base is not None and base.get("href") else url
    found: dict[str, ListingEntry] = {}
    following = None
    for number, anchor in enumerate(root.iter("a", "link")):
        if number >= LINKS_MAX:
            break
        target = join(home, anchor.get("href") or "")
        if "next" in (anchor.get("rel") or "").lower().split():
            following = target
        elif anchor.tag == "a" and anchor.get("href") and judge.is_article(target):
            title = " ".join(str(anchor.xpath("string()")).split())
            known = found.get(target)
            if known is None or len(title) > len(known.title or ""):
                found[target] = ListingEntry(target, title or None)
    fault = None if found else Fault.NO_LINKS
    return Listing(tuple(found.values()), next_page=following, fault=fault)
