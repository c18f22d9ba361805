"""Where two texts differ: names and figures exchanged inside sentences that both have.

A copy leaves sentences out, adds lines of its own and mends words. Another report of the same form keeps the sentences
and has other names, figures, places and dates in them. So what tells the two apart is not how much they share but what
stands between the shared words. Texts are aligned by the 3-grams that each has exactly once (patience diff,
B. Cohen 2003); words between two neighbouring matches, few in both texts, stand in the same slot of a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cleaning.duplicates.pairs import members_of
from cleaning.duplicates.texts import FIGURE, NAME, PLAIN, Texts
from cleaning.duplicates.words import Hashes, Ints, mix

# Words of a slot: a name with title and firm, a date with its weekday, an amount with what it is compared to.
SLOT_WORDS = 12
# Pairs aligned together: about a million words, 60 MB.
_ALIGNED_AT_ONCE = 1 << 11
_KINDS = (PLAIN, NAME, FIGURE)
_HALF, _WORD_BITS = np.uint64(32), np.uint64(14)


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
    """Slots: the pair of each, and where its words stand in the shorter and in the longer text."""

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
    grams_s, grams_l = _single_grams(texts, small), _single_grams(texts, large)
    gram_pair, p, q = _shared_words(*grams_s, *grams_l)
    pair = np.repeat(gram_pair, 3)
    pair, p, q = _in_order(pair, p, q)
    count = len(a)
    kind = texts.kind
    shared = [np.bincount(pair[kind[p] == k], minlength=count) for k in _KINDS]
    exchanged, kept = _exchanged(texts, _find_slots(texts, edges, pair, p, q), count)
    singles = [np.bincount((keys >> _HALF).astype(np.int64), minlength=count) for keys, _ in (grams_s, grams_l)]
    plain, names, figures = (s + k for s, k in zip(shared, kept, strict=True))
    other_plain, other_names, other_figures = exchanged
    of_grams = np.bincount(gram_pair, minlength=count)
    return [
        names,
        figures,
        plain,
        other_names,
        other_figures,
        other_plain,
        singles[0],
        of_grams,
        singles[1],
        size[small],
    ]


def _single_grams(texts: Texts, docs: Ints) -> tuple[Hashes, Ints]:
    """3-grams that stand once in each of some texts: (row of docs, gram) as keys, ascending, and their first words."""
    count = np.maximum(np.diff(texts.bounds)[docs] - 2, 0)
    at = members_of(texts.bounds[docs], count)
    word = texts.word.astype(np.uint64)
    key = mix((word[at] << (_WORD_BITS + _WORD_BITS)) | (word[at + 1] << _WORD_BITS) | word[at + 2])
    key >>= _HALF
    key |= np.repeat(np.arange(len(docs), dtype=np.uint64) << _HALF, count)
    order = np.argsort(key)
    key, at = key[order], at[order]
    new = np.append(True, key[1:] != key[:-1])[: len(key)]
    once = new & np.append(new[1:], True)[: len(key)]
    return key[once], at[once]


def _shared_words(key_s: Hashes, at_s: Ints, key_l: Hashes, at_l: Ints) -> tuple[Ints, Ints, Ints]:
    """The pair of each 3-gram that both texts have, and the places of its three words in either."""
    if not len(key_s) or not len(key_l):
        none = np.zeros(0, dtype=np.int64)
        return none, none, none
    found = np.minimum(np.searchsorted(key_l, key_s), len(key_l) - 1)
    same = key_l[found] == key_s
    three = np.arange(3)
    p, q = (at_s[same][:, None] + three).ravel(), (at_l[found[same]][:, None] + three).ravel()
    return (key_s[same] >> _HALF).astype(np.int64), p, q


def _in_order(pair: Ints, p: Ints, q: Ints) -> tuple[Ints, Ints, Ints]:
    """By pair, then place in the shorter text, each place once."""
    order = np.argsort((pair << 32) | p, kind="stable")
    pair, p, q = pair[order], p[order], q[order]
    new = np.append(True, (pair[1:] != pair[:-1]) | (p[1:] != p[:-1]))[: len(p)]
    return pair[new], p[new], q[new]


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


def _few(size: Ints) -> npt.NDArray[np.bool_]:
    return np.asarray((size > 0) & (size <= SLOT_WORDS))


def _exchanged(texts: Texts, slots: _Slots, count: int) -> tuple[list[Ints], list[Ints]]:
    """For plain words, names and figures: how many each pair exchanges, and how many it keeps within a slot."""
    number = np.arange(len(slots.pair))
    slot_s, at_s = np.repeat(number, slots.size_s), members_of(slots.first_s, slots.size_s)
    slot_l, at_l = np.repeat(number, slots.size_l), members_of(slots.first_l, slots.size_l)
    key_s, key_l = (slot_s << 16) | texts.word[at_s], (slot_l << 16) | texts.word[at_l]
    gone_s, gone_l = ~np.isin(key_s, key_l), ~np.isin(key_l, key_s)
    kind_s, kind_l = texts.kind[at_s], texts.kind[at_l]
    s = [np.bincount(slot_s[gone_s & (kind_s == k)], minlength=len(number)) for k in _KINDS]
    other = [np.bincount(slot_l[gone_l & (kind_l == k)], minlength=len(number)) for k in _KINDS]
    # a figure may take the place of a name: "Tuesday" of "May 4"
    both = (s[NAME] + s[FIGURE] > 0) & (other[NAME] + other[FIGURE] > 0)
    changed = [np.minimum(s[PLAIN], other[PLAIN]), np.where(both, s[NAME], 0), np.where(both, s[FIGURE], 0)]
    exchanged = [np.bincount(slots.pair, weights=c, minlength=count).astype(np.int64) for c in changed]
    kept = [np.bincount(slots.pair[slot_s[~gone_s & (kind_s == k)]], minlength=count) for k in _KINDS]
    return exchanged, kept
