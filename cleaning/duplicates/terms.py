"""The terms by which rewrites are found: words, names and figures of texts, how rare each is, and what pairs share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleaning.duplicates.fold import fold
from cleaning.duplicates.sketches import Grams, distinct
from cleaning.duplicates.words import Flags, Ints, find_words, members_of

Scores = npt.NDArray[np.float64]
Weights = npt.NDArray[np.float32]  # weights of single terms, which are many

# Pairs measured together: some 500,000 terms, 20 MB.
_MEASURED_AT_ONCE = 1 << 13
# Terms whose rarity is looked up together: 8 MB of positions.
_LOOKED_UP_AT_ONCE = 1 << 20
# A key is two numbers of 32 bits: the document above, the term below.
HALF = np.uint64(32)
# A headline and the sentence that it sums up: what a report is published for. News puts the newest first (the "inverted
# pyramid"), so the next step of a story begins with what is new and repeats the older report further down.
LEAD_WORDS = 40
# What happened is in the plain words of the first sentences. Names and figures say to whom, and shorter words nothing.
# On 55 pairs of a wire that were read for it these values told rewrites from next steps best (area under the curve .81;
# of 40, 50 and 80 words .75 to .79, with all words .78).
PLAIN_LEAD_WORDS, PLAIN_BYTES = 60, 4


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
    lead: TermSets  # all words of the beginning
    plain_lead: TermSets  # of a longer beginning the words that are neither names nor figures, nor very short
    length: Ints  # words of each document


def _sets(keys: list[npt.NDArray[np.uint64]], count: int) -> TermSets:
    key = np.concatenate([np.zeros(0, np.uint64), *keys])  # each part is ascending, and so are the parts
    bounds = np.searchsorted(key >> HALF, np.arange(count + 1, dtype=np.uint64))
    return TermSets(key.astype(np.uint32), bounds)


def find_terms(texts: pa.Array | pa.ChunkedArray, dropped_lines: Flags | None = None) -> tuple[Terms, int]:
    """The terms of a batch of texts, and the number of its lines that contain a word.

    Args:
        texts: string or large_string.
        dropped_lines: one flag per such line, or more, as in :func:`sketches.sketch`.
    """
    names, words, lead, plain, length = [], [], [], [], [np.zeros(0, np.int64)]
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
        size = np.bincount(doc[keep], minlength=len(found.bounds) - 1)
        length.append(size)
        # the document, then the upper half of the word's hash, whose last bit marks a figure among the names
        key = found.hashes >> HALF
        key |= ((doc + folded.first) << 32).view(np.uint64)
        key &= ~np.uint64(1)
        figure = found.has_digit
        name = np.flatnonzero(keep & (found.has_capital | figure))
        names.append(distinct(key[name] | figure[name]))
        kept = key[keep]
        words.append(distinct(kept))
        starts = np.cumsum(size) - size
        lead.append(distinct(kept[members_of(starts, np.minimum(size, LEAD_WORDS))]))
        begin = members_of(starts, np.minimum(size, PLAIN_LEAD_WORDS))
        bare = ~(found.has_capital | figure) & (found.size >= PLAIN_BYTES)
        plain.append(distinct(kept[begin][bare[keep][begin]]))
    of_name, of_word, of_lead, of_plain = (_sets(parts, len(texts)) for parts in (names, words, lead, plain))
    return Terms(of_name, of_word, of_lead, of_plain, np.concatenate(length)), line_count


def _join(parts: Sequence[TermSets]) -> TermSets:
    starts = np.cumsum([0, *(p.bounds[-1] for p in parts)])
    bounds = [p.bounds[1:] + s for p, s in zip(parts, starts, strict=False)]
    terms = [p.terms for p in parts]
    return TermSets(np.concatenate([np.zeros(0, np.uint32), *terms]), np.concatenate([np.zeros(1, np.int64), *bounds]))


def join_terms(parts: Sequence[Terms]) -> Terms:
    """The terms of several batches as one, with documents numbered consecutively."""
    lengths = np.concatenate([np.zeros(0, np.int64), *(p.length for p in parts)])
    return Terms(
        _join([p.names for p in parts]),
        _join([p.words for p in parts]),
        _join([p.lead for p in parts]),
        _join([p.plain_lead for p in parts]),
        lengths,
    )


def _with_documents(sets: TermSets, docs: Ints, part: TermSets) -> TermSets:
    counts, starts = np.diff(sets.bounds), sets.bounds[:-1].copy()
    counts[docs] = np.diff(part.bounds)
    starts[docs] = len(sets.terms) + part.bounds[:-1]
    terms = np.concatenate([sets.terms, part.terms])
    return TermSets(terms[members_of(starts, counts)], np.append(0, np.cumsum(counts)))


def with_documents(terms: Terms, docs: Ints, part: Terms) -> Terms:
    """The terms of a batch with those of some documents exchanged.

    Args:
        terms: of the batch.
        docs: the numbers of these documents, ascending.
        part: their terms, in this order.
    """
    length = terms.length.copy()
    length[docs] = part.length
    return Terms(
        _with_documents(terms.names, docs, part.names),
        _with_documents(terms.words, docs, part.words),
        _with_documents(terms.lead, docs, part.lead),
        _with_documents(terms.plain_lead, docs, part.plain_lead),
        length,
    )


def part_of(sets: TermSets, docs: Ints) -> TermSets:
    """The sets of some documents, renumbered from 0."""
    count = np.diff(sets.bounds)[docs]
    return TermSets(sets.terms[members_of(sets.bounds[docs], count)], np.append(0, np.cumsum(count)))


def frequency_of(part: TermSets, sets: TermSets) -> Weights:
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


def peers_of(words: TermSets, frequency: Weights) -> Weights:
    """For each document, the logarithm of the number of documents it can be compared with: roughly those in its
    language.

    The number of documents that have the word that a tenth of its own words are commoner than. Otherwise the commonest
    words of a language with few documents would pass for rare ones, and any two of these documents for rewrites.
    """
    size = np.diff(words.bounds)
    key = words.docs.astype(np.uint64)
    key <<= HALF
    # the larger a positive float, the larger its bits as a whole number
    key |= ~frequency.view(np.uint32)
    key.sort(kind="stable")
    place = words.bounds[:-1] + np.minimum(np.maximum(size // 10, 2), np.maximum(size - 1, 0))
    found = np.full(len(size), np.log(2), dtype=np.float32)
    some = size > 0
    found[some] = (~key[place[some]].astype(np.uint32)).view(np.float32)
    return np.maximum(found, np.float32(np.log(2)))


def rarity_of(part: TermSets, frequency: Weights, peers: Weights) -> Weights:
    """How rare each entry is for its document, from 0 (all its peers have the term) to 1 (none has).

    Inverse document frequency (Spärck Jones 1972) over its largest value: log(N / df) / log(N). So weights mean the
    same among a hundred documents and among a million.
    """
    return np.maximum(1 - frequency / np.repeat(peers, np.diff(part.bounds)), np.float32(0))


class CommonTerms:
    """Weighted sets, and what pairs of them have in common."""

    def __init__(self, sets: TermSets, weights: Weights) -> None:
        self._sets = sets
        self._weights = weights
        self._key = sets.docs.astype(np.uint64)  # document and term, ascending
        self._key <<= HALF
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
        pair, entry, at = self._shared(self, small, large)
        return np.asarray(np.bincount(pair, weights=self._weights[entry] * self._weights[at], minlength=len(a)))

    def held_by(self, other: CommonTerms, a: Ints, b: Ints) -> Scores:
        """What part of the weight of a's set here is in b's set of the other, from 0 to 1."""
        held = np.zeros(len(a))
        for start in range(0, len(a) if len(other._key) else 0, _MEASURED_AT_ONCE):
            rows = slice(start, start + _MEASURED_AT_ONCE)
            pair, entry, _ = self._shared(other, a[rows], b[rows])
            held[rows] = np.bincount(pair, weights=self._weights[entry] ** 2, minlength=len(a[rows]))
        return np.asarray(np.minimum(held / self._norm[a], 1.0))

    def _shared(self, other: CommonTerms, own: Ints, others: Ints) -> tuple[Ints, Ints, Ints]:
        """For each shared term of each pair: the pair, the entry here, the entry of the other."""
        count = self.size[own]
        pair = np.repeat(np.arange(len(own)), count)
        entry = members_of(self._sets.bounds[own], count)
        wanted = np.repeat(others.astype(np.uint64) << HALF, count) | self._sets.terms[entry]
        at = np.searchsorted(other._key, wanted)
        at[at == len(other._key)] = 0
        found = np.flatnonzero(other._key[at] == wanted)
        return pair[found], entry[found], at[found]

    def cosine(self, dot: Scores, a: Ints, b: Ints) -> Scores:
        """Cosine of each pair."""
        return np.asarray(dot / np.sqrt(self._norm[a] * self._norm[b]))

    def share(self, dot: Scores, a: Ints, b: Ints) -> Scores:
        """What the set with less weight has in common with the other, as a share of its own; at most 1.

        A term weighs differently in documents of languages that differ in size, so a sum of products can exceed 1.
        """
        return np.asarray(np.minimum(dot / np.minimum(self._norm[a], self._norm[b]), 1.0))


def select_terms(sets: TermSets, keep: Flags) -> TermSets:
    """The sets with only some of their entries, which ``keep`` flags."""
    kept = np.append(0, np.cumsum(keep))
    return TermSets(sets.terms[keep], kept[sets.bounds])
