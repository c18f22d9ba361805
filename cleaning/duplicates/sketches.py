"""A small sample of each document's word 3-grams, from which resemblance and containment are measured.

FracMinHash (Irber et al. 2022, sourmash): keep all 3-grams whose hash is below a fixed limit. So whether a gram is in
the sample does not depend on its document, and the shared part of two samples is a fair sample of the shared part of
the documents: containment (Broder 1997) can be measured as well as resemblance. A min-hash signature of fixed size
measures only the latter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleaning.duplicates.fold import Folded, fold
from cleaning.duplicates.texts import Codes, Texts, texts_of, word_codes
from cleaning.duplicates.words import MIX_1, MIX_2, Flags, Hashes, Ints, Words, find_words, mix

Grams = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.int32]  # numbers of documents or lines: half the memory of int64, and there are many

# Three words: an edit or a typing error breaks as many grams as a gram has words, and pairs of words are
# shared by unrelated news far more often.
GRAM_WORDS = 3

# A document of n grams keeps 1 of 2**level. The coarsest is 1 of 8, about 40 grams of an article of 320 words;
# shorter texts keep more, since with fewer than some 30 grams the share of common ones is mostly chance.
LEVELS = 4
FULL_GRAMS = 64  # up to this many grams all are kept, up to twice as many every other one, and so on

_HALF = np.uint64(32)
_ALL, _NO_FIGURE = np.uint32(0xFFFFFFFF), np.uint32(0xFFFFFFFE)


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a batch that contain at least one word."""

    doc: Numbers
    hash: Hashes  # equal for lines of the same words
    words: Numbers


@dataclass(frozen=True, slots=True)
class Sample:
    """Sampled grams of a batch, ordered by document, then by position in the text."""

    doc: Numbers
    gram: Grams  # bit 0: one of the three words starts with a digit
    first_line: Numbers  # row in ``lines`` of the gram's first word, and of its last
    last_line: Numbers
    lines: Lines
    level: npt.NDArray[np.uint8]  # one entry per document
    words: Ints  # one entry per document
    text: Hashes  # one per document; equal for texts of the same words in the same order
    codes: Codes  # of all words, see cleaning.duplicates.texts

    def texts(self, docs: Ints, dropped_lines: Flags | None = None) -> Texts:
        """The words of some documents, in the order given, without dropped lines."""
        return texts_of(self.codes, self.lines.words, self.lines.doc, docs, dropped_lines)


@dataclass(frozen=True, slots=True)
class Sketches:
    """Distinct sampled grams per document, ascending: document i has ``grams[bounds[i]:bounds[i + 1]]``."""

    grams: Grams
    bounds: Ints
    level: npt.NDArray[np.uint8]
    words: Ints

    def __len__(self) -> int:
        return len(self.level)

    @property
    def docs(self) -> Ints:
        """The document of each gram."""
        docs: Ints = np.repeat(np.arange(len(self)), np.diff(self.bounds))
        return docs


def distinct(values: Hashes) -> Hashes:
    """Distinct values, ascending. By sorting: numpy 2.3's hashing ``unique`` took 12 times as long on a million."""
    ordered = np.sort(values)
    new: Flags = np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]
    return ordered[new]


def level_of(words: Ints) -> npt.NDArray[np.uint8]:
    """The sampling level (1 of 2**level grams) of a document with this many words."""
    grams = np.maximum(words - GRAM_WORDS + 1, 1)
    levels = sum((grams > FULL_GRAMS << k).astype(np.uint8) for k in range(LEVELS - 1))
    return np.asarray(levels, dtype=np.uint8)


def _grams(words: Words) -> Hashes:
    """Hash of the gram that begins at each word; 0 at the last two words of a document, where none begins."""
    h = words.hashes
    grams = np.zeros(len(h), dtype=np.uint64)
    grams[:-2] = h[:-2] * MIX_1
    turned = h[1:-1] << np.uint64(21)
    turned |= h[1:-1] >> np.uint64(43)
    turned += h[2:] * MIX_2
    grams[:-2] += turned
    grams = mix(grams)
    grams[_tails(words)] = 0
    return grams


def _sums(values: Hashes, bounds: Ints) -> Hashes:
    """Sum of each run ``bounds[i]:bounds[i + 1]`` of values, 0 if it is empty."""
    total = np.zeros(len(bounds) - 1, dtype=np.uint64)
    some = bounds[1:] > bounds[:-1]
    if some.any():
        total[some] = np.add.reduceat(values, bounds[:-1][some])
    return total


