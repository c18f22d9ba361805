"""The words of a page as numbers, so that every question about them is one numpy expression."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from cleaning.blocks.lexicon import GROUPS, word_bits
from cleaning.text import UNSPACED

_END = "\x1e"  # record separator; controls other than white space never reach a block
_SPACED = re.compile(rf"\w+|{_END}")
_UNSPACED = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+|{_END}")
_HAS_UNSPACED = re.compile(f"[{UNSPACED}]")
GRAM = 3  # words of a shingle: short enough to match around an edit, long enough not to match by chance
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, Fibonacci hashing (Knuth, TAOCP 3, 6.4)


@dataclass(frozen=True, eq=False)
class Tokens:
    """All words of all blocks, in order. Arrays of words have one entry a word, arrays of blocks one a block."""

    vocabulary: dict[str, int]  # lower-cased word -> number
    ids: NDArray[np.int64]  # number of each word
    block: NDArray[np.int64]  # block of each word
    start: NDArray[np.int64]  # first word of each block, and one past the last word at the end
    count: NDArray[np.int64]  # words of each block
    size: NDArray[np.int64]  # letters of each word
    upper: NDArray[np.bool_]  # whether each word starts with a capital
    digit: NDArray[np.bool_]  # whether each word starts with a digit
    said: NDArray[np.int64]  # groups of cleaning.blocks.lexicon of each word, as bits
    spaced: bool  # whether words are told apart by spaces

    def mean(self, values: NDArray[np.generic]) -> NDArray[np.float64]:
        """Mean over each block of a value a word; 0 for a block without words."""
        total = np.bincount(self.block, weights=values, minlength=len(self.count))
        return total / np.maximum(self.count, 1)

    def numbers(self, text: str) -> NDArray[np.int64]:
        """Words of another text in the numbers of this page; -1 for words that the page does not have."""
        pattern = _SPACED if self.spaced else _UNSPACED
        get = self.vocabulary.get
        return np.array([get(word, -1) for word in pattern.findall(text.lower()) if word != _END], np.int64)

    def grams(self) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
        """Hash of the shingle that starts at each word, and whether it lies within one block."""
        hashes = gram_hashes(self.ids)
        inside = np.zeros(len(self.ids), bool)
        if len(self.ids) >= GRAM:
            inside[: len(hashes)] = self.block[: len(hashes)] == self.block[GRAM - 1 :]
        padded = np.zeros(len(self.ids), np.uint64)
        padded[: len(hashes)] = hashes
        return padded, inside


def gram_hashes(ids: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Hashes of the shingles of a sequence of word numbers; empty where it is shorter than a shingle."""
    if len(ids) < GRAM:
        return np.zeros(0, np.uint64)
    words = (ids + 2).astype(np.uint64)
    last = len(ids) - GRAM + 1
    value = words[:last].copy()
    for k in range(1, GRAM):
        value = (value * _MIX) ^ words[k : last + k]
    return value * _MIX


def tokenise(texts: list[str]) -> Tokens:
    """Words of the blocks of a page."""
    joined = f"{_END}".join(texts) + _END if texts else ""
    spaced = joined.isascii() or _HAS_UNSPACED.search(joined) is None
    words = (_SPACED if spaced else _UNSPACED).findall(joined)
    cased = {word: number for number, word in enumerate(dict.fromkeys(words))}
    numbers = np.fromiter(map(cased.__getitem__, words), np.int64, len(words))
    lower = list(map(str.lower, cased))
    vocabulary = {word: number for number, word in enumerate(dict.fromkeys(lower))}
    first = [word[0] for word in cased]
    lower_of = np.array(list(map(vocabulary.__getitem__, lower)), np.int64)
    size_of = np.array(list(map(len, cased)), np.int64)
    upper_of = np.array(list(map(str.isupper, first)), bool)
    digit_of = np.array(list(map(str.isdigit, first)), bool)
    said_of = np.array(list(map(word_bits().get, lower, repeat(0))), np.int64)
    is_end = numbers == cased.get(_END, -1)
    block = np.cumsum(is_end) - is_end
    real = ~is_end
    numbers, block = numbers[real], block[real]
    count = np.bincount(block, minlength=len(texts)).astype(np.int64)
    start = np.concatenate(([0], np.cumsum(count)))
    return Tokens(
        vocabulary, lower_of[numbers], block, start, count, size_of[numbers], upper_of[numbers], digit_of[numbers],
        said_of[numbers], spaced,
    )  # fmt: skip


__all__ = ["GRAM", "GROUPS", "Tokens", "gram_hashes", "tokenise"]
