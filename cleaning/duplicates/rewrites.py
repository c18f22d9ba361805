"""Possible rewrites: texts that report the same names and figures in other words; and follow-ups of the same story.

Whoever rewrites a report, by hand or by machine, keeps its names and figures and some of its rarer words. That yields a
link with a score, never a merge: two reports on one event by different people look much the same.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleaning.duplicates.days import days_apart
from cleaning.duplicates.fold import fold
from cleaning.duplicates.sketches import Grams, distinct
from cleaning.duplicates.words import Flags, Ints, find_words, members_of

Scores = npt.NDArray[np.float64]
Weights = npt.NDArray[np.float32]  # weights of single terms, which are many

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
# Pairs measured together: some 500,000 terms, 20 MB.
_MEASURED_AT_ONCE = 1 << 13
# Terms whose rarity is looked up together: 8 MB of positions.
_LOOKED_UP_AT_ONCE = 1 << 20
# Made by benchmarks/train_rewrites.py.
WEIGHTS = resources.files("cleaning") / "rewrites.toml"

_HALF, _LOWER = np.uint64(32), np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class TermSets:
    """Distinct terms per document, ascending: document i has ``terms[bounds[i]:bounds[i + 1]]``."""

    terms: Grams
    bounds: Ints

    @property
    def docs(self) -> Ints:
        """The document of each term."""
        docs: Ints = np.repeat(np.arange(len(self.bounds) - 1), np.diff(self.bounds))
        return docs


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms by which rewrites are found."""

    names: TermSets  # capitalised words and figures; bit 0 marks a figure
    words: TermSets  # all words
    length: Ints  # words of each document


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


def _sets(keys: list[npt.NDArray[np.uint64]], count: int) -> TermSets:
    key = np.concatenate([np.zeros(0, np.uint64), *keys])  # each part is ascending, and so are the parts
    bounds = np.searchsorted(key >> _HALF, np.arange(count + 1, dtype=np.uint64))
    return TermSets(key.astype(np.uint32), bounds)


def find_terms(texts: pa.Array | pa.ChunkedArray, dropped_lines: Flags | None = None) -> tuple[Terms, int]:
    """The terms of a batch of texts, and the number of its lines that contain a word.

    Args:
        texts: string or large_string.
        dropped_lines: one flag per such line, or more, as in :func:`sketches.sketch`.
    """
    names, words, length = [], [], [np.zeros(0, np.int64)]
    line_count = 0
    for folded in fold(texts):
        found = find_words(folded)
        lines = len(found.lines) - 1
        doc = np.repeat(np.arange(len(found.bounds) - 1), np.diff(found.bounds))
        keep = np.ones(len(doc), dtype=np.bool_)
        if dropped_lines is not None:
            dropped = dropped_lines[line_count : line_count + lines]
            keep = ~np.repeat(dropped, np.diff(found.lines))
        line_count += lines
        length.append(np.bincount(doc[keep], minlength=len(found.bounds) - 1))
        # the document, then the upper half of the word's hash, whose last bit marks a figure among the names
        key = found.hashes >> _HALF
        key |= ((doc + folded.first) << 32).view(np.uint64)
        key &= ~np.uint64(1)
        figure = found.has_digit
        name = np.flatnonzero(keep & (found.has_capital | figure))
        names.append(distinct(key[name] | figure[name]))
        words.append(distinct(key[keep]))
    return Terms(_sets(names, len(texts)), _sets(words, len(texts)), np.concatenate(length)), line_count


def _join(parts: Sequence[TermSets]) -> TermSets:
    starts = np.cumsum([0, *(p.bounds[-1] for p in parts)])
    bounds = [p.bounds[1:] + s for p, s in zip(parts, starts, strict=False)]
    terms = [p.terms for p in parts]
    return TermSets(np.concatenate([np.zeros(0, np.uint32), *terms]), np.concatenate([np.zeros(1, np.int64), *bounds]))


def join_terms(parts: Sequence[Terms]) -> Terms:
    """The terms of several batches as one, with documents numbered consecutively."""
    lengths = np.concatenate([np.zeros(0, np.int64), *(p.length for p in parts)])
    return Terms(_join([p.names for p in parts]), _join([p.words for p in parts]), lengths)


def _part(sets: TermSets, docs: Ints) -> TermSets:
    """The sets of some documents, renumbered from 0."""
    count = np.diff(sets.bounds)[docs]
    return TermSets(sets.terms[members_of(sets.bounds[docs], count)], np.append(0, np.cumsum(count)))


