"""What left its band on a source's latest day of crawling, judged by the days before it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import log
from statistics import median

from flows.reports.drift.baseline import HISTORY_DAYS, Band, count_band, length_band, share_band
from flows.reports.history.source_days import FIELDS, SourceDay
from flows.reports.silent_sources import CHANCE, silence

# A share of fewer pages says little: a source that brings fewer in a day is judged by its last days together.
PAGES_MIN = 8
# With fewer than these, nothing is concluded from shares and lengths.
PAGES_CONCLUSIVE = 4
POOLED_DAYS_MAX = 7
# Texts after which a field that none of them has is called empty from the first day.
EMPTY_TEXTS = 20
# Fields that nearly every news page states. Tags, sections and dates of change are absent from many sites on purpose.
EXPECTED_FIELDS = ("title", "authors", "published_at", "description", "image_url")


@dataclass(frozen=True, slots=True)
class Signal:
    """One quantity of one source outside its band."""

    name: str  # as in causes.toml
    sentence: str
    value: float
    band: Band | None = None


@dataclass(frozen=True, slots=True)
class _Share:
    name: str
    words: str
    count: Callable[[SourceDay], int]
    of: Callable[[SourceDay], int]
    falls: bool  # the change that matters: downwards, or upwards


def _filled(field: str) -> Callable[[SourceDay], int]:
    return lambda day: day.filled.get(field, 0)


_SHARES = (
    _Share("rejections", "pages that are no articles", lambda d: d.rejections, lambda d: d.new + d.rejections, False),
    _Share("duplicates", "copies among its texts", lambda d: d.duplicates, lambda d: d.new, False),
    _Share("paywalled", "texts that break off or are not free", lambda d: d.paywalled, lambda d: d.texts, False),
    _Share("backdated", "articles that were old when they appeared", lambda d: d.backdated, lambda d: d.new, False),
    _Share("future-dated", "pages dated in the future", lambda d: d.future_dated, lambda d: d.texts, False),
    *(_Share(f"fill:{name}", f"texts with {name}", _filled(name), lambda d: d.texts, True) for name in FIELDS),
)


def history_of(
    source: str, days: Mapping[tuple[str, date], SourceDay], crawled: Mapping[date, Collection[str]]
) -> list[SourceDay]:
    """A source's days of crawling in order, empty ones included, from the first that brought anything."""
    every = [days.get((source, day), SourceDay(source, day)) for day in sorted(crawled) if source in crawled[day]]
    begun = next((i for i, day in enumerate(every) if day.new), len(every))
    return every[begun:]


def signals(history: Sequence[SourceDay], *, unusual: Collection[date] = ()) -> list[Signal]:
    """What is unusual about the last day of a history.

    Args:
        history: as given by :func:`history_of`; its first day contains the backlog of a new source and never counts.
        unusual: days on which the source was already alarmed: they are no measure of what is usual.
    """
    if len(history) < 2:
        return []
    today, before = history[-1], [day for day in history[1:-1] if day.day not in unusual][-HISTORY_DAYS:]
    return [*_of_yield(today, before, history), *_of_shares(today, before), *_of_length(today, before)]


def empty_fields(history: Sequence[SourceDay], acknowledged: Collection[str] = ()) -> list[str]:
    """The expected fields that no text of the source has ever had, once there are enough texts to say so."""
    texts = sum(day.texts for day in history)
    if texts < EMPTY_TEXTS:
        return []
    watched = [name for name in EXPECTED_FIELDS if name not in acknowledged]
    return [name for name in watched if not any(day.filled.get(name) for day in history)]


def yield_band(history: Sequence[SourceDay], place: int, unusual: Collection[date] = ()) -> Band | None:
    """The expected range of the yield of the day at a place of the history, by the days before it."""
    before = [day for day in history[1:place] if day.day not in unusual]
    return count_band([(day.day, day.new) for day in before], history[place].day)


def _of_yield(today: SourceDay, before: Sequence[SourceDay], history: Sequence[SourceDay]) -> list[Signal]:
    quiet = silence([day.new for day in history])
    if quiet and _is_improbable(before, history):
        return [Signal("silent", quiet, today.new)]
    band = count_band([(day.day, day.new) for day in before], today.day)
    if band is None or not band.is_outside(today.new):
        return []
    name = "yield-low" if today.new < band.low else "yield-high"
    return [Signal(name, f"{today.new} new articles, {_range(band.low, band.high)} expected", today.new, band)]


def _is_improbable(before: Sequence[SourceDay], history: Sequence[SourceDay]) -> bool:
    """Whether the days without an article would be improbable at the pace of their weekdays, too."""
    last = max(day.day for day in history if day.new)
    usual = [(day.day, day.new) for day in before if day.day <= last]
    bands = [count_band(usual, day.day) for day in history if day.day > last]
    return sum(band.middle for band in bands if band) >= -log(CHANCE)


def _of_shares(today: SourceDay, before: Sequence[SourceDay]) -> list[Signal]:
    return [signal for share in _SHARES if (signal := _of_share(share, today, before))]


def _of_share(share: _Share, today: SourceDay, before: Sequence[SourceDay]) -> Signal | None:
    """The share of the day alone and, where it has few pages, of the last days together."""
    for pooled in _pools(share, today, before):
        n = sum(share.of(day) for day in pooled)
        usual = [(share.count(day), share.of(day)) for day in before if day not in pooled]
        band = share_band(usual, n)
        if band is None or n < PAGES_CONCLUSIVE:
            continue
        value = sum(share.count(day) for day in pooled) / n
        if value < band.low if share.falls else value > band.high:
            return Signal(share.name, f"{value:.0%} {share.words}, {band.middle:.0%} before", value, band)
    return None


def _pools(share: _Share, today: SourceDay, before: Sequence[SourceDay]) -> list[list[SourceDay]]:
    pools = [[today]]
    if 0 < share.of(today) < PAGES_MIN:
        pooled = [today]
        for day in reversed(before[-POOLED_DAYS_MAX:]):
            if sum(share.of(one) for one in pooled) >= PAGES_MIN:
                break
            pooled.append(day)
        pools.append(pooled)
    return pools


def _of_length(today: SourceDay, before: Sequence[SourceDay]) -> list[Signal]:
    usual = [day for day in before if day.texts >= PAGES_CONCLUSIVE]
    if today.texts < PAGES_CONCLUSIVE or not usual:
        return []
    spread = median(day.words_spread for day in usual)
    band = length_band([day.words for day in usual], today.texts, spread)
    if band is None or not band.is_outside(today.words):
        return []
    sentence = f"texts of {today.words:.0f} words, {_range(band.low, band.high)} expected"
    return [Signal("length", sentence, today.words, band)]


def _range(low: float, high: float) -> str:
    return f"{low:.0f} to {high:.0f}"
