"""Chooses a page's headline: which of its statements to believe, without the site's name.

Order of trust, measured on 258 news pages and 793 others with known titles: the JSON-LD headline of a NewsArticle, an
h1 that agrees with what the head states, the JSON-LD headline of other articles, og:title, <title>, any other h1. On
the pages where headline and og:title differ, each is the known title half of the time: no order is right for all. Only
a two-against-two split is clear: what the reader sees and shares (h1, og:title) is the headline, what search engines
read (JSON-LD, <title>) is written for them (right on 9 of 11 such pages, in two of three corpora).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from cleaning.metadata.head import Head
from cleaning.text import key, squash

SEPARATOR = re.compile(r"\s+[|–—·•»«:‹›/~*-]+\s+|\s*[|｜»›ㅣ]\s*|--|[:：](?=[^\s:：]{2,12}$)")
BAR = re.compile(r"\s+[|｜]\s+")
# "headline-section|site": in scripts without hyphenated words, a bare hyphen before the site's name sets off the
# section
SECTION = re.compile(r"(?<=\S)-[가-힣一-鿿]{2,4}$")
# a site's name has few words; a longer piece after a separator is part of the headline
MAX_SITE_WORDS = 5
# share of the shorter text's words from which an h1 and a stated title mean the same
AGREEMENT = 0.3
# a headline with more words is a summary in the wrong field: the longest of 1,000 known titles has 31
MAX_TITLE_WORDS = 40
# in characters; longer titles are not taken apart: that is forty long words, and the time is quadratic in the length
MAX_TITLE_LENGTH = 1_000
# "Topic: headline" beside "headline": without the topic, at least this many words must be left
MIN_WITHOUT_TOPIC = 4
# share of common words from which an h1 is a variant of another statement
NEARLY = 0.8
# what stands in a title field and names no article
NO_TITLES = frozenset(
    ("home", "homepage", "home page", "startseite", "accueil", "inicio", "início", "index", "untitled", "blog", "news")
)
TITLE_METAS = ("og:title", "twitter:title", "dc.title")
# most trusted first: see above. The result does not distinguish the headline of a NewsArticle from that of another
# article, nor an h1 that agrees from one that does not.
ORDER = ("news", "h1", "json-ld", "meta", "title", "other-h1")
SHOWN_ORIGIN = {"news": "json-ld", "other-h1": "h1"}
# "Posted on July 1, 2024 by infuy" within the heading
POSTED = re.compile(r"\s+posted (?:on|by) .*$", re.IGNORECASE)


def _joined(text: str) -> str:
    return key(text).replace(" ", "")


def _is_site(piece: str, names: set[str]) -> bool:
    """Whether a piece of a title means the site: it is one of its names, or close to its host's label."""
    found = _joined(piece)
    if not found or found in names:
        return True
    return len(key(piece).split()) <= MAX_SITE_WORDS and any(
        len(name) >= 4 and (name in found or (len(found) >= 4 and found in name)) and len(found) <= 2 * len(name)
        for name in names
    )


def strip_site(title: str, site_names: Iterable[str]) -> str:
    """A title without the site's name at its end or start, whatever the separator."""
    if len(title) > MAX_TITLE_LENGTH:
        return title
    title = title.lstrip(":|–—-»·• ").rstrip(" |»·•")
    names = {_joined(name) for name in site_names if name} - {""}
    while True:
        pieces = list(SEPARATOR.finditer(title))
        if not pieces:
            return title
        last, first = pieces[-1], pieces[0]
        if _is_site(title[last.end() :], names) and len(title[: last.start()].strip()) > 3:
            title = SECTION.sub("", title[: last.start()].strip())
        elif _is_site(title[: first.start()], names) and len(title[first.end() :].strip()) > 3:
            title = title[first.end() :].strip()
        else:
            return title


def banner_name(head: Head) -> str | None:
    """The site's name where a page prints it as its only h1, and its headline as an h2: <title> holds both.

    None for pages whose h1 is their headline, as nearly all are.
    """
    title = head.title or ""
    if not head.headings or len(title) > MAX_TITLE_LENGTH:
        return None
    above = [h1 for h1 in head.tree.iter("h1") if next(h1.iterancestors("article", "main"), None) is None]
    shown = {key(squash(str(h1.text_content()))) for h1 in above}
    named = {
        k: heading for heading in head.headings if (k := key(heading)) in shown and len(k.split()) <= MAX_SITE_WORDS
    }
    if not named:
        return None
    # A footer may print the site's name as an h2.
    inner = [
        h2 for h2 in head.tree.iter("h2") if next(h2.iterancestors("footer", "header", "nav", "aside"), None) is None
    ]
    lower = {key(squash(str(h2.text_content()))) for h2 in inner} - {""}
    for cut in SEPARATOR.finditer(title):
        for name, headline in ((title[cut.end() :], title[: cut.start()]), (title[: cut.start()], title[cut.end() :])):
            if key(name) in named and key(headline) in lower and key(headline) not in named:
                return named[key(name)]
    return None