def _frequency(part: TermSets, sets: TermSets) -> Weights:
    """Logarithm of the number of documents that have each term of a part."""
    ordered = np.sort(sets.terms)
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])
    logs = np.log(np.diff(np.append(starts, len(ordered)))).astype(np.float32)
    ordered = ordered[starts]
    frequency = np.empty(len(part.terms), dtype=np.float32)
    for start in range(0, len(frequency), _LOOKED_UP_AT_ONCE):
        rows = slice(start, start + _LOOKED_UP_AT_ONCE)
        frequency[rows] = logs[np.searchsorted(ordered, part.terms[rows])]
    return frequency


def _peers(words: TermSets, frequency: Weights) -> Weights:
    """For each document, the logarithm of the number of documents it can be compared with: roughly those in its
    language.

    The number of documents that have the word that a tenth of its own words are commoner than. Otherwise the commonest
    words of a language with few documents would pass for rare ones, and any two of these documents for rewrites.
    """
    size = np.diff(words.bounds)
    key = words.docs.astype(np.uint64)
    key <<= _HALF
    # the larger a positive float, the larger its bits as a whole number
    key |= ~frequency.view(np.uint32)
    key.sort(kind="stable")
    place = words.bounds[:-1] + np.minimum(np.maximum(size // 10, 2), np.maximum(size - 1, 0))
    found = np.full(len(size), np.log(2), dtype=np.float32)
    some = size > 0
    found[some] = (~key[place[some]].astype(np.uint32)).view(np.float32)
    return np.maximum(found, np.float32(np.log(2)))


def _rarity(part: TermSets, frequency: Weights, peers: Weights) -> Weights:
    """How rare each entry is for its document, from 0 (all its peers have the term) to 1 (none has).

    Inverse document frequency (Spärck Jones 1972) over its largest value: log(N / df) / log(N). So weights mean the
    same among a hundred documents and among a million.
    """
    return np.maximum(1 - frequency / np.repeat(peers, np.diff(part.bounds)), np.float32(0))


class _Common:
    """Weighted sets, and what pairs of them have in common."""

    def __init__(self, sets: TermSets, weights: Weights) -> None:
        self._sets = sets
        self._weights = weights
        self._key = sets.docs.astype(np.uint64)  # document and term, ascending
        self._key <<= _HALF
        self._key |= sets.terms
        self.size = np.diff(sets.bounds)
        self._norm = np.full(len(self.size), 1e-9)
        some = self.size > 0
        if some.any():
            sums = np.add.reduceat(weights**2, sets.bounds[:-1][some], dtype=np.float64)
            self._norm[some] = np.maximum(sums, 1e-9)

    def products(self, a: Ints, b: Ints) -> Scores:
        """Sum of the squared weights of the shared terms, for each pair."""
        dot = np.zeros(len(a))
        for start in range(0, len(a) if len(self._key) else 0, _MEASURED_AT_ONCE):
            rows = slice(start, start + _MEASURED_AT_ONCE)
            dot[rows] = self._products(a[rows], b[rows])
        return dot

    def _products(self, a: Ints, b: Ints) -> Scores:
        swap = self.size[a] > self.size[b]
        small, large = np.where(swap, b, a), np.where(swap, a, b)
        count = self.size[small]
        pair = np.repeat(np.arange(len(a)), count)
        entry = members_of(self._sets.bounds[small], count)
        wanted = np.repeat(large.astype(np.uint64) << _HALF, count) | self._sets.terms[entry]
        at = np.searchsorted(self._key, wanted)
        at[at == len(self._key)] = 0
        found = np.flatnonzero(self._key[at] == wanted)
        products = self._weights[entry[found]] * self._weights[at[found]]
        return np.asarray(np.bincount(pair[found], weights=products, minlength=len(a)))

    def cosine(self, dot: Scores, a: Ints, b: Ints) -> Scores:
        """Cosine of each pair."""
        return np.asarray(dot / np.sqrt(self._norm[a] * self._norm[b]))

    def share(self, dot: Scores, a: Ints, b: Ints) -> Scores:
        """What the set with less weight has in common with the other, as a share of its own; at most 1.

        A term weighs differently in documents of languages that differ in size, so a sum of products can exceed 1.
        """
        return np.asarray(np.minimum(dot / np.minimum(self._norm[a], self._norm[b]), 1.0))


def _candidates(names: TermSets, published: Ints) -> tuple[Ints, Ints]:
    """Pairs within the window that share two names of few documents."""
    order = np.argsort(names.terms, kind="stable")
    docs, term = names.docs.astype(np.int32)[order], names.terms[order]
    starts = np.flatnonzero(np.append(True, term[1:] != term[:-1])[: len(term)])
    counts = np.diff(np.append(starts, len(term)))
    found = [np.zeros(0, np.uint64)]
    for size in range(2, COMMON_NAME + 1):
        members = docs[starts[counts == size] + np.arange(size)[:, None]]
        i, j = np.triu_indices(size, 1)
        first, second = members[i].ravel(), members[j].ravel()
        near = days_apart(published, first, second) <= WINDOW_DAYS
        found.append((first[near].astype(np.uint64) << _HALF) | second[near].astype(np.uint64))
    pairs = np.sort(np.concatenate(found))
    runs = np.flatnonzero(np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)])
    chosen = pairs[runs[np.diff(np.append(runs, len(pairs))) >= SHARED_NAMES]]
    return (chosen >> _HALF).astype(np.int64), (chosen & _LOWER).astype(np.int64)


