"""What kind of page a page is: a list of others, or a page outside the news, by its own word and by its cards.

A publishing system says in the classes of its templates what it renders: an archive, a post, a page. Whatever it says,
a list shows itself: parts of one form, each with a heading that leads to another page of the site (a card). Text that
stands in cards is what those other pages say, and not this one's.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from lxml import html

from cleaning.text import key
from cleaning.urls import absolute, canonical_url, host_of, path_and_query

DATA = resources.files("cleaning") / "page_kinds.toml"
HEADINGS = ("h1", "h2", "h3", "h4", "h5")
# A link may be wrapped around the heading, or around a wrapper of it.
LINK_ABOVE = 2
# A page with more headings that are links is a list many times over; reading on would cost and tell nothing.
MAX_CARDS = 400
# A card begins with its heading, after a label and a date; an article with a related story in its midst does not.
MAX_BEFORE = 12
# Fewer words may be a topic, which stands in many titles.
MIN_TITLE_WORDS = 3
# Fewer dated headlines may be the related stories below an article.
MIN_DATED_LINKS = 2


@dataclass(frozen=True, slots=True)
class PageKind:
    """What a page is, as far as it can be seen without its text."""

    list_word: str | None = None  # what says that it is a list: "body class archive category"
    static_word: str | None = None  # what says that it is a page outside the news: "article class type-page"
    cards: tuple[str, ...] = ()  # the words of each card, in normal form
    is_post: bool = False  # the publishing system says that it is a post
    is_locked: bool = False  # a post whose text is behind a password

    def in_cards(self, line_key: str) -> bool:
        """Whether a line, as its normal form, stands in a card."""
        return bool(line_key) and any(line_key in card for card in self.cards)


@dataclass(frozen=True, slots=True)
class _Words:
    """page_kinds.toml, ready for use."""

    list_classes: tuple[frozenset[str], ...]
    list_article: frozenset[str]
    list_types: frozenset[str]
    static_article: frozenset[str]
    post_classes: frozenset[str]
    static_types: frozenset[str]
    password_forms: frozenset[str]


@cache
def _words() -> _Words:
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    return _Words(
        list_classes=tuple(frozenset(one) for one in data["list"]["body_classes"]),
        list_article=frozenset(data["list"]["article_classes"]),
        list_types=frozenset(data["list"]["types"]),
        static_article=frozenset(data["static"]["article_classes"]),
        post_classes=frozenset(data["post"]["body_classes"]),
        static_types=frozenset(data["static"]["types"]),
        password_forms=frozenset(data["post"]["password_forms"]),
    )


def _classes(element: html.HtmlElement) -> frozenset[str]:
    return frozenset((element.get("class") or "").lower().split())


def _classes_of_body(tree: html.HtmlElement) -> frozenset[str]:
    body = tree if tree.tag == "body" else tree.find(".//body")
    return frozenset() if body is None else _classes(body)


def _own_word(tree: html.HtmlElement, types: frozenset[str], *, is_article: bool) -> tuple[str | None, str | None]:
    """(that it is a list, that it is a page outside the news), as the templates say it."""
    words = _words()
    classes = _classes_of_body(tree)
    listed = next((sorted(one) for one in words.list_classes if one <= classes), None)
    if listed:
        return f"body class {' '.join(listed)}", None
    articles = [_classes(element) for element in tree.iter("article")]
    if len(articles) == 1 and (said := sorted(articles[0] & words.list_article)):
        return f"article class {said[0]}", None
    if len(articles) == 1 and (said := sorted(articles[0] & words.static_article)):
        return None, f"article class {said[0]}"
    if is_article:  # its types name the pages around it too
        return None, None
    kinds, told = sorted(types & words.list_types), sorted(types & words.static_types)
    return f"type {kinds[0]}" if kinds else None, f"type {told[0]}" if told else None


def _asks_for_password(tree: html.HtmlElement) -> bool:
    """Whether a form for the password stands in the place of the text (WordPress, Ghost)."""
    return any(_classes(form) & _words().password_forms for form in tree.iter("form"))


def _link_of(heading: html.HtmlElement) -> str | None:
    """Where a heading leads."""
    link = heading.find(".//a[@href]")
    if link is not None:
        return str(link.get("href"))
    above = heading.getparent()
    for _ in range(LINK_ABOVE):
        if above is None:
            return None
        if above.tag == "a" and above.get("href"):
            return str(above.get("href"))
        above = above.getparent()
    return None


def _card_headings(tree: html.HtmlElement, url: str, own: frozenset[str]) -> Iterator[html.HtmlElement]:
    """Headings that lead to another page of the same site."""
    host = host_of(url)
    title = key(" ".join(str(one.text_content()) for one in tree.iter("title", "h1") if one.find(".//a") is None))
    for count, heading in enumerate(tree.iter(*HEADINGS)):
        if count >= MAX_CARDS:
            return
        link = _link_of(heading)
        if not link or link.startswith(("#", "mailto:", "javascript:")):
            continue
        target = absolute(url, link)
        path, query = path_and_query(target)
        if path in ("", "/") and not query:
            continue
        if canonical_url(target) in own or host_of(target) != host:
            continue
        # A headline that leads to another address of its own page, as on sites with several hosts.
        if (said := key(str(heading.text_content()))) and said in title and len(said.split()) >= MIN_TITLE_WORDS:
            continue
        yield heading


def _container(
    heading: html.HtmlElement, inside: Counter[html.HtmlElement], titles: frozenset[html.HtmlElement]
) -> html.HtmlElement:
    """The largest element around a heading that holds no other such heading, nor the page's own headline."""
    top = heading
    for above in heading.iterancestors():
        if inside[above] > 1 or above in titles or above.tag in ("body", "html"):
            break
        top = above
    return top


