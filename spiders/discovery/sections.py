"""Section pages: their links, and which of them look like articles of this site. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree, html

from cleaning.attributes import bounded_attributes
from spiders.discovery.feeds import join
from spiders.discovery.listing import Fault, Listing, ListingEntry
from spiders.discovery.pagination import next_page

# With fewer known articles than this, a common shape may be chance.
LEARN_FROM = 5
# A shape shared by a smaller part of the known articles is an exception, such as a linked video page.
SHAPE_SHARE = 0.05
# Known articles in one folder from which on it is taken for the site's folder of articles; one may lie there by chance.
FOLDER_ARTICLES = 2
# Headlines of one page that lead to one folder: menus link single pages of a folder, lists of articles link many.
FOLDER_HEADLINES = 3
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
    """Tells a site's article URLs from its other URLs, by shapes learned from URLs that its feeds listed.

    Where these teach no shape (too few, or none that section pages don't have), by the folders that articles lie in.
    """

    shapes: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()

    @classmethod
    def learn(cls, urls: Iterable[str]) -> ArticleLinks:
        """Learn from known articles; beside what too few of them teach, the general rules apply."""
        known = list(dict.fromkeys(urls))
        # A path without slug, date or number has the shape of section pages too, and would let all of them in.
        distinctive = Counter(form for url in known if set(form := shape(url)) & set("SNYD"))
        shapes = frozenset(form for form, n in distinctive.items() if n >= len(known) * SHAPE_SHARE)
        if len(known) >= LEARN_FROM and shapes:
            return cls(shapes)
        folders = Counter(folder for url in known if (folder := _folder(url)))
        return cls(folders=frozenset(folder for folder, n in folders.items() if n >= FOLDER_ARTICLES))

    def is_article(self, url: str) -> bool:
        """Whether a URL looks like an article."""
        path = _path(url)
        if _NO_ARTICLE.search(path) or path in ("", "/"):
            return False
        if self.shapes:
            return shape(url) in self.shapes
        if _folder(url) in self.folders:
            return True
        last = path.rstrip("/").rpartition("/")[2]
        words = [word for word in re.split(r"[-_]", last) if word]
        return bool(_DATED.search(path) and last) or len(words) >= SLUG_WORDS or bool(_NUMBER.search(last))

    def with_headlines(self, links: Iterable[tuple[str, str]]) -> ArticleLinks:
        """Where nothing was learned: also the folder that a page's headlines lead to, of those that it links with one.

        Args:
            links: (address, text) of each link of a section page.
        """
        if self.shapes or self.folders:
            return self
        headlines = {
            url for url, text in links if len(text.split()) >= SLUG_WORDS and not _NO_ARTICLE.search(_path(url))
        }
        folders = Counter(folder for url in headlines if (folder := _folder(url)))
        return replace(self, folders=frozenset(folder for folder, n in folders.items() if n >= FOLDER_HEADLINES))


def _folder(url: str) -> str:
    """The folder that a page lies in, on its host: ``post.example/news``; empty at the top of the host."""
    path = _path(url).rstrip("/").rpartition("/")[0]
    return f"{urlsplit(url).netloc.lower()}{path}" if path else ""


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
    links: list[tuple[str, str]] = []
    following = None
    for anchor in islice(root.iter("a", "link"), LINKS_MAX):
        href = anchor.get("href")
        if not href:
            continue
        target = join(home, href)
        if "next" in (anchor.get("rel") or "").lower().split():
            following = target
        elif anchor.tag == "a":
            links.append((target, " ".join(str(anchor.xpath("string()")).split())))
    judge = judge.with_headlines(links)
    found: dict[str, ListingEntry] = {}
    for target, title in links:
        known = found.get(target)
        if (known is None or len(title) > len(known.title or "")) and judge.is_article(target):
            found[target] = ListingEntry(target, title or None)
    if following is None:
        following = next_page(url, (target for target, _ in links))
    return Listing(tuple(found.values()), next_page=following, fault=None if found else Fault.NO_LINKS)
