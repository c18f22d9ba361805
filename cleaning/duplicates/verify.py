"""Whether two texts are copies, and in what relation they stand.

Two questions: do they share enough (by their sketches, or exactly by their words), and are they one report or two
of the same form (by what they exchange, see :mod:`cleaning.duplicates.differences`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cleaning.duplicates.differences import Differences
from cleaning.duplicates.pairs import Pairs
from cleaning.duplicates.sketches import FULL_GRAMS
from cleaning.duplicates.words import Flags, Ints
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
# Copies follow within a day or two. What repeats half of an older text days later is the next report with the same
# background, so more of the shorter text's words must be in their places in the other one: an edited copy has nine in
# ten, and few 3-grams for its many small changes.
LATE_DAYS = (1, 4, 14)
LATE_WORDS = (0.0, 0.7, 0.85)
# A pair with at least this containment is not examined further, if it is within this many days or shares all figures.
# Copies have lines of their own for place, telephone and copyright, with figures in them.
SURE_CONTAINMENT = 0.9
SURE_DAYS = 1
# So many sampled grams with figures tell by themselves: all but one in ten shared, or less than a third of them.
MANY_FIGURES = 8
SURE_WITH_FIGURES = 0.6
# With few figures: another report of the same form shares a smaller part of this many grams.
SURE_WITHOUT_FIGURES, SURE_GRAMS = 0.8, 24
CLEARLY_OTHER = 0.35
# Short texts in long ones are measured on few sampled grams. From this share on the words decide.
DOUBTFUL_CONTAINMENT = 0.35
DOUBTFUL_SHARED = 2
# The share of names and figures that a pair exchanges, of those it shares or exchanges, from which it is two reports of
# one form. Of 12,400 true pairs of the labelled set, edited copies among them, 26 exchange more than .25 of them; of
# its pairs of reports none less than .28. The longer two texts are apart the less is needed: a market report a
# week later is another one though only the figure of the day differs.
EXCHANGED_DAYS = (1, 4, 8, 14)
EXCHANGED = (0.27, 0.14, 0.07, 0.03)
# The same of figures alone, where three or more are exchanged.
FIGURES_DAYS = (0, 1, 3, 8)
FIGURES = (0.45, 0.4, 0.28, 0.1)
FIGURES_EXCHANGED = 3
# The same of the names in short notices.
NOTICE_NAMES = 0.27
# Nearly nothing but names and figures: a table, in which one figure in thirty tells two hours apart.
TABLE_PLAIN = 0.1
TABLE_EXCHANGED = 0.03
# One word exchanged is a correction or a misprint, unless days have passed.
MIN_EXCHANGED = 2
# Typing errors and re-wording exchange plain words at the same rate as names; that rate is allowed for, less
# so the longer the texts are apart.
ALLOWED_DAYS = (1, 10)
ALLOWED = (1.0, 0.2)
# Added to the count of names and figures, so that shares of very few say less.
_PRIOR = 2
# A notice of fewer words that its site publishes again days later, word for word, is the next of its kind: "rates were
# left unchanged".
NOTICE_WORDS = FULL_GRAMS
NOTICE_DAYS = 2
# Where no texts are at hand, figures of the sketches stand in for what the texts exchange: such a pair shares far less
# of its grams with figures than of the others. Vetoed when the former share is below this part of the latter …
FIGURE_GUARD = 0.6
# … by more than chance: this many standard deviations of a binomial draw.
FIGURE_DEVIATIONS = 2.5
# Without set phrases a pair must still share this much. Less than the first limits, since a copy in the set phrases of
# its trade (results, ratings) loses some of what it truly shares; a pair that shares only phrases loses nearly all.
MIN_SUBSTANCE = 0.35
MIN_SUBSTANCE_SHARED = 3
# Notices of a few lines are phrases but for the names and figures in them.
NOTICE_SUBSTANCE = 0.3
NOTICE_SUBSTANCE_SHARED = 2
# A passage that a site puts on several pages, cut differently on each, is not a line of the site: a ticker, a summary.
# Pages of one host that each have a good part of their own are not versions of one article if one of them
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
    # a quarter keeps the deviation of very small samples from nearing zero
    deviation = np.sqrt(expected * (1 - share) + 0.25)
    short_by = expected - pairs.shared_digits
    return np.asarray((pairs.shared_digits < FIGURE_GUARD * expected) & (short_by > FIGURE_DEVIATIONS * deviation))


def _enough(more: Shares, less: Shares, margin: Shares | float) -> Flags:
    """Whether shares of two texts are large enough for copies."""
    one_sided = np.where(less < ONE_SIDED, ONE_SIDED_SLOPE * (ONE_SIDED - less) + margin, 0.0)
    return np.asarray(more >= np.minimum(MIN_CONTAINMENT + one_sided, SURE_CONTAINMENT))


def shares_enough(pairs: Pairs) -> Flags:
    """Which pairs share enough for copies, whole or in part, as far as their sketches tell."""
    of_a, of_b = containment(pairs)
    more, less = np.maximum(of_a, of_b), np.minimum(of_a, of_b)
    size = np.maximum(np.where(of_a > of_b, pairs.size_a, pairs.size_b), 1)
    enough = _enough(more, less, ONE_SIDED_DEVIATIONS * 0.5 / np.sqrt(size))
    return (enough | (resemblance(pairs) >= MIN_RESEMBLANCE)) & (pairs.shared >= MIN_SHARED)


def is_sure(pairs: Pairs, gap: Ints) -> Flags:
    """Which pairs that share enough need no look at their words.

    One is held nearly whole by the other, or they share nearly all of many figures on one day.

    Args:
        pairs: measured.
        gap: days between the two of each pair; 0 where a date is not known.
    """
    of_a, of_b = containment(pairs)
    more, figures = np.maximum(of_a, of_b), np.minimum(pairs.digits_a, pairs.digits_b)
    held = (more >= SURE_CONTAINMENT) & ((gap <= SURE_DAYS) | (pairs.shared_digits >= figures))
    agree = pairs.shared_digits >= SURE_CONTAINMENT * figures
    mostly = (figures >= MANY_FIGURES) & (more >= SURE_WITH_FIGURES)
    mostly |= (np.minimum(pairs.size_a, pairs.size_b) >= SURE_GRAMS) & (more >= SURE_WITHOUT_FIGURES)
    return np.asarray(held | (agree & mostly & (gap <= SURE_DAYS)))


def is_other_report(pairs: Pairs) -> Flags:
    """Which pairs differ in their figures so clearly that their words need not be looked at."""
    figures = np.minimum(pairs.digits_a, pairs.digits_b)
    few = pairs.shared_digits < CLEARLY_OTHER * figures
    of_a, of_b = containment(pairs)
    part = np.maximum(of_a, of_b) < SURE_CONTAINMENT
    return np.asarray((figures >= MANY_FIGURES) & few & part & figures_differ(pairs))


def is_doubtful(pairs: Pairs) -> Flags:
    """Which pairs share too little as far as few sampled grams tell, and are worth a look at their words."""
    of_a, of_b = containment(pairs)
    sampled = np.minimum(pairs.size_a, pairs.size_b) < FULL_GRAMS // 2
    return np.asarray(sampled & (np.maximum(of_a, of_b) >= DOUBTFUL_CONTAINMENT) & (pairs.shared >= DOUBTFUL_SHARED))


def is_next_notice(words: Ints, gap: Ints, same_site: Flags) -> Flags:
    """Which pairs of copies are two notices of the same short wording, on different days.

    Args:
        words: of the shorter text of each pair.
        gap: days between the two.
        same_site: both are of one host, or a host is not known.
    """
    return np.asarray((words < NOTICE_WORDS) & (gap >= NOTICE_DAYS) & same_site)


def words_agree(differences: Differences, gap: Ints) -> tuple[Flags, Flags]:
    """By the words of each pair: whether it shares enough for copies, and whether it is one report.

    Args:
        differences: of each pair.
        gap: days between the two; 0 where a date is not known.
    """
    d = differences
    of_short = d.shared_grams / np.maximum(d.grams, 1)
    of_long = d.shared_grams / np.maximum(d.longer_grams, 1)
    enough = _enough(np.maximum(of_short, of_long), np.minimum(of_short, of_long), 0.0)
    enough |= d.shared_grams / np.maximum(d.grams + d.longer_grams - d.shared_grams, 1) >= MIN_RESEMBLANCE
    in_place = (d.names + d.figures + d.plain) / np.maximum(d.words, 1)
    enough &= in_place >= np.interp(gap, LATE_DAYS, LATE_WORDS)
    exchanged = d.other_names + d.other_figures
    share = exchanged / (d.names + d.figures + exchanged + _PRIOR)
    reworded = d.other_plain / (d.plain + d.other_plain + _PRIOR) * np.interp(gap, ALLOWED_DAYS, ALLOWED)
    limit = np.interp(gap, EXCHANGED_DAYS, EXCHANGED) + reworded
    limit = np.where(d.plain < TABLE_PLAIN * d.words, np.minimum(limit, TABLE_EXCHANGED), limit)
    differ = (share > limit) & ((exchanged >= MIN_EXCHANGED) | (gap >= EXCHANGED_DAYS[1]))
    # in a short notice the names tell, in its title above all
    of_names = d.other_names / (d.names + d.other_names + 1)
    named = (d.words < NOTICE_WORDS) & (d.other_names >= MIN_EXCHANGED)
    differ |= named & (of_names > NOTICE_NAMES)
    of_figures = d.other_figures / (d.figures + d.other_figures + 1)
    many = d.other_figures >= FIGURES_EXCHANGED
    differ |= many & (of_figures > np.interp(gap, FIGURES_DAYS, FIGURES) + reworded)
    return enough & (d.shared_grams >= MIN_SHARED), ~differ


def has_substance(without_phrases: Pairs) -> Flags:
    """Which pairs still share something when set phrases do not count; see :mod:`cleaning.duplicates.phrases`."""
    of_a, of_b = containment(without_phrases)
    more, shared = np.maximum(of_a, of_b), without_phrases.shared
    notice = np.maximum(without_phrases.size_a, without_phrases.size_b) < NOTICE_WORDS
    enough = (more >= MIN_SUBSTANCE) & (shared >= MIN_SUBSTANCE_SHARED)
    return np.asarray(enough | (notice & (more >= NOTICE_SUBSTANCE) & (shared >= NOTICE_SUBSTANCE_SHARED)))


def on_site_passages(pairs: Pairs, host: npt.NDArray[np.uint64]) -> Flags:
    """Which pairs of copies share only a passage of their site.

    Args:
        pairs: copies.
        host: one hash per document, 0 if unknown.
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
