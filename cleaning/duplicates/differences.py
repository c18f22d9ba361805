"""Where two texts differ: names and figures exchanged inside sentences that both have.

A copy leaves sentences out, adds lines of its own and mends words. Another report of the same form keeps the sentences
and has other names, figures, places and dates in them. So what tells the two apart is not how much they share but what
stands between the shared words. Texts are aligned by the 3-grams that each has exactly once (patience diff,
B. Cohen 2003); words between two neighbouring matches, few in both texts, occupy the same slot of a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cleaning.duplicates.texts import FIGURE, NAME, PLAIN, Texts
from cleaning.duplicates.words import Flags, Hashes, Ints, members_of, mix

# Words of a slot: a name with title and firm, a date with its weekday, an amount with what it is compared to.
SLOT_WORDS = 12
# Pairs aligned together: about a million words, 60 MB.
_ALIGNED_AT_ONCE = 1 << 11
_KINDS = (PLAIN, NAME, FIGURE)
# A number of a text (of those aligned together), 36 bits of a gram and a place in it (texts.MAX_WORDS) make 64 bits.
_WORD_BITS, _ROW_BITS, _GRAM_BITS, _PLACE_BITS = np.uint64(14), np.uint64(12), np.uint64(36), np.uint64(16)
_PLACE = np.uint64((1 << 16) - 1)


@dataclass(frozen=True, slots=True)
class Differences:
    """What the texts of a pair share and exchange, counted in words of the shorter one; one entry per pair."""

    names: Ints  # capitalised words that the longer one has in the same place
    figures: Ints
    plain: Ints  # other words
    other_names: Ints  # capitalised words for which the longer one has another name or figure in the same sentence
    other_figures: Ints
    other_plain: Ints  # plain words for which it has others
    grams: Ints  # 3-grams that the shorter one has exactly once
    shared_grams: Ints  # of these, that the longer one has exactly once
    longer_grams: Ints  # 3-grams that the longer one has exactly once
    words: Ints  # of the shorter one

    def __len__(self) -> int:
        return len(self.words)


@dataclass(frozen=True, slots=True)
class _Slots:
    """Slots: the pair of each, and where its words are in the shorter and in the longer text."""

    pair: Ints
    first_s: Ints
    size_s: Ints
    first_l: Ints
    size_l: Ints


def compare_texts(texts: Texts, a: Ints, b: Ints) -> Differences:
    """Align each pair of texts, and count what they share and what they exchange.

    Args:
        texts: in which a and b are numbers.
        a, b: texts of each pair.
    """
    columns: list[list[Ints]] = [[np.zeros(0, np.int64)] for _ in Differences.__slots__]
    edges = _line_edges(texts)
    for start in range(0, len(a), _ALIGNED_AT_ONCE):
        rows = slice(start, start + _ALIGNED_AT_ONCE)
        for column, part in zip(columns, _compare(texts, a[rows], b[rows], edges), strict=True):
            column.append(part)
    return Differences(*(np.concatenate(c) for c in columns))


def _compare(texts: Texts, a: Ints, b: Ints, edges: tuple[Ints, Ints]) -> list[Ints]:
    size = np.diff(texts.bounds)
    swap = size[a] > size[b]
    small, large = np.where(swap, b, a), np.where(swap, a, b)
    docs, number = np.unique(np.concatenate([small, large]), return_inverse=True)
    grams = _single_grams(texts, docs)
    gram_pair, p, q = _shared_grams(grams, number[: len(a)], number[len(a) :])
    pair, p, q = _shared_words(texts.bounds[small], size[small], gram_pair, p, q)
    count = len(a)
    kind = texts.kind
    shared = [np.bincount(pair[kind[p] == k], minlength=count) for k in _KINDS]
    exchanged, kept = _exchanged(texts, _find_slots(texts, edges, pair, p, q), count)
    plain, names, figures = (s + k for s, k in zip(shared, kept, strict=True))
    other_plain, other_names, other_figures = exchanged
    return [
        names,
        figures,
        plain,
        other_names,
        other_figures,
        other_plain,
        grams.counts[number[:count]],
        np.bincount(gram_pair, minlength=count),
        grams.counts[number[count:]],
        size[small],
    ]


@dataclass(frozen=True, slots=True)
class _Grams:
    """3-grams that stand once in each of some texts."""

    keys: Hashes  # row of the text, gram; ascending
    at: Ints  # first word of each
    counts: Ints  # of each text


def _single_grams(texts: Texts, docs: Ints) -> _Grams:
    count = np.maximum(np.diff(texts.bounds)[docs] - 2, 0)
    at = members_of(texts.bounds[docs], count)
    word = texts.word.astype(np.uint64)
    key = mix((word[at] << (_WORD_BITS + _WORD_BITS)) | (word[at + 1] << _WORD_BITS) | word[at + 2])
    # row, gram and place in the text in one number: sorting it is ten times as fast as finding an order
    key >>= _ROW_BITS
    key |= np.repeat(np.arange(len(docs), dtype=np.uint64) << (np.uint64(64) - _ROW_BITS), count)
    key &= ~_PLACE
    key |= (at - np.repeat(texts.bounds[docs], count)).astype(np.uint64)
    key.sort()
    gram = key >> _PLACE_BITS
    new = np.append(True, gram[1:] != gram[:-1])[: len(key)]
    once = new & np.append(new[1:], True)[: len(key)]
    key, gram = key[once], gram[once]
    row = (gram >> _GRAM_BITS).astype(np.int64)
    place = (key & _PLACE).astype(np.int64)
    return _Grams(gram, texts.bounds[docs][row] + place, np.bincount(row, minlength=len(docs)))


def _shared_grams(grams: _Grams, small: Ints, large: Ints) -> tuple[Ints, Ints, Ints]:
    """The pair of each 3-gram that both texts have, and its place in either."""
    if not len(grams.keys):
        none = np.zeros(0, dtype=np.int64)
        return none, none, none
    counts = grams.counts[small]
    rows = members_of((np.cumsum(grams.counts) - grams.counts)[small], counts)
    wanted = grams.keys[rows] & ((np.uint64(1) << _GRAM_BITS) - np.uint64(1))
    wanted |= np.repeat(large.astype(np.uint64) << _GRAM_BITS, counts)
    found = np.minimum(np.searchsorted(grams.keys, wanted), len(grams.keys) - 1)
    same = np.flatnonzero(grams.keys[found] == wanted)
    return np.repeat(np.arange(len(small)), counts)[same], grams.at[rows[same]], grams.at[found[same]]


def _shared_words(first: Ints, size: Ints, pair: Ints, p: Ints, q: Ints) -> tuple[Ints, Ints, Ints]:
    """By pair, then place in the shorter text: each word of a shared 3-gram, and its place in the longer text.

    Args:
        first, size: of the shorter text of each pair.
        pair, p, q: of each shared 3-gram, as from :func:`_shared_grams`.
    """
    offset = np.cumsum(size) - size
    match = np.full(int(size.sum()), -1)
    at = offset[pair] + p - first[pair]
    for k in (2, 1, 0):
        match[at + k] = q + k
    words = np.flatnonzero(match >= 0)
    of = np.repeat(np.arange(len(size)), size)[words]
    return of, words - offset[of] + first[of], match[words]


def _line_edges(texts: Texts) -> tuple[Ints, Ints]:
    """The first word of each word's line, and the one after the last."""
    first = np.flatnonzero(np.append(True, texts.line[1:] != texts.line[:-1])[: len(texts.line)])
    count = np.diff(np.append(first, len(texts.line)))
    return np.repeat(first, count), np.repeat(first + count, count)