def _only(sets: TermSets, keep: Flags) -> TermSets:
    kept = np.append(0, np.cumsum(keep))
    return TermSets(sets.terms[keep], kept[sets.bounds])


def compare(terms: Terms, published: Ints) -> tuple[Rewrites, Evidence]:
    """Find every pair of documents that is worth a look, and what its documents have in common.

    Pairs of the same sentences with other figures are left out.

    Args:
        terms: of documents none of which is a copy of another.
        published: day of each document as a number.
    """
    first, second = _candidates(terms.names, published)
    # only documents with a candidate are considered from here on: a and b are numbers among those
    docs, both = np.unique(np.concatenate([first, second]), return_inverse=True)
    a, b = both[: len(first)], both[len(first) :]
    of_doc = _part(terms.words, docs)
    frequency = _frequency(of_doc, terms.words)
    peers = _peers(of_doc, frequency)
    rarity = _rarity(of_doc, frequency, peers)
    rare = rarity >= RARE_WORD
    # the rarer a word, the more it reveals: squared, since words are many and names few
    words = _Common(_only(of_doc, rare), rarity[rare] ** 2)
    of_words = words.products(a, b)
    of_doc = _part(terms.names, docs)
    rarity = _rarity(of_doc, _frequency(of_doc, terms.names), peers)
    figure = (of_doc.terms & 1).astype(np.bool_)
    names, figures = _Common(of_doc, rarity), _Common(_only(of_doc, figure), rarity[figure])
    of_names, of_figures = names.products(a, b), figures.products(a, b)
    told = np.minimum(figures.size[a], figures.size[b]) >= MIN_FIGURES
    lengths = terms.length[first], terms.length[second]
    shorter, longer = np.minimum(*lengths), np.maximum(*lengths)
    evidence = Evidence(
        names.share(of_names, a, b),
        names.cosine(of_names, a, b),
        np.log1p(of_words),
        np.where(told, figures.share(of_figures, a, b), 0.0),
        (~told).astype(np.float64),
        np.log1p(shorter),
        np.log((longer + 1) / (shorter + 1)),
    )
    cosine = words.cosine(of_words, a, b)
    follows = days_apart(published, first, second) > REWRITE_DAYS
    follows |= (evidence.names < REWRITE_NAMES) | (told & (evidence.figures < REWRITE_FIGURES))
    found = Rewrites(first, second, _score(evidence), evidence.all_names, cosine, follows)
    kept = ~(told & (evidence.figures < np.where(cosine >= SAME_WORDS, cosine, FIGURE_GUARD * cosine)))
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
    terms: Terms, published: Ints, least: float = BROAD_SCORE, least_follow_up: float | None = None
) -> Rewrites:
    """Find pairs that may be rewrites of each other, or steps of one story.

    Args:
        terms: of documents none of which is a copy of another.
        published: day of each document as a number.
        least: the lowest score of a link.
        least_follow_up: the same for follow-ups; None for that of rewrites. Where it is lower, what lies between the
            two is a follow-up whatever else it shares: the score does not suffice for a rewrite.
    """
    found, _ = compare(terms, published)
    found = replace(found, follows=found.follows | (found.score < least))
    return found.take(found.score >= (least if least_follow_up is None else min(least, least_follow_up)))