def _words_before(card: html.HtmlElement, heading: html.HtmlElement) -> int:
    """Words in a card before its heading: a label, a date."""
    count = 0
    for element in card.iter():
        if element is heading:
            break
        count += len((element.text or "").split()) if isinstance(element.tag, str) else 0
        if count > MAX_BEFORE:
            break
    return count


def _cards(tree: html.HtmlElement, url: str, own: frozenset[str]) -> tuple[str, ...]:
    """The words of each card."""
    headings = list(_card_headings(tree, url, own))
    inside: Counter[html.HtmlElement] = Counter()
    for heading in headings:
        inside.update([heading, *heading.iterancestors()])
    linked = set(headings)
    # What holds a headline that leads nowhere is the page's own article, with a link to another story in its midst.
    titles = frozenset(above for h1 in tree.iter("h1") if h1 not in linked for above in (h1, *h1.iterancestors()))
    found = [(heading, _container(heading, inside, titles)) for heading in headings]
    cards = [card for heading, card in found if _words_before(card, heading) <= MAX_BEFORE]
    beside = Counter((card.getparent(), card.tag, card.get("class", "").split(" ")[0]) for card in cards)
    # A card has others of its form beside it; a single heading that is a link may be anything.
    repeated = [c for c in cards if beside[c.getparent(), c.tag, c.get("class", "").split(" ")[0]] > 1]
    return tuple(key(str(card.text_content())) for card in (*(repeated or cards), *_dated_links(tree, url, own)))


def _dated_links(tree: html.HtmlElement, url: str, own: frozenset[str]) -> list[html.HtmlElement]:
    """Items of lists that are a date and the headline of another page of the site: how archives are printed."""
    found = []
    for item in tree.iter("li"):
        link, moment = item.find(".//a[@href]"), item.find(".//time")
        if link is None or moment is None:
            continue
        target = absolute(url, str(link.get("href")))
        headline, rest = len(str(link.text_content()).split()), len(str(item.text_content()).split())
        is_long = headline >= MIN_TITLE_WORDS and rest <= headline + MAX_BEFORE
        if is_long and host_of(target) == host_of(url) and canonical_url(target) not in own:
            found.append(item)
        if len(found) >= MAX_CARDS:
            break
    return found if len(found) >= MIN_DATED_LINKS else []


def read_kind(
    tree: html.HtmlElement, url: str, canonical: str | None, types: frozenset[str], *, is_article: bool
) -> PageKind:
    """The kind of a page, off its whole tree, which is not changed.

    Args:
        tree: the parsed page.
        url: its address.
        canonical: its credible rel=canonical, where it has one.
        types: schema.org and og: types, as in :class:`cleaning.metadata.reader.Metadata`.
        is_article: the metadata names an article.
    """
    if _classes_of_body(tree) & _words().post_classes:
        return PageKind(is_post=True, is_locked=_asks_for_password(tree))
    own = frozenset(filter(None, (canonical_url(url), canonical)))
    listed, static = _own_word(tree, types, is_article=is_article)
    # Without an address nobody can tell whether a headline leads elsewhere.
    return PageKind(listed, static, _cards(tree, url, own) if url else ())


# Year, month or day alone: the archive of a time. What follows is checked by whoever asks.
DATE_ARCHIVE = re.compile(
    r"^/(?:[a-z]{2}/)?(?:(?:blog|archives?|archiv|news)/)?(?:19|20)\d\d(?:/(?:0?[1-9]|1[0-2])(?:/(?:0?[1-9]|[12]\d|3[01]))?)?/?$"
)
DATES = "date archive"
PAGINATION = re.compile(
    r"/(?:page|seite|pagina|pag)[/-]?\d{1,4}/?$|/(?:index|page)-?\d{1,4}(?:\.html?)?$", re.IGNORECASE
)


def names_archive(path: str) -> str | None:
    """What in a path names the archive of a time, or a later page of a list; None for nothing."""
    if PAGINATION.search(path):
        return "pagination"
    return DATES if DATE_ARCHIVE.match(path) else None