def _agreement(heading: str, stated: Sequence[str]) -> float:
    """Largest share of common words with any stated title, 0 to 1."""
    words = set(key(heading).split())
    best = 0.0
    for text in stated:
        other = set(key(text).split())
        if words and other:
            best = max(best, len(words & other) / min(len(words), len(other)))
    return best


def _without_extras(title: str, others: Sequence[str]) -> str:
    """A title without what no other statement has: a section after a separator, or a topic before the headline
    proper."""
    if len(title) > MAX_TITLE_LENGTH:
        return title
    keys = {key(other) for other in others if other}
    for cut in reversed(list(SEPARATOR.finditer(title))):
        head = title[: cut.start()].strip()
        if len(key(head).split()) >= 2 and key(head) in keys:
            return head
    return title


def _is_cut(title: str) -> bool:
    """Whether a title was cut off by a length limit: it ends in dots, or within a bracket."""
    return title.endswith(("...", "…")) or title.count("(") > title.count(")")


def _is_for_search(found: Mapping[str, str]) -> bool:
    """Whether the news headline is a version for search engines, shared only by <title>, while h1 and og:title
    agree."""
    words = {origin: key(text) for origin, text in found.items()}
    if not words.keys() >= {"news", "h1", "meta", "title"}:
        return False
    return words["news"] == words["title"] != words["h1"] == words["meta"]


def _is_misprint(found: Mapping[str, str]) -> bool:
    """Whether the h1 is nearly what og:title and <title> both say: then they are the headline, and it a variant.

    On such pages without JSON-LD the two are the known title six times, the h1 once (793 pages of wcxb).
    """
    if "news" in found or "json-ld" in found or not found.keys() >= {"h1", "meta", "title"}:
        return False
    heading, stated = set(key(found["h1"]).split()), set(key(found["meta"]).split())
    alike = len(heading & stated) >= NEARLY * len(heading | stated)
    return key(found["meta"]) == key(found["title"]) != key(found["h1"]) and alike


def _is_title(text: str, sites: set[str]) -> bool:
    """Whether a statement can be a headline: not the site's name, nor the name of its front page."""
    return bool(key(text)) and _joined(text) not in sites and key(text) not in NO_TITLES


def _stated(head: Head, names: Sequence[str]) -> dict[str, str]:
    """What JSON-LD, meta tags and <title> state, by origin, in order of trust, without the site's name."""
    found: dict[str, str] = {}
    for node in head.articles:
        text = strip_site(squash(node.text("headline") or ""), names)
        if text and len(text.split()) <= MAX_TITLE_WORDS:
            found.setdefault("news" if any("News" in kind for kind in node.types) else "json-ld", text)
    meta = next((value for name in TITLE_METAS for value in head.metas.get(name, ()) if value), None)
    if meta is not None:
        found["meta"] = strip_site(meta, names)
    if head.title:
        found["title"] = strip_site(head.title, names)
    return found


def _heading(head: Head, stated: Sequence[str], sites: set[str]) -> tuple[str, str] | None:
    """The h1 that agrees best with what the head states, after its origin: ``h1``, or ``other-h1`` if it does not."""
    headings = [POSTED.sub("", text) for text in head.headings if _is_title(text, sites)]
    if not headings:
        return None
    best = max(headings, key=lambda text: _agreement(text, stated))
    return "h1" if _agreement(best, stated) >= AGREEMENT else "other-h1", best


def _most_trusted(found: Mapping[str, str]) -> str | None:
    """Origin of the statement to believe; None if there is none."""
    for origin in ORDER:
        is_variant = (origin == "news" and _is_for_search(found)) or (origin == "h1" and _is_misprint(found))
        if origin in found and not is_variant:
            return origin
    return None


def _before_bar(title: str) -> str:
    """A title without what follows an upright bar, where what stands before it is long enough for a headline.

    A section or the site follows: five more titles of 793 are right with this, and none of 258 news pages is wrong.
    What stands before a bar may be a topic that is part of the headline.
    """
    first = BAR.split(title, maxsplit=1)[0]
    return first if len(key(first).split()) >= MIN_WITHOUT_TOPIC else title


def _final_form(title: str, others: Sequence[str], social: str) -> str:
    """A headline without section or topic, and completed from another statement if it was cut off."""
    title = _before_bar(_without_extras(title, others))
    if len(key(social).split()) >= MIN_WITHOUT_TOPIC and key(title).endswith(" " + key(social)):
        title = social
    if not _is_cut(title):
        return title
    return next((text for text in others if key(text).startswith(key(title) + " ")), title)


def read_title(head: Head, site_names: Iterable[str]) -> tuple[str, str]:
    """The headline and its origin: ``json-ld``, ``h1``, ``meta``, ``title`` or ``none`` (then empty)."""
    names = list(site_names)
    sites = {_joined(name) for name in names}
    found = _stated(head, names)
    if heading := _heading(head, list(found.values()), sites):
        found[heading[0]] = heading[1]
    found = {origin: text for origin, text in found.items() if _is_title(text, sites)}
    origin = _most_trusted(found)
    if origin is None:
        return "", "none"
    others = [text for other, text in found.items() if other != origin]
    return _final_form(found[origin], others, found.get("meta", "")), SHOWN_ORIGIN.get(origin, origin)
