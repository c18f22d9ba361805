"""Pairs of documents that share sampled grams: found, then measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cleaning.duplicates.sketches import LEVELS, Grams, Sketches, distinct
from cleaning.duplicates.words import Flags, Hashes, Ints, members_of

# A pair of documents as one key: a << 32 | b << 1 | (the gram has a figure in it)
_HALF, _LOWER, _ONE = np.uint64(32), np.uint64(0xFFFFFFFF), np.uint64(1)

# A gram in more documents than this is a set phrase: it makes no candidates and is not counted.
COMMON = 300
# Up to this many documents, every pair that shares a gram is considered. Above, each is compared with the one before it
# and with the first: k documents give 2 k pairs instead of k (k - 1) / 2, and copies of one story share many grams,
# each with different neighbours.
CROWD = 8
# A candidate must share two grams, and 15 % of the smaller document's rare ones.
CANDIDATE_GRAMS, CANDIDATE_SHARE = 2, 0.15
# Pairs measured together: some 400,000 grams, 16 MB.
_MEASURED_AT_ONCE = 1 << 13


@dataclass(frozen=True, slots=True)
class Pairs:
    """Measured pairs of documents: all counts are of sampled grams, at the coarser of the two sampling levels."""

    a: Ints
    b: Ints
    shared: Ints
    shared_digits: Ints  # of these, with a figure in them
    size_a: Ints
    size_b: Ints
    digits_a: Ints  # of size_a, with a figure in them
    digits_b: Ints

    def __len__(self) -> int:
        return len(self.a)

    def take(self, rows: Ints | Flags) -> Pairs:
        """A selection of the pairs."""
        return Pairs(*(getattr(self, name)[rows] for name in self.__slots__))

    def without(self, part: Pairs) -> Pairs:
        """The same pairs without the grams that ``part`` counts."""
        counts = self.__slots__[2:]
        return Pairs(self.a, self.b, *(getattr(self, name) - getattr(part, name) for name in counts))


def level_sizes(grams: Grams, bounds: Ints) -> tuple[Ints, Ints]:
    """Size of each sketch at each level, and of its part with figures: two arrays of LEVELS x documents."""
    count = len(bounds) - 1
    # the coarsest level that each gram belongs to, and whether it contains a figure
    kind = np.zeros(len(grams), dtype=np.uint8)
    for k in range(1, LEVELS):
        kind += (grams < np.uint32(1 << (32 - k))).view(np.uint8)
    kind *= 2
    kind += (grams & 1).astype(np.uint8)
    key = np.repeat(np.arange(count) * (LEVELS * 2), np.diff(bounds))
    key += kind
    table = np.bincount(key, minlength=count * LEVELS * 2).reshape(count, LEVELS, 2)
    # a gram of a coarser level belongs to the finer ones too
    sizes = table[:, ::-1].cumsum(axis=1)[:, ::-1]
    return sizes.sum(axis=2).T, sizes[:, :, 1].T


@dataclass(frozen=True, slots=True)
class Postings:
    """The documents of each gram: gram i is in ``docs[starts[i]:starts[i] + counts[i]]``, ascending."""

    grams: Grams  # distinct, ascending
    starts: Ints
    counts: Ints
    docs: Ints


def _runs(values: npt.NDArray[np.unsignedinteger]) -> tuple[Ints, Ints]:
    """Start and length of each run of equal neighbours."""
    starts = np.flatnonzero(np.append(True, values[1:] != values[:-1])[: len(values)])
    return starts, np.diff(np.append(starts, len(values)))


def _all_pairs(docs: Ints, starts: Ints, counts: Ints, figure: Flags) -> Hashes:
    """Every pair within each run of documents, as keys; runs of equal size are handled together."""
    out = [np.zeros(0, dtype=np.uint64)]
    for size in np.unique(counts):
        runs = counts == size
        members = docs[starts[runs] + np.arange(size)[:, None]].astype(np.uint64)
        low = (members << _ONE) | figure[runs]
        members <<= _HALF
        i, j = np.triu_indices(int(size), 1)
        pairs = members[i]
        pairs |= low[j]
        out.append(pairs.ravel())
    return np.concatenate(out)


def _neighbours(docs: Ints, starts: Ints, counts: Ints) -> Hashes:
    """Within each run of documents, the pairs of neighbours, and of the first with every other, as keys."""
    first = np.repeat(docs[starts], counts).astype(np.uint64)
    row = members_of(starts, counts)
    at = row - np.repeat(starts, counts)
    this, before = docs[row].astype(np.uint64) << _ONE, docs[row - 1].astype(np.uint64)
    return np.concatenate([((before << _HALF) | this)[at > 0], ((first << _HALF) | this)[at > 1]])


def _counted(keys: Hashes) -> tuple[Hashes, Ints, Ints]:
    """Distinct pairs, ascending, how often each occurs, and how often with a figure."""
    keys = np.sort(keys)
    figures = (keys & _ONE).astype(np.uint8)
    keys &= ~_ONE
    starts, counts = _runs(keys)
    with_figure = np.add.reduceat(figures, starts, dtype=np.int64) if len(starts) else counts
    return keys[starts], counts, with_figure


def without_grams(sketches: Sketches, unwanted: Grams) -> Sketches:
    """The sketches without these grams, which are ascending."""
    if not len(unwanted):
        return sketches
    at = np.minimum(np.searchsorted(unwanted, sketches.grams), len(unwanted) - 1)
    keep = unwanted[at] != sketches.grams
    kept = np.append(0, np.cumsum(keep))
    return Sketches(sketches.grams[keep], kept[sketches.bounds], sketches.level, sketches.words)


def find_postings(sketches: Sketches) -> Postings:
    """The documents that contain each gram."""
    order = np.argsort(sketches.grams, kind="stable")
    grams = sketches.grams[order]
    starts, counts = _runs(grams)
    return Postings(grams[starts], starts, counts, sketches.docs[order])


def without_common(sketches: Sketches, postings: Postings, limit: int = COMMON) -> tuple[Sketches, Postings]:
    """Both, without the grams that are in more than ``limit`` documents."""
    common = postings.counts > limit
    if not common.any():
        return sketches, postings
    rest = Postings(postings.grams[~common], postings.starts[~common], postings.counts[~common], postings.docs)
    return without_grams(sketches, postings.grams[common]), rest


def find_pairs(sketches: Sketches, postings: Postings, sizes: tuple[Ints, Ints] | None = None) -> Pairs:
    """Find and measure the pairs of documents (a < b) that share enough grams to be worth judging.

    Args:
        sketches: of all documents; for a document whose sketch is not available in full, the relevant part.
        postings: of the sketches.
        sizes: as returned by :func:`level_sizes`, if sketches are not complete.
    """
    starts, counts, docs = postings.starts, postings.counts, postings.docs
    few, crowd = (counts > 1) & (counts <= CROWD), np.flatnonzero(counts > CROWD)
    figure = (postings.grams & 1).astype(np.bool_)
    pairs, shared, figures = _counted(_all_pairs(docs, starts[few], counts[few], figure[few]))
    likely = shared >= CANDIDATE_GRAMS
    # each document's rare grams: what the share is relative to
    crowded = part_of(sketches, postings, crowd)
    rare = np.diff(sketches.bounds) - np.diff(crowded.bounds)
    enough = np.flatnonzero(likely)
    enough = enough[shared[enough] >= CANDIDATE_SHARE * _smaller_rare(sketches, rare, *_documents(pairs[enough]))]
    neighbours, together, _ = _counted(_neighbours(docs, starts[crowd], counts[crowd]))
    chosen = distinct(np.concatenate([pairs[enough], neighbours[together >= CANDIDATE_GRAMS]]))
    a, b = _documents(chosen)
    # shared grams of few documents were counted already; the others are looked up here
    found = measure(crowded, a, b)
    if len(pairs):
        at = np.minimum(np.searchsorted(pairs, chosen), len(pairs) - 1)
        there = pairs[at] == chosen
        found.shared[there] += shared[at[there]]
        found.shared_digits[there] += figures[at[there]]
    return _sized(sketches, a, b, found.shared, found.shared_digits, sizes)


def _documents(pairs: Hashes) -> tuple[Ints, Ints]:
    """The two documents of each key."""
    return (pairs >> _HALF).astype(np.int64), ((pairs & _LOWER) >> _ONE).astype(np.int64)


def part_of(sketches: Sketches, postings: Postings, which: Ints) -> Sketches:
    """The part of the sketches that consists of some of the grams, given by their rows in the postings."""
    counts = postings.counts[which]
    docs = postings.docs[members_of(postings.starts[which], counts)]
    order = np.argsort(docs.astype(np.uint32), kind="stable")
    bounds = np.append(0, np.cumsum(np.bincount(docs, minlength=len(sketches))))
    return Sketches(np.repeat(postings.grams[which], counts)[order], bounds, sketches.level, sketches.words)


def _smaller_rare(sketches: Sketches, rare: Ints, a: Ints, b: Ints) -> npt.NDArray[np.float64]:
    """Rare grams of the smaller of two documents; those at the finer level are scaled down to the coarser."""
    finer = np.abs(sketches.level[a].astype(np.int64) - sketches.level[b])
    a_is_finer = sketches.level[a] < sketches.level[b]
    thinned = 0.5**finer
    return np.minimum(rare[a] * np.where(a_is_finer, thinned, 1.0), rare[b] * np.where(a_is_finer, 1.0, thinned))


def measure(sketches: Sketches, a: Ints, b: Ints, sizes: tuple[Ints, Ints] | None = None) -> Pairs:
    """Count what each pair shares, gram by gram.

    Args:
        sketches: of all documents; for a document whose sketch is not available in full, the relevant part. a, b:
        documents of each pair.
        sizes: as returned by :func:`level_sizes`, if sketches are not complete.
    """
    shared, digits = np.zeros(len(a), dtype=np.int64), np.zeros(len(a), dtype=np.int64)
    for start, pair, gram in shared_grams(sketches, a, b):
        count = np.bincount(pair)
        shared[start : start + len(count)] = count
        count = np.bincount(pair[(gram & 1).astype(np.bool_)])
        digits[start : start + len(count)] = count
    return _sized(sketches, a, b, shared, digits, sizes)


def shared_grams(sketches: Sketches, a: Ints, b: Ints) -> Iterator[tuple[int, Ints, Grams]]:
    """The grams that each pair shares, some thousand pairs at a time.

    Yields:
        The number of the first pair; for each shared gram its pair, counted from there, ascending; the grams, ascending
        within a pair.
    """
    key = sketches.docs.astype(np.uint64)
    key <<= _HALF
    key |= sketches.grams
    size = np.diff(sketches.bounds)
    # the smaller sketch is looked up in the larger
    swap = size[a] > size[b]
    small, large = np.where(swap, b, a), np.where(swap, a, b)
    for start in range(0, len(a) if len(key) else 0, _MEASURED_AT_ONCE):
        rows = slice(start, start + _MEASURED_AT_ONCE)
        count = size[small[rows]]
        pair = np.repeat(np.arange(len(count)), count)
        gram = sketches.grams[members_of(sketches.bounds[small[rows]], count)]
        wanted = np.repeat(large[rows].astype(np.uint64) << _HALF, count)
        wanted |= gram
        at = np.searchsorted(key, wanted)
        at[at == len(key)] = 0
        found = np.flatnonzero(key[at] == wanted)
        yield start, pair[found], gram[found]


def _sized(sketches: Sketches, a: Ints, b: Ints, shared: Ints, digits: Ints, sizes: tuple[Ints, Ints] | None) -> Pairs:
    """The pairs, with the size of each document at the coarser of the two levels."""
    whole, figures = level_sizes(sketches.grams, sketches.bounds) if sizes is None else sizes
    level = np.maximum(sketches.level[a], sketches.level[b])
    return Pairs(a, b, shared, digits, whole[level, a], whole[level, b], figures[level, a], figures[level, b])
