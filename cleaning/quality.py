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
from urllib.parse import urlsplit

from cleaning.records import Reason

DATA = resources.files("cleaning") / "quality.toml"
# end of the address of a list's second and later pages
PAGE_NUMBER = re.compile(r"(?:/?page)?/?\d{1,4}$", re.IGNORECASE)
TIME_OF_DAY = re.compile(r"^\W*\d{1,2}[:.h]\d{2}(?:\s?(?:am|pm|uhr|h|bst|gmt|cet|est|et))?\b.{0,40}$", re.IGNORECASE)


# minimum of headline links of a list whose type or address says that it is one
FEW_LINKS = 3


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
    languages: tuple[str, ...]  # that the source publishes in; empty accepts any
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


@dataclass(frozen=True, slots=True)
class _Figures:
    """quality.toml, ready for use."""

    words: dict[str, int]
    section_words: int
    section_links: int
    section_share: float
    section_paths: tuple[str, ...]
    section_types: frozenset[str]
    gallery_captions: int
    gallery_share: float
    gallery_types: frozenset[str]
    video_types: frozenset[str]
    ticker_times: int
    ticker_types: frozenset[str]
    ticker_titles: re.Pattern[str]
    error_titles: re.Pattern[str]
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
        section_words=int(section["words"]),
        section_links=int(section["links"]),
        section_share=float(section["link_share"]),
        section_paths=tuple(section["paths"]),
        section_types=frozenset(section["types"]),
        gallery_captions=int(data["gallery"]["captions"]),
        gallery_share=float(data["gallery"]["share"]),
        gallery_types=frozenset(data["gallery"]["types"]),
        video_types=frozenset(data["video"]["types"]),
        ticker_times=int(ticker["times"]),
        ticker_types=frozenset(ticker["types"]),
        ticker_titles=_either(ticker["titles"]),
        error_titles=_either(data["error"]["titles"]),
        consent=_either(data["consent"]["phrases"]),
    )


def judge_status(status: int) -> Verdict | None:
    """Reject a page that the server itself calls an error."""
    return Verdict(Reason.ERROR_PAGE, f"HTTP status {status}") if status >= 400 else None


def too_short(words: int, least: int) -> Verdict | None:
    """Reject a text with fewer words than an article needs."""
    if words == 0:
        return Verdict(Reason.EMPTY, "no text was found")
    return Verdict(Reason.TOO_SHORT, f"{words} words, the least is {least}") if words < least else None


def _error_page(facts: Facts) -> Verdict | None:
    found = figures().error_titles.search(facts.title)
    if found and facts.words < figures().words["notice"] and not facts.has_article_data:
        return Verdict(Reason.ERROR_PAGE, f"the title says {found[0]!r}, {facts.words} words of text")
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


def _section_page(facts: Facts) -> Verdict | None:
    known = figures()
    if facts.has_article_data or facts.prose >= known.section_words:
        return None
    kinds = sorted(facts.types & known.section_types)
    address = urlsplit(facts.url)
    path = address.path
    place = next((part for part in known.section_paths if _lists(part, path)), None)
    share = facts.link_words / max(1, facts.link_words + facts.prose)
    bare = facts.prose < known.words["stub"]
    listed = bare and facts.headline_links >= known.section_links and share >= known.section_share
    front = bool(facts.url) and path in ("", "/") and not address.query  # with ?p=123 it is a story
    if (kinds or place or front) and facts.headline_links >= FEW_LINKS:
        why = f"type {kinds[0]}" if kinds else f"path {place or '/'}"
        return Verdict(Reason.SECTION_PAGE, f"{why}, {facts.headline_links} headline links, no article metadata")
    if listed:
        return Verdict(Reason.SECTION_PAGE, f"{facts.headline_links} headline links hold {share:.0%} of the words")
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
    if (facts.paywalled or facts.paywall_notice) and facts.words < figures().words["stub"]:
        said = "the page says that it is not free" if facts.paywalled else "a paywall notice ends the text"
        return Verdict(Reason.PAYWALL_STUB, f"{said}, {facts.words} words of text")
    return None


def _too_short(facts: Facts) -> Verdict | None:
    least = facts.minimum if facts.minimum is not None else figures().words["minimum"]
    return too_short(facts.words, least)


def _other_language(facts: Facts) -> Verdict | None:
    known = figures().words["other_language"]
    if facts.languages and facts.language and facts.language not in facts.languages and facts.words >= known:
        return Verdict(
            Reason.OTHER_LANGUAGE, f"the text is {facts.language}, the source has {', '.join(facts.languages)}"
        )
    return None


CHECKS: tuple[Callable[[Facts], Verdict | None], ...] = (
    _error_page, _consent_wall, _section_page, _gallery, _video, _live_ticker, _paywall_stub, _too_short,
    _other_language,
)  # fmt: skip


def judge(facts: Facts) -> Verdict | None:
    """The first reason why a page is not an article; None for an article."""
    return next((verdict for check in CHECKS if (verdict := check(facts)) is not None), None)
