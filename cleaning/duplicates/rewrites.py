"""Possible rewrites: texts that report the same names and figures in other words; and follow-ups of the same story.

Whoever rewrites a report, by hand or by machine, keeps its names and figures and some of its rarer words. That yields a
link with a score, never a merge: two reports on one event by different people look much the same.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

import numpy as np

from cleaning.duplicates.days import days_apart
from cleaning.duplicates.terms import (
    HALF,
    CommonTerms,
    Scores,
    Terms,
    TermSets,
    frequency_of,
    part_of,
    peers_of,
    rarity_of,
    select_terms,
)
from cleaning.duplicates.words import Flags, Ints

# News is rewritten while it is news.
WINDOW_DAYS = 7
# Figures are evidence if both texts have at least three: tables and forecasts share their names and differ in figures.
MIN_FIGURES = 3
# Words less rare than this do not count: of 10,000 documents, those in more than 250. A shared one would weigh a
# fortieth of a word that only two documents have (.4 to the fourth power), and they are more than half of all words.
RARE_WORD = 0.4
# Weekly reports keep their sentences and change their figures. Such a pair shares less of its figures than this
# fraction of the cosine of its words; on the labelled set this drops 6 of 1,000 true links.
FIGURE_GUARD = 0.75
# Texts with nearly the same words that are no copies are reports of one form: there all figures must be the same.
SAME_WORDS = 0.85
# A rewrite follows within a day and keeps the figures and most of the names; the next step of a story brings others.
REWRITE_DAYS = 1
REWRITE_NAMES, REWRITE_FIGURES = 0.68, 0.8
# Links are made from the first score up. Out of fold it found .77 of the labelled set's rewrites by language models
# with 18 of 20,000 documents in a false link, the second .87 with 88; see docs/duplicates.md for others.
SURE_SCORE, BROAD_SCORE = 0.95, 0.8
# Names in more documents than this make no candidates, and a candidate must share two others.
COMMON_NAME = 32
SHARED_NAMES = 2
# Made by benchmarks/train_rewrites.py.
WEIGHTS = resources.files("cleaning") / "rewrites.toml"

_LOWER = np.uint64(0xFFFFFFFF)  # the second number of a pair's key


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the documents of a pair have in common: the numbers that make up its score."""

    names: Scores  # weighted share of the names and figures of the document with fewer that the other has too
    all_names: Scores  # idf cosine of the names and figures, which also counts those of only one document
    words: Scores  # logarithm of the weight of the shared words
    figures: Scores  # like names, for figures only; 0 if one document has fewer than three
    no_figures: Scores  # 1 if one document has fewer than three figures
    length: Scores  # logarithm of the words of the shorter one
    ratio: Scores  # logarithm of the ratio of the two lengths

    def columns(self) -> Scores:
        """One row per pair."""
        return np.stack([getattr(self, name) for name in self.__slots__], axis=1)

    def take(self, rows: Flags) -> Evidence:
        """The evidence of a selection of the pairs."""
        return Evidence(*(getattr(self, name)[rows] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Rewrites:
    """Pairs of documents, a before b in number, with their scores."""

    a: Ints
    b: Ints
    score: Scores
    names: Scores  # idf cosine of names and figures
    words: Scores  # tf-idf cosine of words
    follows: Flags  # the later one is the next step of the story rather than the same state of affairs

    def take(self, rows: Flags) -> Rewrites:
        """A selection of the pairs."""
        return Rewrites(*(getattr(self, name)[rows] for name in self.__slots__))


def _candidates(names: TermSets, published: Ints, later_from: int) -> tuple[Ints, Ints]:
    """Pairs within the window that share two names of few documents, and whose second is not before a document."""
    order = np.argsort(names.terms, kind="stable")
    docs, term = names.docs.astype(np.int32)[order], names.terms[order]
    starts = np.flatnonzero(np.append(True, term[1:] != term[:-1])[: len(term)])
    counts = np.diff(np.append(starts, len(term)))
    # documents are in order within a run, so its last one tells whether any of its pairs is wanted
    wanted = docs[starts + counts - 1] >= later_from if len(docs) else np.zeros(0, np.bool_)
    starts, counts = starts[wanted], counts[wanted]
    found = [np.zeros(0, np.uint64)]
    for size in range(2, COMMON_NAME + 1):
        members = docs[starts[counts == size] + np.arange(size)[:, None]]
        i, j = np.triu_indices(size, 1)
        first, second = members[i].ravel(), members[j].ravel()
        near = (second >= later_from) & (days_apart(published, first, second) <= WINDOW_DAYS)
        found.append((first[near].astype(np.uint64) << HALF) | second[near].astype(np.uint64))
    pairs = np.sort(np.concatenate(found))
    runs = np.flatnonzero(np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)])
    chosen = pairs[runs[np.diff(np.append(runs, len(pairs))) >= SHARED_NAMES]]
    return (chosen >> HALF).astype(np.int64), (chosen & _LOWER).astype(np.int64)


