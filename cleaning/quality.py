"""Whether a cleaned page is an article; if not, why, with the evidence.

The checks run from certain to doubtful, and the first that applies names the reason. Figures and words are data:
quality.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from cleaning.lines import Teasers
from cleaning.page_kind import DATES, PageKind, names_archive
from cleaning.records import Reason, SourceFacts
from cleaning.urls import path_and_query

DATA = resources.files("cleaning") / "quality.toml"
NO_KIND = PageKind()
NO_TEASERS = Teasers()
# share of a text in cards from which the text is that of the pages which the cards lead to
CARD_SHARE = 0.7
# end of the address of a list's second and later pages
PAGE_NUMBER = re.compile(r"(?:/?page)?/?\d{1,4}$", re.IGNORECASE)
TIME_OF_DAY = re.compile(r"^\W*\d{1,2}[:.h]\d{2}(?:\s?(?:am|pm|uhr|h|bst|gmt|cet|est|et))?\b.{0,40}$", re.IGNORECASE)


# minimum of headline links of a list whose type or address says that it is one
FEW_LINKS = 3
# Folders down to a page outside the news; deeper, the same word is the topic of a story.
STATIC_DEPTH = 2
FRONT = "path /"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a page is rejected."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the verdict needs to know about a cleaned page."""

    url: str
    title: str
    opening: str  # first 500 characters of the text
    words: int  # of the text
    prose: int  # of them, those in lines that are not links
    language: str | None
    languages: tuple[str, ...]  # the only ones that the source's articles may have; empty accepts any
    minimum: int | None  # minimum of words that the source demands; None for the default
    types: frozenset[str]  # schema.org types and og:type
    has_article_data: bool  # article JSON-LD, og:type article, or a publication date in the metadata
    paywalled: bool
    paywall_notice: bool  # a rule removed a paywall notice
    captions: int
    caption_words: int
    headline_links: int  # blocks of the page that are links of four or more words
    link_words: int  # in them
    times: int  # lines that are a time of day
    kind: PageKind = NO_KIND
    card_words: int = 0  # words of the text that stand in cards: the words of other pages
    # The text is a whole report as far as its form tells: several paragraphs, the last of which ends as a sentence
    # ends, and more than the page's own summary. A teaser is one paragraph, or breaks off.
    complete: bool = False
    dated: bool = True  # the page states a date of publication in its metadata, or shows one
    via: str = ""  # the feed, sitemap or section page that listed it
    teasers: Teasers = NO_TEASERS  # lines that begin as other stories of the site do

    @property
    def own_words(self) -> int:
        """Words of prose that stand outside cards."""
        return max(0, self.prose - self.card_words)


@dataclass(frozen=True, slots=True)
class _Figures:
    """quality.toml, ready for use."""

    words: dict[str, int]
    low_confidence: float
    section_words: int
    section_links: int
    section_share: float
    section_paths: tuple[str, ...]
    section_types: frozenset[str]
    static_names: frozenset[str]
    page_sitemaps: re.Pattern[str]
    gallery_captions: int
    gallery_share: float
    gallery_types: frozenset[str]
    video_types: frozenset[str]
    ticker_times: int
    ticker_types: frozenset[str]
    ticker_titles: re.Pattern[str]
    error_titles: re.Pattern[str]
    error_openings: re.Pattern[str]
    consent: re.Pattern[str]