def _sample_piece(folded: Folded) -> Sample:
    """Like :func:`sample`, for one piece of a batch, with documents and lines counted from its start."""
    words = find_words(folded)
    count = np.diff(words.bounds)
    level = level_of(count)
    doc_of = np.repeat(np.arange(len(count), dtype=np.int32), count)
    line_of = np.repeat(np.arange(len(words.lines) - 1, dtype=np.int32), np.diff(words.lines))
    line_words = np.diff(words.lines).astype(np.int32)
    lines = Lines(doc_of[words.lines[:-1]], mix(_sums(words.hashes, words.lines)), line_words)
    # the sum of words distinguishes texts of fewer than three words
    text = _sums(words.hashes, words.bounds)
    if len(words.hashes) < GRAM_WORDS:
        none = np.zeros(0, dtype=np.int32)
        return Sample(none, none.astype(np.uint32), none, none, lines, level, count, mix(text), word_codes(words))
    grams = _grams(words)
    text += _sums(grams, words.bounds)
    upper = (grams >> _HALF).astype(np.uint32)
    sampled = upper <= np.repeat(_ALL >> level, count)
    sampled[_tails(words)] = False
    at = np.flatnonzero(sampled)
    digit = words.has_digit
    digit[:-2] |= digit[1:-1] | digit[2:]
    gram = (upper[at] & _NO_FIGURE) | digit[at]
    last = line_of[at + (GRAM_WORDS - 1)]
    return Sample(doc_of[at], gram, line_of[at], last, lines, level, count, mix(text), word_codes(words))


def join(samples: Sequence[Sample]) -> Sample:
    """Samples of several batches as one, with documents and lines numbered consecutively."""
    docs = np.cumsum([0, *(len(s.level) for s in samples)])
    lines = np.cumsum([0, *(len(s.lines.doc) for s in samples)])

    def numbers(columns: Iterable[Numbers], first: Ints) -> Numbers:
        shifted = [c + np.int32(n) for c, n in zip(columns, first, strict=False)]
        return np.concatenate([np.zeros(0, np.int32), *shifted])

    return Sample(
        numbers((s.doc for s in samples), docs),
        np.concatenate([np.zeros(0, np.uint32), *(s.gram for s in samples)]),
        numbers((s.first_line for s in samples), lines),
        numbers((s.last_line for s in samples), lines),
        Lines(
            numbers((s.lines.doc for s in samples), docs),
            np.concatenate([np.zeros(0, np.uint64), *(s.lines.hash for s in samples)]),
            np.concatenate([np.zeros(0, np.int32), *(s.lines.words for s in samples)]),
        ),
        np.concatenate([np.zeros(0, np.uint8), *(s.level for s in samples)]),
        np.concatenate([np.zeros(0, np.int64), *(s.words for s in samples)]),
        np.concatenate([np.zeros(0, np.uint64), *(s.text for s in samples)]),
        np.concatenate([np.zeros(0, np.uint16), *(s.codes for s in samples)]),
    )


def sample(texts: pa.Array | pa.ChunkedArray) -> Sample:
    """Sampled grams of a batch of texts (string or large_string), with the lines they are in."""
    return join([_sample_piece(folded) for folded in fold(texts)])


def _tails(words: Words) -> Ints:
    """The last words of each document, at which no gram can begin."""
    ends = words.bounds[1:][np.diff(words.bounds) > 0]
    tails: Ints = np.maximum(np.concatenate([ends - k for k in range(1, GRAM_WORDS)]), 0)
    return tails


def sketch(sampled: Sample, dropped_lines: Flags | None = None) -> Sketches:
    """The sketch of each document, without the grams that touch a dropped line.

    Args:
        sampled: of a batch.
        dropped_lines: one flag per row of ``sampled.lines``: the line belongs to the site, not to the article.
    """
    doc, gram = sampled.doc, sampled.gram
    if dropped_lines is not None and dropped_lines.any():
        keep = ~(dropped_lines[sampled.first_line] | dropped_lines[sampled.last_line])
        doc, gram = doc[keep], gram[keep]
    key = doc.astype(np.uint64)
    key <<= np.uint64(32)
    key |= gram
    del doc, gram
    key.sort(kind="stable")  # documents are in order already, which a merge sort exploits
    key = key[np.append(True, key[1:] != key[:-1])[: len(key)]]
    bounds = np.searchsorted(key, np.arange(len(sampled.level) + 1, dtype=np.uint64) << np.uint64(32))
    return Sketches(key.astype(np.uint32), bounds, sampled.level, sampled.words)


def reorder(sketches: Sketches, order: Ints) -> Sketches:
    """The sketches of the documents in another order: document i of the result is ``order[i]`` of these."""
    count = np.diff(sketches.bounds)[order]
    bounds = np.append(0, np.cumsum(count))
    row = np.repeat(sketches.bounds[order], count) + np.arange(bounds[-1]) - np.repeat(bounds[:-1], count)
    return Sketches(sketches.grams[row], bounds, sketches.level[order], sketches.words[order])
