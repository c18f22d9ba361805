"""Links between articles of one story: rewrites, which report the same in other words, and follow-ups, the next step.

Whoever rewrites a report, by hand or by machine, keeps its names and figures and some of its rarer words. Whoever
continues it keeps its names and its topic, and begins with what is new. Both yield a link with a score, never a merge:
two reports on one event by different people look much the same.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib import resources
from typing import TypeVar

import numpy as np

from cleaning.duplicates.links.candidates import WINDOW_DAYS, find_candidates
from cleaning.duplicates.links.evidence import Evidence, Weigher
from cleaning.duplicates.terms import Scores, Terms
from cleaning.duplicates.words import Flags, Ints

__all__ = ["WINDOW_DAYS", "Rewrites", "compare", "find_rewrites", "score_version"]

# Weekly reports keep their sentences and change their figures. Such a pair shares less of its figures than this
# fraction of the cosine of its words; on the labelled set this drops 6 of 1,000 true links.
FIGURE_GUARD = 0.75
# Texts with nearly the same words that are no copies are reports of one form: there all figures must be the same.
SAME_WORDS = 0.85
# A rewrite follows within a day and keeps the figures and most of the names; the next step of a story brings others.
REWRITE_DAYS = 1
REWRITE_NAMES, REWRITE_FIGURES = 0.68, 0.8
# … and it begins with the same event: of 55 pairs of a wire of 1987 with a score of .8 and more, read for this and none
# of them in the set that is measured, this keeps 30 of 35 rewrites and 8 of 20 next steps.
REWRITE_LEAD = 0.18
# Links are made from the first score up. Out of fold it found .77 of the labelled set's rewrites by language models
# with 18 of 20,000 documents in a false link, the second .87 with 88; see docs/duplicates.md for others.
SURE_SCORE, BROAD_SCORE = 0.95, 0.8
# Follow-ups from this score of their own up.
FOLLOW_UP_SCORE = 0.5
# Pairs that are weighed together: thirteen numbers each, 50 MB.
_WEIGHED_AT_ONCE = 1 << 19
# Made by benchmarks/train_rewrites.py and benchmarks/train_follow_ups.py.
WEIGHTS = resources.files("cleaning") / "rewrites.toml"


@dataclass(frozen=True, slots=True)
class Rewrites:
    """Pairs of documents, a before b in number, with their scores."""

    a: Ints
    b: Ints
    score: Scores  # that the two report the same
    follow_up_score: Scores  # that they are steps of one story, whether the same or another
    names: Scores  # idf cosine of names and figures
    words: Scores  # tf-idf cosine of words
    follows: Flags  # the later one is the next step of the story rather than the same state of affairs

    def take(self, rows: Flags | Ints) -> Rewrites:
        """A selection of the pairs."""
        return Rewrites(*(getattr(self, f.name)[rows] for f in fields(self)))

    def without_series(self, template: Ints, least: float = SURE_SCORE) -> Rewrites:
        """The pairs but those of two reports of one form, which share their sentences and no event.

        Those with the score of a rewrite stay: an edited copy may pass for another report of its form.

        Args:
            template: the form of each document, -1 where it has none.
            least: the lowest score of a rewrite.
        """
        return self.take((self.score >= least) | (template[self.a] < 0) | (template[self.a] != template[self.b]))


_Pairs = TypeVar("_Pairs", Rewrites, Evidence)


def compare(
    terms: Terms, published: Ints, least: float = 0.0, least_follow_up: float = 0.0, later_from: int = 0
) -> tuple[Rewrites, Evidence]:
    """Find every pair of documents that is worth a look, and what its documents have in common.

    Args:
        terms: of documents none of which is a copy of another.
        published: day of each document as a number.
        least: pairs that reach neither this score …
        least_follow_up: … nor this one of follow-ups are left out.
        later_from: only pairs whose second document has at least this number; the others count for how rare a term is.
    """
    first, second = find_candidates(terms.names, published)
    first, second = first[second >= later_from], second[second >= later_from]
    weigher = Weigher(terms, published, np.unique(np.concatenate([first, second])))
    found, evidence = [], []
    for start in range(0, max(len(first), 1), _WEIGHED_AT_ONCE):
        block = slice(start, start + _WEIGHED_AT_ONCE)
        rows, weighed = weigher.weigh(first[block], second[block])
        pairs = _scored(first[block][rows], second[block][rows], weighed)
        kept = np.flatnonzero((pairs.score >= least) | (pairs.follow_up_score >= least_follow_up))
        found.append(pairs.take(kept))
        evidence.append(weighed.take(kept))
    return _joined(Rewrites, found), _joined(Evidence, evidence)


def _joined(kind: type[_Pairs], parts: list[_Pairs]) -> _Pairs:
    return kind(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(kind)))


def _scored(first: Ints, second: Ints, evidence: Evidence) -> Rewrites:
    """The scores of some pairs; 0 where they are reports of one form."""
    cosine, figures, have_figures = evidence.cosine, evidence.figures, evidence.no_figures == 0
    same_words = cosine >= SAME_WORDS
    score = _score(evidence, "rewrite")
    score[have_figures & (figures < np.where(same_words, cosine, FIGURE_GUARD * cosine))] = 0
    follow_up = _score(evidence, "follow_up")
    follow_up[have_figures & same_words & (figures < cosine)] = 0
    follows = evidence.late > np.log1p(REWRITE_DAYS)
    follows |= (evidence.names < REWRITE_NAMES) | (have_figures & (figures < REWRITE_FIGURES))
    follows |= evidence.same_lead < REWRITE_LEAD
    return Rewrites(first, second, score, follow_up, evidence.all_names, cosine, follows)


def score_version() -> str:
    """Changes whenever the weights do; scores of different versions do not compare."""
    return hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()[:8]


@lru_cache(maxsize=1)
def _weights() -> dict[str, tuple[tuple[str, ...], Scores, float]]:
    """Of each score the numbers of :class:`Evidence` that it is made of, their weights, and the constant."""
    data = tomllib.loads(WEIGHTS.read_text(encoding="utf-8"))
    return {
        name: (tuple(one["weights"]), np.array(list(one["weights"].values())), float(one["constant"]))
        for name, one in data.items()
    }


def numbers_of(score: str) -> tuple[str, ...]:
    """The numbers of :class:`Evidence` that a score, ``rewrite`` or ``follow_up``, is made of."""
    return _weights()[score][0]


def _score(evidence: Evidence, name: str) -> Scores:
    """The logistic function of the weighted evidence."""
    numbers, weights, constant = _weights()[name]
    return np.asarray(1 / (1 + np.exp(-(evidence.columns(numbers) @ weights + constant))))


def find_rewrites(
    terms: Terms,
    published: Ints,
    least: float = SURE_SCORE,
    least_follow_up: float | None = FOLLOW_UP_SCORE,
    *,
    later_from: int = 0,
) -> Rewrites:
    """Find pairs that may be rewrites of each other, or steps of one story.

    Args:
        terms: of documents none of which is a copy of another.
        published: day of each document as a number.
        least: the lowest score of a rewrite.
        least_follow_up: the lowest score of a follow-up; None finds only those whose score is that of a rewrite. What
            has no such score is a follow-up whatever else it shares.
        later_from: as in :func:`compare`.
    """
    found, _ = compare(terms, published, least, 2.0 if least_follow_up is None else least_follow_up, later_from)
    found.follows[found.score < least] = True
    return found
