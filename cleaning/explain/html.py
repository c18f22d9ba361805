"""Renders one page that explains one cleaning: original and result side by side, each removed line with its rule.

The cleaned page may be hostile. Its markup never gets here, only its text; every value is escaped by Jinja; the page
has no script, and its Content-Security-Policy forbids scripts and loads, should one get in all the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from itertools import groupby
from urllib.parse import urlsplit

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from cleaning.explain.lines import Account, LineStatus, PageLine, Stretch, account
from cleaning.explain.template import PAGE, STYLE
from cleaning.records import Article, Cleaned, RawPage, RawText, Rejection, Removal
from cleaning.text import word_count

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
# a longer run of lines that were never extracted is collapsed: a menu should not push the article off the screen
FOLD_FROM = 5
OPENING = 60  # characters of a collapsed run shown in its summary
# Hues of rules step around the colour circle by the golden angle, which keeps any number of them apart; green means
# kept.
GOLDEN_ANGLE = 137.508
FIRST_HUE = 25.0
GREEN = (125.0, 175.0)  # degrees of OKLCH
# Control characters that have no glyph, or that reorder the text around them (Unicode 15.1, UAX #9): shown by code.
UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
DATE_SOURCES = {
    "json-ld": "the page's JSON-LD",
    "meta": "a meta tag of the page",
    "time-element": "a time element of the page",
    "feed": "the feed that led to the page",
    "sitemap": "the sitemap that led to the page",
    "url": "the address",
    "text": "the visible text",
}


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule in the legend."""

    id: str
    why: str
    count: int
    probability: str  # boilerplate probability, as a range; empty if no model decided
    hue: float  # degrees of OKLCH


@dataclass(frozen=True, slots=True)
class _Fact:
    """A row of the metadata."""

    name: str
    value: str
    wide: bool = False


@dataclass(frozen=True, slots=True)
class _Run:
    """Consecutive lines of the page, with their numbers."""

    lines: tuple[tuple[int, PageLine], ...]
    folded: bool
    opening: str


@dataclass(frozen=True, slots=True)
class _Part:
    """One segment of the bar that shows the shares."""

    classes: str
    share: int  # words


def explain_html(page: RawPage | RawText, cleaned: Cleaned) -> str:
    """A self-contained HTML page about what cleaning did with ``page``; the same arguments give the same characters.

    Args:
        page: what was cleaned. For a page that cannot be parsed, only its rejection is explained.
        cleaned: what :func:`cleaning.pipeline.clean` or ``clean_text`` returned for it.
    """
    result = cleaned.result
    article = result if isinstance(result, Article) else None
    found = account(page, cleaned)
    rules = _rules(cleaned.removals)
    numbers = {rule.id: n for n, rule in enumerate(rules)}
    words = _words(found)
    counts = Counter(stretch for line in found.lines for stretch in {part.fate for part in line.stretches})
    return _template().render(
        policy=POLICY,
        style=Markup(STYLE),  # noqa: S704  a constant
        heading=result.title or result.canonical_url or page.raw_file,
        link=result.url if _is_web(result.url) else None,
        address=result.url or page.raw_file,
        article=article,
        rejection=result if isinstance(result, Rejection) else None,
        facts=_article_facts(article) if article else _page_facts(result),
        summary=_summary(words),
        bar=_bar(words, numbers),
        lines=found.lines,
        counts={fate.value: counts[fate] for fate in LineStatus},
        rules=rules,
        numbers=numbers,
        runs=list(_runs(found.lines)),
        elsewhere=found.elsewhere,
        unreadable=found.unreadable,
        paragraphs=article.text.split("\n\n") if article else [],
        origin=_origin(found.lines),
    )


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_shown
    )
    return environment.from_string(PAGE)


