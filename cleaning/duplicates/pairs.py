"""Pairs of documents that share sampled grams: found, then measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cleaning.duplicates.sketches import LEVELS, Grams, Sketches, distinct
from cleaning.duplicates.words import Flags, Hashes, Ints

_HALF, _LOWER = np.uint64(32), np.uint64(0xFFFFFFFF)

# A gram of more documents than this is a set phrase: it makes no candidates and counts nowhere.
COMMON = 300
# Up to this many documents every pair that shares a gram is looked at. Above, each is compared with the one before it
# and with the first: k documents give 2 k pairs instead of k (k - 1) / 2, and copies of one story share many grams,
# each with neighbours of its own.
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
        """Some of the pairs."""
        return Pairs(*(getattr(self, name)[rows] for name in self.__slots__))


def level_sizes(grams: Grams, bounds: Ints) -> tuple[Ints, Ints]:
    """Size of each sketch at each level, and of its part with figures: two arrays of LEVELS x documents."""
    count = len(bounds) - 1
    # the coarsest level that each gram belongs to
    level = sum((grams < np.uint32(1 << (32 - k))).astype(np.int64) for k in range(1, LEVELS))
    doc = np.repeat(np.arange(count), np.diff(bounds))
    key = (doc * LEVELS + level) * 2 + (grams & 1)
    table = np.bincount(key, minlength=count * LEVELS * 2).reshape(count, LEVELS, 2)
    # a gram of a coarser level belongs to the finer ones too
    sizes = table[:, ::-1].cumsum(axis=1)[:, ::-1]
    return sizes.sum(axis=2).T, sizes[:, :, 1].T


@dataclass(frozen=True, slots=True)
class Postings:
    """The documents of each gram: gram i is held by ``docs[starts[i]:starts[i] + counts[i]]``, ascending."""

    grams: Grams  # distinct, ascending
    starts: Ints
    counts: Ints
    docs: Ints


def members_of(starts: Ints, counts: Ints) -> Ints:
    """All rows of some runs, one run after the other."""
    rows: Ints = np.repeat(starts - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
    return rows


def _runs(values: npt.NDArray[np.unsignedinteger]) -> tuple[Ints, Ints]:
    """Start and length of each run of equal neighbours."""
    starts = np.flatnonzero(np.append(True, values[1:] != values[:-1])[: len(values)])
    return starts, np.diff(np.append(starts, len(values)))


def _all_pairs(docs: Ints, starts: Ints, counts: Ints) -> Hashes:
    """Every pair within each run of documents, as (a << 32) | b with a < b; runs of one size are done together."""
    out = [np.zeros(0, dtype=np.uint64)]
    for size in np.unique(counts):
        members = docs[starts[counts == size][:, None] + np.arange(size)].astype(np.uint64)
        i, j = np.triu_indices(int(size), 1)
        out.append(((members[:, i] << _HALF) | members[:, j]).ravel())
    return np.concatenate(out)


def _neighbours(docs: Ints, starts: Ints, counts: Ints) -> Hashes:
    """Within each run of documents the pairs of neighbours, and of the first with each other one."""
    first = np.repeat(docs[starts], counts).astype(np.uint64)
    row = members_of(starts, counts)
    at = row - np.repeat(starts, counts)
    this, before = docs[row].astype(np.uint64), docs[row - 1].astype(np.uint64)
    return np.concatenate([((before << _HALF) | this)[at > 0], ((first << _HALF) | this)[at > 1]])


def _counted(keys: Hashes) -> tuple[Hashes, Ints]:
    """Distinct keys, ascending, and how often each stands there; ``keys`` is sorted in place."""
    keys.sort()
    starts, counts = _runs(keys)
    return keys[starts], counts


def without_grams(sketches: Sketches, unwanted: Grams) -> Sketches:
    """The sketches without these grams, which are ascending."""
    if not len(unwanted):
        return sketches
    at = np.minimum(np.searchsorted(unwanted, sketches.grams), len(unwanted) - 1)
    keep = unwanted[at] != sketches.grams
    kept = np.append(0, np.cumsum(keep))
    return Sketches(sketches.grams[keep], kept[sketches.bounds], sketches.level, sketches.words)


def find_postings(sketches: Sketches) -> Postings:
    """Which documents hold each gram."""
    key = sketches.grams.astype(np.uint64)
    key <<= _HALF
    key |= sketches.docs.astype(np.uint64)
    key.sort()
    docs = key.astype(np.uint32).astype(np.int64)
    key >>= _HALF
    starts, counts = _runs(key)
    return Postings(key[starts].astype(np.uint32), starts, counts, docs)


def without_common(sketches: Sketches, postings: Postings, limit: int = COMMON) -> tuple[Sketches, Postings]:
    """Both without the grams that more than ``limit`` documents hold."""
    common = postings.counts > limit
    if not common.any():
        return sketches, postings
    rest = Postings(postings.grams[~common], postings.starts[~common], postings.counts[~common], postings.docs)
    return without_grams(sketches, postings.grams[common]), rest


def candidates(sketches: Sketches, postings: Postings) -> tuple[Ints, Ints]:
    """Pairs of documents (a < b) that share enough grams to be worth measuring."""
    starts, counts, docs = postings.starts, postings.counts, postings.docs
    few = (counts > 1) & (counts <= CROWD)
    pairs, shared = _counted(_all_pairs(docs, starts[few], counts[few]))
    a, b = (pairs >> _HALF).astype(np.int64), (pairs & _LOWER).astype(np.int64)
    likely = shared >= CANDIDATE_GRAMS
    a, b, shared = a[likely], b[likely], shared[likely]
    # grams that are rare, per document: what the share is a share of
    crowded = docs[members_of(starts[counts > CROWD], counts[counts > CROWD])]
    rare = np.diff(sketches.bounds) - np.bincount(crowded, minlength=len(sketches))
    finer = np.abs(sketches.level[a].astype(np.int64) - sketches.level[b])
    enough = shared >= CANDIDATE_SHARE * _smaller_rare(sketches, rare, a, b, finer)
    crowd = counts > CROWD
    neighbours, together = _counted(_neighbours(docs, starts[crowd], counts[crowd]))
    chosen = distinct(np.concatenate([pairs[likely][enough], neighbours[together >= CANDIDATE_GRAMS]]))
    return (chosen >> _HALF).astype(np.int64), (chosen & _LOWER).astype(np.int64)


def _smaller_rare(sketches: Sketches, rare: Ints, a: Ints, b: Ints, finer: Ints) -> npt.NDArray[np.float64]:
    """Rare grams of the smaller of two documents; those of the finer level are thinned to the coarser by proportion."""
    a_is_finer = sketches.level[a] < sketches.level[b]
    thinned = 0.5**finer
    return np.minimum(rare[a] * np.where(a_is_finer, thinned, 1.0), rare[b] * np.where(a_is_finer, 1.0, thinned))


def measure(sketches: Sketches, a: Ints, b: Ints, sizes: tuple[Ints, Ints] | None = None) -> Pairs:
    """Count what each pair shares, gram by gram.

    Args:
        sketches: of all documents; of a document whose sketch is not at hand whole, the part that matters.
        a, b: documents of each pair.
        sizes: as :func:`level_sizes` gives them, where sketches are not whole.
    """
    shared, digits = np.zeros(len(a), dtype=np.int64), np.zeros(len(a), dtype=np.int64)
    key = sketches.docs.astype(np.uint64)
    key <<= _HALF
    key |= sketches.grams
    for start in range(0, len(a), _MEASURED_AT_ONCE):
        rows = slice(start, start + _MEASURED_AT_ONCE)
        shared[rows], digits[rows] = _shared(sketches, key, a[rows], b[rows])
    whole, figures = level_sizes(sketches.grams, sketches.bounds) if sizes is None else sizes
    level = np.maximum(sketches.level[a], sketches.level[b])
    return Pairs(a, b, shared, digits, whole[level, a], whole[level, b], figures[level, a], figures[level, b])


def _shared(sketches: Sketches, key: Hashes, a: Ints, b: Ints) -> tuple[Ints, Ints]:
    """Shared grams of each pair, and those of them with a figure; ``key`` is (document << 32) | gram, ascending."""
    size = np.diff(sketches.bounds)
    # the smaller sketch is looked up in the larger
    swap = size[a] > size[b]
    small, large = np.where(swap, b, a), np.where(swap, a, b)
    count = size[small]
    pair = np.repeat(np.arange(len(a)), count)
    offset = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count)
    gram = sketches.grams[sketches.bounds[small][pair] + offset]
    wanted = (large[pair].astype(np.uint64) << _HALF) | gram
    at = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
    found = key[at] == wanted if len(key) else np.zeros(0, dtype=np.bool_)
    figure = found & (gram & 1).astype(np.bool_)
    return np.bincount(pair[found], minlength=len(a)), np.bincount(pair[figure], minlength=len(a))
