"""Whether two texts are copies, judged by what their sketches share, and in what relation they stand."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cleaning.duplicates.pairs import Pairs
from cleaning.duplicates.words import Flags
from cleaning.records import Relation

Shares = npt.NDArray[np.float64]

# Measured on 20,000 labelled articles. Containment, not only resemblance: wires are cut, wrapped and rounded up.
MIN_CONTAINMENT, MIN_RESEMBLANCE = 0.45, 0.42
# A long text shares more with any text by chance. Where the longer one holds less than this of itself in common, the
# shorter must be held for a larger part, by half of what is missing: .45 becomes .6 as the longer one grows.
ONE_SIDED = 0.3
ONE_SIDED_SLOPE = 0.5
# … and by one standard deviation of a share measured on so few grams. Both together left 96 documents of the labelled
# set in a false pair, where .45 alone left 400, and lost one copy in a thousand.
ONE_SIDED_DEVIATIONS = 1.0
# Two or three sampled grams in common are chance, whatever share of a small sample they are: of the labelled
# set's pairs with fewer than four that passed the shares above, 138 of 146 were false.
MIN_SHARED = 4
# Market reports, score tables and weather keep their sentences and change their figures. Such a pair shares far less of
# its grams with figures than of the others; a copy with typing errors or synonyms shares about as much of both.
# Vetoed when the former share is below this part of the latter …
FIGURE_GUARD = 0.6
# … by more than chance: so many standard deviations of a binomial draw. Without this the guard parted 136 true pairs of
# the labelled set and let 5 false ones pass; with it, 17 and 7.
FIGURE_DEVIATIONS = 2.5
# Without set phrases a pair must still share this much. Less than the first limits, since a copy in the set phrases of
# its trade (results, ratings) loses some of what it truly shares; a pair that shares only phrases loses nearly all.
MIN_SUBSTANCE = 0.35
MIN_SUBSTANCE_SHARED = 3
# A passage that a site puts on several pages, cut differently on each, is no line of the site: a ticker, the story so
# far. Pages of one host of which each holds a good part of its own are no versions of one article when one of them
# shares as little with three others: versions share nearly all, and all of them.
OWN_PART = 0.3
PASSAGE_PAGES = 4  # as many pages as make a line the site's
# One text holds the other, rather than both being versions of one: the longer has half as much again.
CLEARLY_LONGER = 1.5
MOSTLY_HELD = 0.6


def containment(pairs: Pairs) -> tuple[Shares, Shares]:
    """Share of a's grams that b holds, and of b's that a holds (Broder 1997)."""
    return pairs.shared / np.maximum(pairs.size_a, 1), pairs.shared / np.maximum(pairs.size_b, 1)


def resemblance(pairs: Pairs) -> Shares:
    """Jaccard index: shared grams over all grams of both (Broder 1997)."""
    return np.asarray(pairs.shared / np.maximum(pairs.size_a + pairs.size_b - pairs.shared, 1))


def figures_differ(pairs: Pairs) -> Flags:
    """The pair shares its sentences but not its figures."""
    figures = np.minimum(pairs.digits_a, pairs.digits_b)
    plain = np.maximum(np.minimum(pairs.size_a - pairs.digits_a, pairs.size_b - pairs.digits_b), 1)
    share = np.clip((pairs.shared - pairs.shared_digits) / plain, 0.05, 0.95)
    expected = share * figures
    # a quarter keeps the deviation of very small samples from nearing nought
    deviation = np.sqrt(expected * (1 - share) + 0.25)
    short_by = expected - pairs.shared_digits
    return np.asarray((pairs.shared_digits < FIGURE_GUARD * expected) & (short_by > FIGURE_DEVIATIONS * deviation))


def is_copy(pairs: Pairs) -> Flags:
    """Which pairs are copies of one another, whole or in part."""
    of_a, of_b = containment(pairs)
    more, less = np.maximum(of_a, of_b), np.minimum(of_a, of_b)
    size = np.maximum(np.where(of_a > of_b, pairs.size_a, pairs.size_b), 1)
    margin = ONE_SIDED_SLOPE * (ONE_SIDED - less) + ONE_SIDED_DEVIATIONS * 0.5 / np.sqrt(size)
    needed = MIN_CONTAINMENT + np.where(less < ONE_SIDED, margin, 0.0)
    enough = (more >= needed) | (resemblance(pairs) >= MIN_RESEMBLANCE)
    return enough & (pairs.shared >= MIN_SHARED) & ~figures_differ(pairs)


def has_substance(without_phrases: Pairs) -> Flags:
    """Which pairs still share something when set phrases do not count; see :mod:`cleaning.duplicates.phrases`."""
    of_a, of_b = containment(without_phrases)
    return (np.maximum(of_a, of_b) >= MIN_SUBSTANCE) & (without_phrases.shared >= MIN_SUBSTANCE_SHARED)


def on_site_passages(pairs: Pairs, host: npt.NDArray[np.uint64]) -> Flags:
    """Which pairs of copies share only a passage of their site.

    Args:
        pairs: copies.
        host: one hash per document, nought where it is not known.
    """
    of_a, of_b = containment(pairs)
    apart = (host[pairs.a] == host[pairs.b]) & (host[pairs.a] != 0) & (np.maximum(of_a, of_b) < 1 - OWN_PART)
    partners = np.bincount(np.concatenate([pairs.a[apart], pairs.b[apart]]), minlength=len(host))
    return np.asarray(apart & (np.maximum(partners[pairs.a], partners[pairs.b]) >= PASSAGE_PAGES - 1))


def relations(pairs: Pairs) -> list[Relation]:
    """NEAR or CONTAINED for each pair of copies."""
    of_a, of_b = containment(pairs)
    larger = np.maximum(pairs.size_a, pairs.size_b)
    smaller = np.maximum(np.minimum(pairs.size_a, pairs.size_b), 1)
    contained = (np.maximum(of_a, of_b) >= MOSTLY_HELD) & (larger >= CLEARLY_LONGER * smaller)
    return [Relation.CONTAINED if c else Relation.NEAR for c in contained.tolist()]