def _shown(value: object) -> object:
    """A value with its control characters shown by code, so that none can hide or reorder anything."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return UNSHOWN.sub(lambda found: f"[U+{ord(found[0]):04X}]", value)
    return value


def _is_web(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("http", "https")
    except ValueError:
        return False


def _rules(removals: Iterable[Removal]) -> list[_Rule]:
    """The rules that removed something, those that removed most first."""
    by_rule: dict[str, list[Removal]] = {}
    for removal in removals:
        by_rule.setdefault(removal.rule, []).append(removal)
    rules = []
    hue = FIRST_HUE
    for name, group in sorted(by_rule.items(), key=lambda item: (-len(item[1]), item[0])):
        probabilities = sorted(removal.probability for removal in group if removal.probability is not None)
        rules.append(_Rule(name, _why(group), len(group), _range(probabilities), round(hue, 1)))
        hue = (hue + GOLDEN_ANGLE) % 360
        if GREEN[0] <= hue <= GREEN[1]:
            hue = (hue + GOLDEN_ANGLE) % 360
    return rules


def _why(removals: Sequence[Removal]) -> str:
    """The reason that all removals of a rule share: figures in brackets that differ from line to line are dropped."""
    whys = {removal.why for removal in removals}
    return removals[0].why if len(whys) == 1 else f"{removals[0].why.partition(' (')[0].rstrip('.')}."


def _range(probabilities: Sequence[float]) -> str:
    if not probabilities:
        return ""
    low, high = f"{probabilities[0]:.0%}", f"{probabilities[-1]:.0%}"
    return low if low == high else f"{low} to {high}"


def _runs(lines: Sequence[PageLine]) -> Iterable[_Run]:
    """The lines in order; long runs of lines that were never extracted are collapsed."""
    for left, group in groupby(enumerate(lines), key=lambda item: item[1].fate is LineStatus.LEFT):
        run = tuple(group)
        yield _Run(run, left and len(run) >= FOLD_FROM, run[0][1].stretches[0].text[:OPENING])


def _origin(lines: Sequence[PageLine]) -> dict[int, int]:
    """The first line of the page that contains each paragraph of the article."""
    origin: dict[int, int] = {}
    for number, line in enumerate(lines):
        for stretch in line.stretches:
            if stretch.paragraph is not None:
                origin.setdefault(stretch.paragraph, number)
    return origin


def _words(found: Account) -> Counter[tuple[LineStatus, str]]:
    """Words by fate and, if removed, by rule."""
    words: Counter[tuple[LineStatus, str]] = Counter()
    stretches: list[Stretch] = [stretch for line in found.lines for stretch in line.stretches]
    for stretch in (*stretches, *found.elsewhere):
        words[stretch.fate, stretch.removal.rule if stretch.removal else ""] += word_count(stretch.text)
    return words


def _bar(words: Counter[tuple[LineStatus, str]], numbers: dict[str, int]) -> list[_Part]:
    parts = [_Part("kept", words[LineStatus.KEPT, ""] + words[LineStatus.TITLE, ""])]
    parts += [_Part(f"removed r{number}", words[LineStatus.REMOVED, rule]) for rule, number in numbers.items()]
    parts.append(_Part("left", words[LineStatus.LEFT, ""]))
    return [part for part in parts if part.share]


def _summary(words: Counter[tuple[LineStatus, str]]) -> str:
    by_fate: Counter[LineStatus] = Counter()
    for (fate, _), count in words.items():
        by_fate[fate] += count
    return (
        f"Of {words.total():,} words, {by_fate[LineStatus.KEPT] + by_fate[LineStatus.TITLE]:,} were kept, "
        f"{by_fate[LineStatus.REMOVED]:,} removed, {by_fate[LineStatus.LEFT]:,} never extracted."
    )


def _moment(at: datetime, offset: int | None = None) -> str:
    """A time in its own zone if that is known (minutes east of UTC), and in UTC."""
    universal = at.astimezone(UTC)
    if not offset:
        return f"{universal:%Y-%m-%d %H:%M} UTC"
    local = at.astimezone(timezone(timedelta(minutes=offset)))
    return f"{local:%Y-%m-%d %H:%M} {local:%z} ({universal:%Y-%m-%d %H:%M} UTC)"


def _published(article: Article) -> str:
    if article.published_at is None:
        return f"no date was found; filed under the day it was fetched, {article.published_date}"
    origin = DATE_SOURCES.get(article.date_source, article.date_source)
    return (
        f"{_moment(article.published_at, article.published_offset)}, "
        f"from {origin} ({article.date_confidence} confidence)"
    )


def _article_facts(article: Article) -> list[_Fact]:
    """Every column that has something to say, in the order in which a reader asks."""
    yes = [
        name
        for name, value in (
            ("behind a paywall", article.is_paywalled),
            ("the text breaks off", article.is_truncated),
            ("the publisher reserves text and data mining or AI training", article.training_opt_out),
        )
        if value
    ]
    facts = [
        _Fact("Published", _published(article)),
        _Fact("Modified", _moment(article.modified_at) if article.modified_at else ""),
        _Fact("Authors", ", ".join(article.authors) or "none named"),
        _Fact("Language", article.language or "too short to tell"),
        _Fact("Section", article.section or ""),
        _Fact("Site", article.site_name or ""),
        _Fact("Rights and access", "; ".join(yes) or "free to read, no reservation found"),
        _Fact("Doubts", ", ".join(article.flags)),
        _Fact("Tags", ", ".join(article.tags)),
        _Fact("Description", article.description or "", wide=True),
        _Fact("Image", article.image_url or "", wide=True),
        _Fact("Canonical address", article.canonical_url, wide=True),
        _Fact("article_id", article.article_id),
        _Fact("Body found by", article.extractor),
    ]
    return [fact for fact in facts if fact.value] + _lineage(article)


def _page_facts(rejection: Article | Rejection) -> list[_Fact]:
    facts = [
        _Fact("Title", rejection.title or "none was read"),
        _Fact("Words extracted", f"{rejection.word_count:,}"),
        _Fact("Canonical address", rejection.canonical_url, wide=True),
    ]
    return [fact for fact in facts if fact.value] + _lineage(rejection)


def _lineage(row: Article | Rejection) -> list[_Fact]:
    return [
        _Fact("Fetched", _moment(row.fetched_at)),
        _Fact("Source", row.source),
        _Fact("Rules", row.rules_version),
        _Fact("Raw", f"{row.raw_file}, byte {row.raw_offset:,}"),
    ]