def _find_slots(texts: Texts, edges: tuple[Ints, Ints], pair: Ints, p: Ints, q: Ints) -> _Slots:
    """Between shared words, and between a line's edge and its first or last shared word."""
    begins, ends = edges
    inner = pair[1:] == pair[:-1]
    size_s, size_l = np.diff(p) - 1, np.diff(q) - 1
    between = inner & _few(size_s) & _few(size_l)
    parts = [(pair[:-1][between], p[:-1][between] + 1, size_s[between], q[:-1][between] + 1, size_l[between])]
    joined = inner & ((texts.line[p[1:]] == texts.line[p[:-1]]) | between)
    at = np.flatnonzero(np.append(True, ~joined)[: len(p)])
    parts.append((pair[at], begins[p[at]], p[at] - begins[p[at]], begins[q[at]], q[at] - begins[q[at]]))
    at = np.flatnonzero(np.append(~joined, True)[: len(p)])
    parts.append((pair[at], p[at] + 1, ends[p[at]] - p[at] - 1, q[at] + 1, ends[q[at]] - q[at] - 1))
    of, first_s, in_s, first_l, in_l = (np.concatenate(c) for c in zip(*parts, strict=True))
    slot = _few(in_s) & _few(in_l)
    return _Slots(of[slot], first_s[slot], in_s[slot], first_l[slot], in_l[slot])


def _few(size: Ints) -> Flags:
    return np.asarray((size > 0) & (size <= SLOT_WORDS))


def _missing(keys: Ints, others: Ints) -> Flags:
    """Which keys are not among the others. numpy 2.4's ``isin`` hashes, which took three times as long."""
    if not len(others):
        return np.ones(len(keys), dtype=np.bool_)
    ordered = np.sort(others)
    return np.asarray(ordered[np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)] != keys)


def _exchanged(texts: Texts, slots: _Slots, count: int) -> tuple[list[Ints], list[Ints]]:
    """For plain words, names and figures: how many each pair exchanges, and how many it keeps within a slot."""
    number = np.arange(len(slots.pair))
    slot_s, at_s = np.repeat(number, slots.size_s), members_of(slots.first_s, slots.size_s)
    slot_l, at_l = np.repeat(number, slots.size_l), members_of(slots.first_l, slots.size_l)
    key_s, key_l = (slot_s << 16) | texts.word[at_s], (slot_l << 16) | texts.word[at_l]
    gone_s, gone_l = _missing(key_s, key_l), _missing(key_l, key_s)
    kind_s, kind_l = texts.kind[at_s], texts.kind[at_l]
    s = [np.bincount(slot_s[gone_s & (kind_s == k)], minlength=len(number)) for k in _KINDS]
    other = [np.bincount(slot_l[gone_l & (kind_l == k)], minlength=len(number)) for k in _KINDS]
    # a figure may take the place of a name: "Tuesday" of "May 4"
    both = (s[NAME] + s[FIGURE] > 0) & (other[NAME] + other[FIGURE] > 0)
    changed = [np.minimum(s[PLAIN], other[PLAIN]), np.where(both, s[NAME], 0), np.where(both, s[FIGURE], 0)]
    exchanged = [np.bincount(slots.pair, weights=c, minlength=count).astype(np.int64) for c in changed]
    kept = [np.bincount(slots.pair[slot_s[~gone_s & (kind_s == k)]], minlength=count) for k in _KINDS]
    return exchanged, kept
