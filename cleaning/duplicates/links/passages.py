"""Passages that two texts share, to the word: where each stands in either text.

All runs of words that both texts have are found by their word n-grams; the longest is taken first, then what is left of
the others (greedy string tiling, Wise 1993). A passage that was moved is found too, which an alignment in order would
miss. Words are compared without case, accents and punctuation, as everywhere in :mod:`cleaning.duplicates`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cleaning.text import UNSPACED

# Shorter runs are set phrases: "said in a statement on Monday that the". Of 1,000 pairs of unrelated texts of the
# labelled set none has 8 words in a row in common.
MIN_WORDS = 8
# Scripts without spaces are compared by character; a Chinese or Japanese word has about 1.7 of them.
MIN_CHARACTERS = 14

# Words as everywhere (cleaning.text.WORD), with apostrophes inside.
_WORD = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+(?:['’ʼ][^\W_{UNSPACED}]+)*")
_APOSTROPHES = str.maketrans("", "", "'’ʼ")


@dataclass(frozen=True, slots=True)
class SharedPassage:
    """A run of words that two texts share; offsets and lengths in characters."""

    start: int
    length: int
    other_start: int
    other_length: int
    words: int


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a text, folded, and where each begins and ends."""

    word: list[str]
    start: list[int]
    end: list[int]
    least: int  # words that a run must have to count


@lru_cache(maxsize=1 << 16)
def _folded(word: str) -> str:
    form = unicodedata.normalize("NFKD", word.translate(_APOSTROPHES)).casefold()
    return "".join(c for c in form if not unicodedata.combining(c)) or word


# the article of a story is compared with each of its copies
@lru_cache(maxsize=256)
def _words(text: str) -> _Words:
    found = list(_WORD.finditer(text))
    folded = [_folded(m[0]) for m in found]
    single = sum(len(word) == 1 and not word.isascii() for word in folded)
    least = MIN_CHARACTERS if 2 * single > len(folded) else MIN_WORDS
    return _Words(folded, [m.start() for m in found], [m.end() for m in found], least)


def find_passages(text: str, other: str) -> list[SharedPassage]:
    """The passages of a text that another one has too, in order; no two overlap in the first text.

    A passage that the first text has twice is found twice.

    Args:
        text, other: as published.
    """
    a, b = _words(text), _words(other)
    least = max(a.least, b.least)
    taken = bytearray(len(a.word))
    found: list[tuple[int, int, int]] = []
    for i, j, length in sorted(_runs(a.word, b.word, least), key=lambda run: (-run[2], run[0], run[1])):
        for first, end in _free(taken, i, i + length):
            if end - first >= least:
                found.append((first, j + first - i, end - first))
                taken[first:end] = b"\1" * (end - first)
    return [
        SharedPassage(a.start[i], a.end[i + n - 1] - a.start[i], b.start[j], b.end[j + n - 1] - b.start[j], n)
        for i, j, n in sorted(found)
    ]


def _runs(a: Sequence[str], b: Sequence[str], least: int) -> list[tuple[int, int, int]]:
    """Runs that cannot be extended: first word in a, first word in b, words."""
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for j in range(len(b) - least + 1):
        places[tuple(b[j : j + least])].append(j)
    runs = []
    begun: dict[int, int] = {}  # diagonal → its run's first n-gram
    last: dict[int, int] = {}  # … and the last one seen
    for i in range(len(a) - least + 1):
        for j in places.get(tuple(a[i : i + least]), ()):
            diagonal = j - i
            if last.get(diagonal) != i - 1:
                if diagonal in begun:
                    runs.append((begun[diagonal], begun[diagonal] + diagonal, last[diagonal] - begun[diagonal] + least))
                begun[diagonal] = i
            last[diagonal] = i
    runs += [(i, i + d, last[d] - i + least) for d, i in begun.items()]
    return runs


def _free(taken: bytearray, first: int, end: int) -> list[tuple[int, int]]:
    """What is not taken between two words, as runs."""
    free = []
    at = taken.find(0, first, end)
    while at >= 0:
        stop = taken.find(1, at, end)
        stop = end if stop < 0 else stop
        free.append((at, stop))
        at = taken.find(0, stop, end)
    return free