def compare(terms: Terms, published: Ints, later_from: int = 0) -> tuple[Rewrites, Evidence]:
    """Find every pair of documents that is worth a look, and what its documents have in common.

    Pairs of the same sentences with other figures are left out.

    Args:
        terms: of documents none of which is a copy of another.
        published: day of each document as a number.
        later_from: only pairs whose second document has at least this number; the others count for how rare a term is.
    """
    first, second = _candidates(terms.names, published, later_from)
    # only documents with a candidate are considered from here on: a and b are numbers among those
    docs, both = np.unique(np.concatenate([first, second]), return_inverse=True)
    a, b = both[: len(first)], both[len(first) :]
    of_doc = part_of(terms.words, docs)
    frequency = frequency_of(of_doc, terms.words)
    peers = peers_of(of_doc, frequency)
    rarity = rarity_of(of_doc, frequency, peers)
    rare = rarity >= RARE_WORD
    # the rarer a word, the more it reveals: squared, since words are many and names few
    words = CommonTerms(select_terms(of_doc, rare), rarity[rare] ** 2)
    of_words = words.products(a, b)
    of_doc = part_of(terms.names, docs)
    rarity = rarity_of(of_doc, frequency_of(of_doc, terms.names), peers)
    figure = (of_doc.terms & 1).astype(np.bool_)
    names, figures = CommonTerms(of_doc, rarity), CommonTerms(select_terms(of_doc, figure), rarity[figure])
    of_names, of_figures = names.products(a, b), figures.products(a, b)
    have_figures = np.minimum(figures.size[a], figures.size[b]) >= MIN_FIGURES
    lengths = terms.length[first], terms.length[second]
    shorter, longer = np.minimum(*lengths), np.maximum(*lengths)
    evidence = Evidence(
        names.share(of_names, a, b),
        names.cosine(of_names, a, b),
        np.log1p(of_words),
        np.where(have_figures, figures.share(of_figures, a, b), 0.0),
        (~have_figures).astype(np.float64),
        np.log1p(shorter),
        np.log((longer + 1) / (shorter + 1)),
    )
    cosine = words.cosine(of_words, a, b)
    follows = days_apart(published, first, second) > REWRITE_DAYS
    follows |= (evidence.names < REWRITE_NAMES) | (have_figures & (evidence.figures < REWRITE_FIGURES))
    found = Rewrites(first, second, _score(evidence), evidence.all_names, cosine, follows)
    kept = ~(have_figures & (evidence.figures < np.where(cosine >= SAME_WORDS, cosine, FIGURE_GUARD * cosine)))
    return found.take(kept), evidence.take(kept)


def score_version() -> str:
    """Changes whenever the weights do; scores of different versions do not compare."""
    return hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()[:8]


@lru_cache(maxsize=1)
def _weights() -> tuple[Scores, float]:
    """Weight of each number of :class:`Evidence`, and the constant."""
    data = tomllib.loads(WEIGHTS.read_text(encoding="utf-8"))
    return np.array([data["weights"][name] for name in Evidence.__slots__]), float(data["constant"])


def _score(evidence: Evidence) -> Scores:
    """The logistic function of the weighted evidence."""
    weights, constant = _weights()
    return np.asarray(1 / (1 + np.exp(-(evidence.columns() @ weights + constant))))


def find_rewrites(
    terms: Terms,
    published: Ints,
    least: float = BROAD_SCORE,
    least_follow_up: float | None = None,
    *,
    later_from: int = 0,
) -> Rewrites:
    """Find pairs that may be rewrites of each other, or steps of one story.

    Args:
        terms: of documents none of which is a copy of another.
        published: day of each document as a number.
        least: the lowest score of a link.
        least_follow_up: the same for follow-ups; None for that of rewrites. Where it is lower, what lies between the
            two is a follow-up whatever else it shares: the score does not suffice for a rewrite.
        later_from: as in :func:`compare`.
    """
    found, _ = compare(terms, published, later_from)
    found = replace(found, follows=found.follows | (found.score < least))
    return found.take(found.score >= (least if least_follow_up is None else min(least, least_follow_up)))
