"""How many articles no way of discovery listed: capture–recapture, with the ways in place of the trapping occasions.

Each way lists an article or not, at a rate of its own (a feed holds the latest ten, a sitemap nearly all): the model
M_t of Otis et al. (1978, Wildlife Monographs 62). The number that was missed is Chao's estimate for it (1989,
Biometrics 45, 427–438, bias-corrected form), which for two ways is Chapman's version of Lincoln–Petersen's (1951,
Univ. Calif. Publ. Stat. 1, 131–160). Where some articles are harder to list than others for every way alike, it is a
lower bound: what stands on no list at all leaves no trace in any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from math import exp, lgamma, log, sqrt

# Quantiles of 95 %: of the normal distribution, and of chi-square with one degree of freedom.
_Z = 1.959964
_CHI_SQUARE = 3.841459
# Beyond this many times what was listed an interval says nothing any more: it counts as unbounded.
UNBOUNDED = 20.0


@dataclass(frozen=True, slots=True)
class Captures:
    """What the ways of discovery listed of one set of articles.

    Attributes:
        listed: articles that some way listed.
        by_way: articles that each way listed, in any order.
        alone: of these, the articles that no other way listed.
        twice: articles that exactly two ways listed.
    """

    listed: int
    by_way: tuple[int, ...]
    alone: tuple[int, ...]
    twice: int

    @classmethod
    def of(cls, listed_by: Iterable[Collection[str]], ways: Collection[str]) -> Captures:
        """Count the ways that listed each article, among the ways that could have."""
        many = [set(one) & set(ways) for one in listed_by]
        seen = [one for one in many if one]
        return cls(
            listed=len(seen),
            by_way=tuple(sum(way in one for one in seen) for way in sorted(ways)),
            alone=tuple(sum(one == {way} for one in seen) for way in sorted(ways)),
            twice=sum(len(one) == 2 for one in seen),
        )

    def __add__(self, other: Captures) -> Captures:
        """The counts of two sets of articles that the same ways could list."""
        return Captures(
            self.listed + other.listed,
            tuple(map(sum, zip(self.by_way, other.by_way, strict=True))),
            tuple(map(sum, zip(self.alone, other.alone, strict=True))),
            self.twice + other.twice,
        )


@dataclass(frozen=True, slots=True)
class Missed:
    """An estimate of the articles that no way listed, with its interval of 95 %; ``high`` None is unbounded."""

    number: float
    low: float
    high: float | None


def missed(captures: Captures) -> Missed | None:
    """Estimate how many articles no way listed; None where fewer than two ways listed anything.

    The interval spans that of the profile likelihood (Cormack 1992, Biometrics 48, 567–576), which also bounds what was
    missed where the ways contradict each other in nothing, and Chao's log-normal one (1987, Biometrics 43, 783–791),
    which allows for ways that list alike.
    """
    active = [n for n in captures.by_way if n]
    if len(active) < 2:
        return None
    number = _chao(captures)
    low, high = _profile(captures.listed, active)
    spread = _spread(captures, number)
    if number > 0:
        low = min(low, number / spread)
        high = None if high is None else max(high, number * spread)
    if high is not None and high > UNBOUNDED * captures.listed:
        high = None
    return Missed(number, low, high)


def _pairs(alone: Collection[int]) -> float:
    """Sum of the products of all pairs."""
    return (sum(alone) ** 2 - sum(n * n for n in alone)) / 2


def _chao(captures: Captures) -> float:
    return _pairs(captures.alone) / (captures.twice + 1)


def _spread(captures: Captures, number: float) -> float:
    """The factor of the log-normal interval; the variance by the delta method on the multinomial of the histories."""
    if number <= 0:
        return 1.0
    twice = captures.twice
    total = captures.listed + number
    once = sum(captures.alone)
    variance = sum(n * (1 + (once - n) / (twice + 1)) ** 2 for n in captures.alone)
    variance += twice * (1 - number / (twice + 1)) ** 2
    variance += captures.listed - once - twice - total
    return exp(_Z * sqrt(log(1 + max(variance, 0.0) / number**2)))


def _profile(listed: int, by_way: Collection[int]) -> tuple[float, float | None]:
    """The numbers missed at which the likelihood of the independent ways falls by half the quantile."""

    def likelihood(missing: int) -> float:
        total = listed + missing
        value = lgamma(total + 1) - lgamma(missing + 1)
        for n in by_way:
            value += n * log(n / total) + ((total - n) * log(1 - n / total) if total > n else 0.0)
        return value

    limit = int(UNBOUNDED * listed) + 1
    best = _peak(likelihood, limit)
    floor = likelihood(best) - _CHI_SQUARE / 2
    low = 0 if likelihood(0) >= floor else _crossing(likelihood, floor, best, 0)
    if likelihood(limit) >= floor:
        return float(low), None
    return float(low), float(_crossing(likelihood, floor, best, limit))


def _peak(likelihood: Callable[[int], float], limit: int) -> int:
    """The whole number at which a function with one maximum has it."""
    low, high = 0, limit
    while low < high:
        middle = (low + high) // 2
        if likelihood(middle + 1) > likelihood(middle):
            low = middle + 1
        else:
            high = middle
    return low


def _crossing(likelihood: Callable[[int], float], floor: float, inside: int, outside: int) -> int:
    """The last whole number from ``inside`` towards ``outside`` at which the likelihood is not below ``floor``."""
    while abs(inside - outside) > 1:
        middle = (inside + outside) // 2
        if likelihood(middle) >= floor:
            inside = middle
        else:
            outside = middle
    return inside
