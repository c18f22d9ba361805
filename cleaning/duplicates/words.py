"""The words of folded texts as 64-bit hashes, and where each document and line begins among them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cleaning.duplicates.fold import SPACE, Bytes, Folded

Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Odd multipliers of the 64-bit finaliser of MurmurHash3 (Appleby, public domain).
MIX_1 = np.uint64(0xFF51AFD7ED558CCD)
MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT = np.uint64(33)
# keeps the first k bytes of eight
_KEEP = np.array([(1 << (8 * k)) - 1 for k in range(9)], dtype=np.uint64)

# Characters a token of a script without spaces spans. A Chinese or Japanese word has about 1.7 characters, so
# three consecutive tokens of 3 (5 characters) are about three words; Thai, Lao, Khmer and Burmese words have four
# to five letters and signs, so there a token spans 8 and three of them 10.
_SPAN_EAST, _SPAN_SOUTH = 3, 8


@dataclass(frozen=True, slots=True)
class Words:
    """Words in reading order.

    ``bounds`` has one entry per document and one more: document i has the words ``bounds[i]`` to ``bounds[i + 1] - 1``.
    ``lines`` does the same for the lines that contain a word; no line crosses the end of a document.
    """

    hashes: Hashes
    first: Bytes  # first byte of each word, capitals preserved
    size: Ints  # bytes of each word, folded
    bounds: Ints
    lines: Ints

    @property
    def has_digit(self) -> Flags:
        """The word starts with a digit."""
        return np.asarray((self.first - np.uint8(ord("0"))) < 10)

    @property
    def has_capital(self) -> Flags:
        """The word starts with a capital letter A to Z, with or without an accent."""
        return np.asarray((self.first - np.uint8(ord("A"))) < 26)


def members_of(starts: Ints, counts: Ints) -> Ints:
    """All rows of some runs, one run after the other."""
    rows: Ints = np.repeat(starts - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
    return rows


def mix(x: Hashes) -> Hashes:
    """Finaliser of MurmurHash3: every bit of the input moves every bit of the output."""
    mixed = x >> _SHIFT
    mixed ^= x
    mixed *= MIX_1
    shifted = mixed >> _SHIFT
    mixed ^= shifted
    mixed *= MIX_2
    np.right_shift(mixed, _SHIFT, out=shifted)
    mixed ^= shifted
    return mixed


def _spaceless(data: Bytes) -> tuple[Ints, Ints]:
    """Where East Asian and South-East Asian characters begin that are written without spaces between words.

    Kana, Han (U+3040-30FF, 3400-9FFF, F900-FAFF) and Thai, Lao (U+0E00-0EFF), Burmese (1000-109F), Khmer (1780-17FF):
    all take three bytes of UTF-8.
    """
    at = np.flatnonzero(data >= 0xE0)
    at = at[data[at] < 0xF0]
    code = ((data[at].astype(np.int64) & 0x0F) << 6) | (data[at + 1] & 0x3F)  # the code point's upper bits: >> 6
    east = ((code >= 0xC1) & (code <= 0xC3)) | ((code >= 0xD0) & (code < 0x280)) | ((code >= 0x3E4) & (code < 0x3EC))
    south = ((code >= 0x38) & (code < 0x3C)) | ((code >= 0x40) & (code <= 0x42)) | ((code >= 0x5E) & (code < 0x60))
    return at[east], at[south]


def _bounds(data: Bytes) -> tuple[Ints, Ints]:
    """First byte of each word and the byte after its last, found where neighbours differ."""
    inside = data > SPACE
    none = np.zeros(0, dtype=np.int64)
    east, south = _spaceless(data) if data.max() >= 0xE0 else (none, none)
    if not len(east) and not len(south):
        edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
        return edges[0::2], edges[1::2]
    kind = inside.astype(np.uint8)
    for code, at in ((2, east), (3, south)):
        for k in range(3):
            kind[at + k] = code
    edges = np.flatnonzero(kind[1:] != kind[:-1]) + 1
    starts, ends = edges[:-1], edges[1:]
    kinds = kind[starts]
    plain = kinds == 1
    all_starts, all_ends = [starts[plain]], [ends[plain]]
    for code, span in ((2, _SPAN_EAST), (3, _SPAN_SOUTH)):
        s, e = starts[kinds == code], ends[kinds == code]
        tokens = np.maximum((e - s) // 3 - span + 1, 1)
        begin = np.repeat(s, tokens) + 3 * (np.arange(tokens.sum()) - np.repeat(np.cumsum(tokens) - tokens, tokens))
        all_starts.append(begin)
        all_ends.append(np.minimum(begin + 3 * span, np.repeat(e, tokens)))
    merged = np.concatenate(all_starts)
    order = np.argsort(merged, kind="stable")
    return merged[order], np.concatenate(all_ends)[order]


def _hash(data: Bytes, starts: Ints, lengths: Ints) -> Hashes:
    """Hash of each word, eight bytes at a time."""
    overlapping: Hashes = np.ndarray((len(data) - 7,), dtype="<u8", buffer=data.data, strides=(1,))
    eight = overlapping.copy()  # numpy gathers from an unaligned array at a quarter of the speed
    x = eight.take(starts)
    x &= _KEEP.take(lengths, mode="clip")
    hashes = mix(x)
    longer, at = np.flatnonzero(lengths > 8), 8
    while len(longer):
        left = lengths[longer] - at
        x = eight.take(starts[longer] + at)
        x &= _KEEP.take(left, mode="clip")
        x ^= hashes[longer] * MIX_1
        hashes[longer] = mix(x)
        longer = longer[left > 8]
        at += 8
    return hashes


def find_words(folded: Folded) -> Words:
    """Words of some documents: runs of letters and digits; overlapping runs of characters in scripts without spaces."""
    data = folded.data
    starts, ends = _bounds(data)
    hashes = _hash(data, starts, ends - starts)
    lines = np.searchsorted(starts, np.concatenate([[0], folded.breaks, [len(data)]]))
    lines = lines[np.append(True, lines[1:] != lines[:-1])]
    return Words(hashes, folded.cased[starts], ends - starts, np.searchsorted(starts, folded.starts), lines)
