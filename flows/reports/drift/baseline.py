"""What a source's own history lets one expect of a day: robust, aware of weekdays, on scales where chance is even.

Counts are compared as 2·√(x + 3/8) (Anscombe 1948), whose deviation for a Poisson count is 1 whatever its mean; shares
as 2·asin √((x + 3/8) / (n + 3/4)) (the same paper), whose deviation is 1/√n; lengths as logarithms. The middle is a
median and the spread a median absolute deviation, so that one odd day in the history moves neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import asin, exp, log, pi, sin, sqrt
from statistics import median

# Days of history that count: six weeks contain each weekday six times, and nothing of a pace that was given up earlier.
HISTORY_DAYS = 42
# With fewer days of crawling a middle is a guess.
HISTORY_DAYS_MIN = 7
# Deviations from the middle at which a day leaves the band. Of a normal quantity one day in 16,000 does by chance: with
# 100 sources and 20 quantities each, one false alarm a week before the least changes below are asked for as well.
DEVIATIONS = 4.0
# The median absolute deviation of a normal quantity times this is its standard deviation.
MAD_TO_SIGMA = 1.4826
# Days of the same weekday count fully against all others only when there are several: with n of them, n / (n + 1).
WEEKDAY_WEIGHT = 1.0
# Days of the same weekday from which it counts as known.
WEEKDAYS_MIN = 3
# Share of the days at either end that a usual share is taken without.
TRIMMED = 0.1
# Share of the middle to which a yield must fall, and the multiple to which it must rise, to be worth a person's time.
YIELD_FALL, YIELD_RISE = 0.5, 2.5
# The least change of a share, and the least factor of a length, that are worth a person's time.
SHARE_CHANGE, LENGTH_FACTOR = 0.2, 1.6
# Standard error of a median over that of a mean, of a normal quantity.
MEDIAN_ERROR = 1.2533
# Interquartile range of a normal quantity, in standard deviations.
IQR_TO_SIGMA = 1.349


@dataclass(frozen=True, slots=True)
class Band:
    """The expected range of one quantity on one day, in its own unit."""

    low: float
    middle: float
    high: float

    def is_outside(self, value: float) -> bool:
        """Whether a value leaves the band."""
        return value < self.low or value > self.high


def count_band(history: Sequence[tuple[date, float]], day: date) -> Band | None:
    """The range of a count, such as a source's new articles.

    Args:
        history: earlier days of crawling with their counts, in order; only the last HISTORY_DAYS of them count.
        day: the day to judge, for its weekday.

    Returns:
        None where the history is shorter than HISTORY_DAYS_MIN days.
    """
    scaled = [(then, _scale_count(value)) for then, value in history[-HISTORY_DAYS:]]
    if len(scaled) < HISTORY_DAYS_MIN:
        return None
    middle = _middle(scaled, day)
    spread = max(1.0, _spread([value - _middle(scaled, then) for then, value in scaled]))
    expected = _unscale_count(middle)
    same = [value for then, value in scaled if then.weekday() == day.weekday()]
    # Nobody knows yet what this weekday is like: it may be as it was, or as all days are.
    middles = [middle] if len(same) >= WEEKDAYS_MIN else [middle, *same, median(value for _, value in scaled)]
    low = min(_unscale_count(min(middles) - DEVIATIONS * spread), YIELD_FALL * expected)
    high = max(_unscale_count(max(middles) + DEVIATIONS * spread), YIELD_RISE * expected)
    return Band(low, expected, high)


def share_band(history: Sequence[tuple[int, int]], n: int) -> Band | None:
    """The range of a share, such as a field's fill rate.

    Args:
        history: (with, of) of earlier days; days without pages may be among them.
        n: pages of the day to judge.

    Returns:
        None where the history has fewer than HISTORY_DAYS_MIN days with pages, or the day has none.
    """
    days = [(k, of) for k, of in history if of][-HISTORY_DAYS:]
    if len(days) < HISTORY_DAYS_MIN or n == 0:
        return None
    share = _middle_share(days)
    middle = _scale_share(share * n, n)
    # How far days differ beyond what their own sizes explain.
    noise = median(1 / of for _, of in days)
    own = max(0.0, _spread([_scale_share(k, of) for k, of in days]) ** 2 - noise)
    spread = sqrt(1 / n + own)
    low = sin(max(0.0, middle - DEVIATIONS * spread) / 2) ** 2
    high = sin(min(pi, middle + DEVIATIONS * spread) / 2) ** 2
    return Band(min(low, share - SHARE_CHANGE), share, max(high, share + SHARE_CHANGE))


def length_band(history: Sequence[float], n: int, spread: float) -> Band | None:
    """The range of a day's median length, in words.

    Args:
        history: the medians of earlier days.
        n: texts of the day to judge.
        spread: interquartile range of the logarithm of a usual day's lengths.
    """
    logs = [log(value) for value in history[-HISTORY_DAYS:] if value > 0]
    if len(logs) < HISTORY_DAYS_MIN or n == 0:
        return None
    middle = median(logs)
    chance = MEDIAN_ERROR * spread / IQR_TO_SIGMA / sqrt(n)
    reach = max(DEVIATIONS * max(chance, _spread([value - middle for value in logs])), log(LENGTH_FACTOR))
    return Band(exp(middle - reach), exp(middle), exp(middle + reach))


def _middle(scaled: Sequence[tuple[date, float]], day: date) -> float:
    """The median, drawn towards that of the same weekday as far as there are such days."""
    every = median(value for _, value in scaled)
    same = [value for then, value in scaled if then.weekday() == day.weekday()]
    if not same:
        return every
    weight = len(same) / (len(same) + WEEKDAY_WEIGHT)
    return weight * median(same) + (1 - weight) * every


def _middle_share(days: Sequence[tuple[int, int]]) -> float:
    """The share of all days together, without the odd ones at either end: the median of small days would be 0 or 1."""
    ordered = sorted(days, key=lambda day: day[0] / day[1])
    cut = round(TRIMMED * len(ordered))
    inner = ordered[cut : len(ordered) - cut]
    return sum(k for k, _ in inner) / sum(of for _, of in inner)


def _spread(residuals: Sequence[float]) -> float:
    centre = median(residuals)
    return MAD_TO_SIGMA * median(abs(one - centre) for one in residuals)


def _scale_count(value: float) -> float:
    return 2 * sqrt(value + 0.375)


def _unscale_count(value: float) -> float:
    return max(0.0, (max(value, 0.0) / 2) ** 2 - 0.375)


def _scale_share(k: float, of: int) -> float:
    return 2 * asin(sqrt((k + 0.375) / (of + 0.75)))