def _either(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


@cache
def figures() -> _Figures:
    """The committed thresholds."""
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    section, ticker = data["section"], data["ticker"]
    return _Figures(
        words={name: value for name, value in data["words"].items() if isinstance(value, int)},
        low_confidence=float(data["confidence"]["low"]),
        section_words=int(section["words"]),
        section_links=int(section["links"]),
        section_share=float(section["link_share"]),
        section_paths=tuple(section["paths"]),
        section_types=frozenset(section["types"]),
        static_names=frozenset(data["static"]["names"]),
        page_sitemaps=_either(data["static"]["sitemaps"]),
        gallery_captions=int(data["gallery"]["captions"]),
        gallery_share=float(data["gallery"]["share"]),
        gallery_types=frozenset(data["gallery"]["types"]),
        video_types=frozenset(data["video"]["types"]),
        ticker_times=int(ticker["times"]),
        ticker_types=frozenset(ticker["types"]),
        ticker_titles=_either(ticker["titles"]),
        error_titles=_either(data["error"]["titles"]),
        error_openings=_either(data["error"]["openings"]),
        consent=_either(data["consent"]["phrases"]),
    )


def judge_status(status: int) -> Verdict | None:
    """Reject a page that the server itself calls an error."""
    return Verdict(Reason.ERROR_PAGE, f"HTTP status {status}") if status >= 400 else None


def is_doubtful(confidence: float, source: SourceFacts) -> bool:
    """Whether a text is flagged ``low-confidence``; the source's own threshold goes before the default."""
    default = figures().low_confidence
    return confidence < (default if source.low_confidence is None else source.low_confidence)


def too_short(words: int, least: int) -> Verdict | None:
    """Reject a text with fewer words than an article needs."""
    if words == 0:
        return Verdict(Reason.EMPTY, "no text was found")
    return Verdict(Reason.TOO_SHORT, f"{words} words, the least is {least}") if words < least else None


def _error_page(facts: Facts) -> Verdict | None:
    if facts.words >= figures().words["notice"] or facts.has_article_data:
        return None
    for place, found in (
        ("title", figures().error_titles.search(facts.title)),
        ("text", figures().error_openings.search(facts.opening)),
    ):
        if found:
            return Verdict(Reason.ERROR_PAGE, f"the {place} says {found[0].strip()!r}, {facts.words} words of text")
    return None


def _consent_wall(facts: Facts) -> Verdict | None:
    found = figures().consent.search(f"{facts.title}\n{facts.opening}")
    if found and facts.words < figures().words["notice"] and not facts.has_article_data:
        return Verdict(Reason.CONSENT_WALL, f"the page says {found[0]!r}, {facts.words} words of text")
    return None


def _lists(part: str, path: str) -> bool:
    """Whether a path names a list: what follows the part is the list's own name, not that of a story in it."""
    _, found, name = (path + "/").partition(part)
    return bool(found) and "/" not in PAGE_NUMBER.sub("", name.strip("/"))


def _locked(facts: Facts) -> Verdict | None:
    """A post that asks for a password: what its page holds is the form."""
    if facts.kind.is_locked:
        return Verdict(Reason.PAYWALL_STUB, f"the post asks for a password, {facts.words} words around the form")
    return None


def _section_page(facts: Facts) -> Verdict | None:
    """A list: by its own word, by its cards, or by its address and links."""
    if facts.kind.is_post:
        return None
    share = facts.card_words / facts.words if facts.words else 0.0
    if facts.kind.list_word:
        return Verdict(Reason.SECTION_PAGE, f"{facts.kind.list_word}, {share:.0%} of the text in {_cards(facts)}")
    place = _list_address(facts)
    # Round-ups are articles of cards: what names an article is one, unless its address is that of a list.
    if share >= CARD_SHARE and (place or (len(facts.kind.cards) > 1 and not facts.has_article_data)):
        return Verdict(Reason.SECTION_PAGE, f"{share:.0%} of the text in {_cards(facts)}")
    return _excerpts(facts, place) or _link_list(facts)


def _excerpts(facts: Facts, place: str | None) -> Verdict | None:
    """A page whose text is the beginnings of other stories of its site."""
    share = facts.teasers.words / facts.words if facts.words else 0.0
    if facts.teasers.stories > 1 and share >= CARD_SHARE and (place or not facts.has_article_data):
        detail = f"{share:.0%} of the text are the beginnings of {facts.teasers.stories} other stories of the site"
        return Verdict(Reason.SECTION_PAGE, detail)
    return None


def _cards(facts: Facts) -> str:
    count = len(facts.kind.cards)
    return f"{count} {'card' if count == 1 else 'cards'} that lead to other pages"


def _list_address(facts: Facts) -> str | None:
    """What in an address names a list; None for nothing."""
    path, query = path_and_query(facts.url)
    if facts.url and path in ("", "/") and not query:  # with ?p=123 it is a story
        return FRONT
    place = next((part for part in figures().section_paths if _lists(part, path)), None)
    return f"path {place}" if place else names_archive(path)


def _link_list(facts: Facts) -> Verdict | None:
    """A page whose links are its content, as its type, its address or the share of their words says."""
    known = figures()
    kinds = sorted(facts.types & known.section_types)
    place = _list_address(facts)
    # Plug-ins that describe every page as a post describe the archive of a month so too.
    if place == DATES and facts.headline_links:
        return Verdict(Reason.SECTION_PAGE, f"{place}, {facts.headline_links} headline links")
    why = f"type {kinds[0]}" if kinds else place
    front = why == FRONT and facts.headline_links >= known.section_links
    if facts.has_article_data or (facts.prose >= known.section_words and not front):
        return None
    if why and facts.headline_links >= FEW_LINKS:
        return Verdict(Reason.SECTION_PAGE, f"{why}, {facts.headline_links} headline links, no article metadata")
    share = facts.link_words / max(1, facts.link_words + facts.prose)
    # A report in hand is one, however long the menus around it.
    bare = facts.own_words < known.words["minimum" if facts.complete else "stub"]
    if bare and facts.headline_links >= known.section_links and share >= known.section_share:
        return Verdict(Reason.SECTION_PAGE, f"{facts.headline_links} headline links hold {share:.0%} of the words")
    return None


def _static_page(facts: Facts) -> Verdict | None:
    """A page outside the news: about, contact, privacy."""
    if any(kind.endswith(("Article", "Posting")) for kind in facts.types):
        return None
    if facts.kind.static_word:
        return Verdict(Reason.STATIC_PAGE, f"{facts.kind.static_word}, {facts.words} words of text")
    if figures().page_sitemaps.search(facts.via):
        return Verdict(Reason.STATIC_PAGE, f"listed by the sitemap of pages {facts.via}, {facts.words} words of text")
    parts = [part for part in path_and_query(facts.url)[0].lower().split("/") if part]
    name = (parts[-1].rpartition(".")[0] or parts[-1]) if parts else ""
    if name in figures().static_names and len(parts) <= STATIC_DEPTH and not facts.has_article_data and not facts.dated:
        return Verdict(Reason.STATIC_PAGE, f"path {name}, no date, {facts.words} words of text")
    return None


def _gallery(facts: Facts) -> Verdict | None:
    known = figures()
    kinds = sorted(facts.types & known.gallery_types)
    pictures = facts.captions >= known.gallery_captions and facts.caption_words >= known.gallery_share * facts.words
    if (kinds or pictures) and facts.words < known.words["stub"]:
        why = f"type {kinds[0]}" if kinds else f"{facts.captions} captions with {facts.caption_words} words"
        return Verdict(Reason.GALLERY, f"{why}, {facts.words} words of text")
    return None


def _video(facts: Facts) -> Verdict | None:
    kinds = sorted(facts.types & figures().video_types)
    least = facts.minimum if facts.minimum is not None else figures().words["minimum"]
    lonely = not any(kind.endswith("Article") or kind == "article" for kind in facts.types)
    if kinds and (facts.words < least or (lonely and facts.words < figures().words["stub"])):
        return Verdict(Reason.VIDEO, f"type {kinds[0]}, {facts.words} words of text")
    return None


def _live_ticker(facts: Facts) -> Verdict | None:
    known = figures()
    kinds = sorted(facts.types & known.ticker_types)
    found = known.ticker_titles.search(facts.title)
    if facts.words < known.words["ticker"] and (kinds or (found and facts.times >= known.ticker_times)):
        why = f"type {kinds[0]}" if kinds else f"the title says {found[0]!r}" if found else ""
        return Verdict(Reason.LIVE_TICKER, f"{why}, {facts.times} lines with a time, {facts.words} words of text")
    return None


def _paywall_stub(facts: Facts) -> Verdict | None:
    """The teaser of a text that is not free. A complete brief is no teaser, whoever may read it."""
    if facts.words >= figures().words["stub"]:
        return None
    if facts.paywall_notice:
        return Verdict(Reason.PAYWALL_STUB, f"a paywall notice ends the text, {facts.words} words of text")
    if facts.paywalled and not facts.complete:
        return Verdict(Reason.PAYWALL_STUB, f"the page says that it is not free, {facts.words} words of a teaser")
    return None


def _too_short(facts: Facts) -> Verdict | None:
    least = facts.minimum if facts.minimum is not None else figures().words["minimum"]
    return too_short(facts.words, least)


def is_other_language(language: str | None, languages: tuple[str, ...], words: int) -> bool:
    """Whether a text is long enough to tell its language, and that is none of ``languages``; empty accepts any."""
    known = bool(languages) and language is not None and words >= figures().words["other_language"]
    return known and language not in languages


def _other_language(facts: Facts) -> Verdict | None:
    if is_other_language(facts.language, facts.languages, facts.words):
        return Verdict(
            Reason.OTHER_LANGUAGE, f"the text is {facts.language}, the source has {', '.join(facts.languages)}"
        )
    return None


CHECKS: tuple[Callable[[Facts], Verdict | None], ...] = (
    _error_page, _consent_wall, _locked, _section_page, _static_page, _gallery, _video, _live_ticker, _paywall_stub,
    _too_short, _other_language,
)  # fmt: skip


def judge(facts: Facts) -> Verdict | None:
    """The first reason why a page is not an article; None for an article."""
    return next((verdict for check in CHECKS if (verdict := check(facts)) is not None), None)
