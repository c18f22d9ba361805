"""Possible rewrites: texts that tell of the same names and figures in other words.

Who rewrites a report, by hand or by machine, keeps its names and figures and some of its rarer words. A link with its
score comes of that, never a merge: two reports of one event by different people look much the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleaning.duplicates.fold import fold
from cleaning.duplicates.sketches import Grams, distinct
from cleaning.duplicates.words import Flags, Hashes, Ints, find_words

Scores = npt.NDArray[np.float64]

# News is rewritten while it is news.
WINDOW_DAYS = 7
# The score is the mean of three cosines with these weights: names and figures together, words, figures alone. The last
# counts where both have at least three: tables and forecasts share their names and differ in figures.
NAMES_WEIGHT, WORDS_WEIGHT, FIGURES_WEIGHT = 1.0, 0.7, 0.5
MIN_FIGURES = 3
# Links are made from this score on; see docs/duplicates.md for what lower ones give.
SURE_SCORE, BROAD_SCORE = 0.75, 0.58
# Names in more documents than this make no candidates, and a candidate shares two others.
COMMON_NAME = 32
SHARED_NAMES = 2
# Pairs measured together: some 500,000 terms, 20 MB.
_MEASURED_AT_ONCE = 1 << 13

_HALF, _LOWER = np.uint64(32), np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class TermSets:
    """Distinct terms of each document, ascending: document i has ``terms[bounds[i]:bounds[i + 1]]``."""

    terms: Grams
    bounds: Ints

    @property
    def docs(self) -> Ints:
        """The document of each term."""
        docs: Ints = np.repeat(np.arange(len(self.bounds) - 1), np.diff(self.bounds))
        return docs


@dataclass(frozen=True, slots=True)
class Terms:
    """What rewrites are found by."""

    names: TermSets  # capitalised words and figures; bit 0 tells a figure
    words: TermSets  # every other word, chosen by its hash


@dataclass(frozen=True, slots=True)
class Rewrites:
    """Pairs of documents, a before b in number, with their scores."""

    a: Ints
    b: Ints
    score: Scores
    names: Scores  # idf cosine of names and figures
    words: Scores  # tf-idf cosine of words


def _sets(keys: list[npt.NDArray[np.uint64]], count: int) -> TermSets:
    key = np.concatenate([np.zeros(0, np.uint64), *keys])  # each part is ascending, and so are the parts
    bounds = np.searchsorted(key >> _HALF, np.arange(count + 1, dtype=np.uint64))
    return TermSets(key.astype(np.uint32), bounds)


def find_terms(texts: pa.Array | pa.ChunkedArray, dropped_lines: Flags | None = None) -> tuple[Terms, int]:
    """The terms of a batch of texts, and how many lines with a word it has.

    Args:
        texts: string or large_string.
        dropped_lines: one flag per such line, or more, as in :func:`sketches.sketch`.
    """
    names, words = [], []
    line_count = 0
    for folded in fold(texts):
        found = find_words(folded)
        lines = len(found.lines) - 1
        term = (found.hashes >> _HALF) & np.uint64(0xFFFFFFFE)
        doc = np.repeat(np.arange(len(found.bounds) - 1), np.diff(found.bounds)) + folded.first
        key = (doc.astype(np.uint64) << _HALF) | term
        keep = np.ones(len(key), dtype=np.bool_)
        if dropped_lines is not None:
            dropped = dropped_lines[line_count : line_count + lines]
            keep = ~np.repeat(dropped, np.diff(found.lines))
        line_count += lines
        name = keep & (found.has_capital | found.has_digit)
        names.append(distinct(np.bitwise_or(key[name], found.has_digit[name], dtype=np.uint64)))
        words.append(distinct(key[keep & (term < np.uint64(1 << 31))]))
    return Terms(_sets(names, len(texts)), _sets(words, len(texts))), line_count


def _select(sets: TermSets, docs: Ints) -> TermSets:
    count = np.diff(sets.bounds)[docs]
    bounds = np.append(0, np.cumsum(count))
    row = np.repeat(sets.bounds[docs], count) + np.arange(bounds[-1]) - np.repeat(bounds[:-1], count)
    return TermSets(sets.terms[row], bounds)


def select(terms: Terms, docs: Ints) -> Terms:
    """The terms of some documents, renumbered from nought."""
    return Terms(_select(terms.names, docs), _select(terms.words, docs))


def _join(parts: Sequence[TermSets]) -> TermSets:
    starts = np.cumsum([0, *(p.bounds[-1] for p in parts)])
    bounds = [p.bounds[1:] + s for p, s in zip(parts, starts, strict=False)]
    terms = [p.terms for p in parts]
    return TermSets(np.concatenate([np.zeros(0, np.uint32), *terms]), np.concatenate([np.zeros(1, np.int64), *bounds]))


def join_terms(parts: Sequence[Terms]) -> Terms:
    """The terms of several batches as one, documents numbered through."""
    return Terms(_join([p.names for p in parts]), _join([p.words for p in parts]))


def _idf(sets: TermSets, count: int) -> Scores:
    """Inverse document frequency of each entry: log(N / df) (Spärck Jones 1972)."""
    order = np.argsort(sets.terms, kind="stable")
    ordered = sets.terms[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])
    frequency = np.empty(len(ordered), dtype=np.float64)
    counts = np.diff(np.append(starts, len(ordered)))
    frequency[order] = np.repeat(counts, counts)
    return np.asarray(np.log(max(count, 2) / frequency))


def _cosine(sets: TermSets, weights: Scores, a: Ints, b: Ints) -> Scores:
    """Cosine of the weighted sets of each pair."""
    key = (sets.docs.astype(np.uint64) << _HALF) | sets.terms
    total = np.append(0.0, np.cumsum(weights**2))
    norm = np.sqrt(np.maximum(total[sets.bounds[1:]] - total[sets.bounds[:-1]], 1e-9))
    dot = np.zeros(len(a))
    for start in range(0, len(a), _MEASURED_AT_ONCE):
        rows = slice(start, start + _MEASURED_AT_ONCE)
        dot[rows] = _dot(sets, weights, key, a[rows], b[rows])
    return np.asarray(dot / (norm[a] * norm[b]))


def _dot(sets: TermSets, weights: Scores, key: Hashes, a: Ints, b: Ints) -> Scores:
    """Sum of the products of the weights of common terms; ``key`` is (document << 32) | term, ascending."""
    size = np.diff(sets.bounds)
    swap = size[a] > size[b]
    small, large = np.where(swap, b, a), np.where(swap, a, b)
    count = size[small]
    pair = np.repeat(np.arange(len(a)), count)
    entry = sets.bounds[small][pair] + np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count)
    wanted = (large[pair].astype(np.uint64) << _HALF) | sets.terms[entry]
    at = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
    found = key[at] == wanted if len(key) else np.zeros(0, dtype=np.bool_)
    products = weights[entry[found]] * weights[at[found]]
    return np.asarray(np.bincount(pair[found], weights=products, minlength=len(a)))


def _candidates(names: TermSets, published: Ints) -> tuple[Ints, Ints]:
    """Pairs within the window that share two names of few documents."""
    key = np.sort((names.terms.astype(np.uint64) << _HALF) | names.docs.astype(np.uint64))
    docs = (key & _LOWER).astype(np.int64)
    term = key >> _HALF
    starts = np.flatnonzero(np.append(True, term[1:] != term[:-1])[: len(term)])
    counts = np.diff(np.append(starts, len(term)))
    found = [np.zeros(0, np.uint64)]
    for size in range(2, COMMON_NAME + 1):
        members = docs[starts[counts == size][:, None] + np.arange(size)]
        i, j = np.triu_indices(size, 1)
        first, second = members[:, i].ravel(), members[:, j].ravel()
        near = np.abs(published[first] - published[second]) <= WINDOW_DAYS
        found.append((first[near].astype(np.uint64) << _HALF) | second[near].astype(np.uint64))
    pairs = np.sort(np.concatenate(found))
    runs = np.flatnonzero(np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)])
    chosen = pairs[runs[np.diff(np.append(runs, len(pairs))) >= SHARED_NAMES]]
    return (chosen >> _HALF).astype(np.int64), (chosen & _LOWER).astype(np.int64)


def _only(sets: TermSets, keep: Flags) -> TermSets:
    kept = np.append(0, np.cumsum(keep))
    return TermSets(sets.terms[keep], kept[sets.bounds])


def find_rewrites(terms: Terms, published: Ints, least: float = BROAD_SCORE) -> Rewrites:
    """Pairs that may be rewrites of one another.

    Args:
        terms: of documents none of which is a copy of another.
        published: day of each as a number.
        least: the lowest score of a link.
    """
    count = len(terms.names.bounds) - 1
    a, b = _candidates(terms.names, published)
    weights = _idf(terms.names, count)
    names = _cosine(terms.names, weights, a, b)
    # words count at most as much as names, so a score below half of the least cannot recover
    likely = names >= least / 2
    a, b, names = a[likely], b[likely], names[likely]
    # the rarer a word the more it tells: squared, since words are many and names few
    words = _cosine(terms.words, _idf(terms.words, count) ** 2, a, b)
    figure = (terms.names.terms & 1).astype(np.bool_)
    only = _only(terms.names, figure)
    enough = np.minimum(np.diff(only.bounds)[a], np.diff(only.bounds)[b]) >= MIN_FIGURES
    figures = _cosine(only, weights[figure], a, b)
    score = NAMES_WEIGHT * names + WORDS_WEIGHT * words + np.where(enough, FIGURES_WEIGHT * figures, 0.0)
    score /= NAMES_WEIGHT + WORDS_WEIGHT + np.where(enough, FIGURES_WEIGHT, 0.0)
    rows = score >= least
    return Rewrites(a[rows], b[rows], score[rows], names[rows], words[rows])
