"""Texts as short codes of their words, small enough to keep for a whole archive: two bytes a word.

Sketches tell how much two texts share. Where they differ needs the words in their order: see
:mod:`cleaning.duplicates.differences`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cleaning.duplicates.words import Flags, Ints, Words, members_of

Codes = npt.NDArray[np.uint16]
Numbers = npt.NDArray[np.int32]

# The lower two bits of a code.
PLAIN, NAME, FIGURE = 0, 1, 2
# A word of any text has one of these codes; the highest stands between lines.
LINE_END = 0xFFFF
# Of a longer text the rest is not kept: 12 KB an article at most. Of the labelled news one text in 5,000 is longer.
MAX_WORDS = 6_000

_HASH_BITS = np.uint64(64 - 14)


@dataclass(frozen=True, slots=True)
class Texts:
    """Words of documents in reading order: document i has the words ``bounds[i]`` to ``bounds[i + 1] - 1``.

    A code is 14 bits of the word's hash, then two bits: PLAIN, NAME (it has a capital) or FIGURE (it starts with a
    digit).
    """

    code: Codes
    line: Ints  # number of the line that each word is in, across all documents
    bounds: Ints

    @property
    def word(self) -> Codes:
        """Hash of each word, whatever its case."""
        return np.asarray(self.code >> 2)

    @property
    def kind(self) -> Codes:
        """PLAIN, NAME or FIGURE of each word."""
        return np.asarray(self.code & 3)

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def take(self, docs: Ints) -> Texts:
        """Some of the texts, in the order given."""
        count = np.diff(self.bounds)[docs]
        rows = members_of(self.bounds[docs], count)
        return Texts(self.code[rows], self.line[rows], np.append(0, np.cumsum(count)))


def word_codes(words: Words) -> Codes:
    """The code of each word."""
    code = (words.hashes >> _HASH_BITS).astype(np.uint16)
    code <<= np.uint16(2)
    code |= words.has_capital
    figure = words.has_digit
    code[figure] &= np.uint16(0xFFFC)
    code[figure] |= np.uint16(FIGURE)
    return code


def texts_of(codes: Codes, line_words: Numbers, line_doc: Numbers, docs: Ints, dropped_lines: Flags | None) -> Texts:
    """Some of many texts, in the order given, without the lines that are their sites'.

    Args:
        codes: of all words of all texts.
        line_words: words of each line.
        line_doc: text of each line, ascending.
        docs: of the texts wanted.
        dropped_lines: one flag per line.
    """
    first_word = np.append(0, np.cumsum(line_words, dtype=np.int64))
    first, end = np.searchsorted(line_doc, docs), np.searchsorted(line_doc, docs, side="right")
    lines = members_of(first, end - first)
    doc = np.repeat(np.arange(len(docs)), end - first)
    if dropped_lines is not None:
        doc, lines = doc[~dropped_lines[lines]], lines[~dropped_lines[lines]]
    count = line_words[lines].astype(np.int64)
    code = codes[members_of(first_word[lines], count)]
    size = np.bincount(doc, weights=count, minlength=len(docs)).astype(np.int64)
    return _first_words(Texts(code, np.repeat(np.arange(len(lines)), count), np.append(0, np.cumsum(size))))


def _first_words(texts: Texts) -> Texts:
    """The texts cut to MAX_WORDS words."""
    size = np.diff(texts.bounds)
    if not (size > MAX_WORDS).any():
        return texts
    kept = np.minimum(size, MAX_WORDS)
    rows = members_of(texts.bounds[:-1], kept)
    return Texts(texts.code[rows], texts.line[rows], np.append(0, np.cumsum(kept)))


def join_texts(parts: Sequence[Texts]) -> Texts:
    """Several sets of texts as one, documents numbered through."""
    words = np.cumsum([0, *(len(p.code) for p in parts)])
    lines = np.cumsum([0, *(int(p.line[-1]) + 1 if len(p.line) else 0 for p in parts)])
    return Texts(
        np.concatenate([np.zeros(0, np.uint16), *(p.code for p in parts)]),
        np.concatenate([np.zeros(0, np.int64), *(p.line + n for p, n in zip(parts, lines, strict=False))]),
        np.concatenate([np.zeros(1, np.int64), *(p.bounds[1:] + n for p, n in zip(parts, words, strict=False))]),
    )


def packed(texts: Texts) -> list[bytes]:
    """Each text as bytes, two a word and two between lines, for a file."""
    out = []
    for first, end in zip(texts.bounds[:-1].tolist(), texts.bounds[1:].tolist(), strict=True):
        line = texts.line[first:end]
        breaks = np.flatnonzero(line[1:] != line[:-1]) + 1
        out.append(np.insert(texts.code[first:end], breaks, LINE_END).astype("<u2").tobytes())
    return out


def unpacked(rows: Sequence[bytes]) -> Texts:
    """The texts that were packed."""
    parts = [np.frombuffer(row, dtype="<u2").astype(np.uint16) for row in rows]
    code = np.concatenate([np.zeros(0, np.uint16), *parts])
    size = np.array([len(p) for p in parts], dtype=np.int64)
    ends = code == LINE_END
    starts = np.zeros(len(code), dtype=np.bool_)
    starts[(np.cumsum(size) - size)[size > 0]] = True
    line = np.cumsum(ends | starts) - 1
    doc = np.repeat(np.arange(len(size)), size)
    kept = np.bincount(doc[~ends], minlength=len(size))
    return Texts(code[~ends], line[~ends], np.append(0, np.cumsum(kept)))
