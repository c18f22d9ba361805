"""A small sample of each document's word 3-grams, from which resemblance and containment are measured.

FracMinHash (Irber et al. 2022, sourmash): of all 3-grams, those are kept whose hash is below a fixed limit. So whether
a gram is in the sample does not depend on the document it stands in, and the shared part of two samples is a
fair sample of the shared part of the documents: containment (Broder 1997) is measured as well as resemblance. A
min-hash signature of fixed size measures only the latter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleaning.duplicates.fold import fold
from cleaning.duplicates.words import MIX_1, MIX_2, Flags, Hashes, Ints, Words, find_words, mix

Grams = npt.NDArray[np.uint32]

# Three words: an edit or a typing error breaks as many grams as a gram has words, and pairs of words are
# shared by unrelated news far more often.
GRAM_WORDS = 3

# A document of n grams keeps 1 of 2**level. The coarsest is 1 of 8, about 40 grams of an article of 320 words;
# shorter texts keep more, since with fewer than some 30 grams the share of common ones is mostly chance.
LEVELS = 4
FULL_GRAMS = 64  # up to so many grams all are kept, up to twice as many every other one, and so on


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a batch that hold at least one word."""

    doc: Ints
    hash: Hashes  # equal for lines of the same words
    words: Ints


@dataclass(frozen=True, slots=True)
class Sample:
    """Sampled grams of a batch, in order of document, then place in the text."""

    doc: Ints
    gram: Grams  # bit 0: one of the three words starts with a digit
    first_line: Ints  # row in ``lines`` of the gram's first word, and of its last
    last_line: Ints
    lines: Lines
    level: npt.NDArray[np.uint8]  # one entry per document
    words: Ints  # one entry per document


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
    ordered: Hashes = np.sort(values)
    new: Flags = np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]
    return ordered[new]


def level_of(words: Ints) -> npt.NDArray[np.uint8]:
    """Which share of its grams (1 of 2**level) a document of so many words keeps."""
    grams = np.maximum(words - GRAM_WORDS + 1, 1)
    levels = sum((grams > FULL_GRAMS << k).astype(np.uint8) for k in range(LEVELS - 1))
    return np.asarray(levels, dtype=np.uint8)


def _grams(words: Words) -> Grams:
    """Upper 32 bits of the hash of the gram that begins at each word but the last two; bit 0 tells of digits."""
    h = words.hashes
    mixed = mix(h[:-2] * MIX_1 + ((h[1:-1] << np.uint64(21)) | (h[1:-1] >> np.uint64(43))) + h[2:] * MIX_2)
    digit = words.has_digit[:-2] | words.has_digit[1:-1] | words.has_digit[2:]
    return ((mixed >> np.uint64(32)).astype(np.uint32) & np.uint32(0xFFFFFFFE)) | digit


def _line_hashes(words: Words) -> Hashes:
    if len(words.lines) < 2:
        return np.zeros(0, dtype=np.uint64)
    total: Hashes = np.add.reduceat(words.hashes, words.lines[:-1])
    return mix(total)


def sample(texts: pa.Array | pa.ChunkedArray) -> Sample:
    """Sampled grams of a batch of texts (string or large_string), with the lines they stand in."""
    parts: list[tuple[Ints, Grams, Ints, Ints]] = []
    lines: list[tuple[Ints, Hashes, Ints]] = []
    counts: list[Ints] = []
    line_count = 0
    for folded in fold(texts):
        words = find_words(folded)
        count = np.diff(words.bounds)
        counts.append(count)
        line_words = np.diff(words.lines)
        lines.append(
            (
                folded.first + np.searchsorted(words.bounds, words.lines[:-1], side="right") - 1,
                _line_hashes(words),
                line_words,
            )
        )
        if len(words.hashes) >= GRAM_WORDS:
            limit = (np.uint64(1 << 32) >> level_of(count).astype(np.uint64)).repeat(count)
            limit[_tails(words)] = 0  # a gram must not go over the end of its document
            gram = _grams(words)
            at = np.flatnonzero(gram < limit[: len(gram)])
            doc = np.searchsorted(words.bounds, at, side="right") - 1
            first, last = (np.searchsorted(words.lines, at + k, side="right") - 1 for k in (0, GRAM_WORDS - 1))
            parts.append((folded.first + doc, gram[at], line_count + first, line_count + last))
        line_count += len(line_words)
    words_of = np.concatenate([np.zeros(0, np.int64), *counts])
    doc, first, last = (np.concatenate([np.zeros(0, np.int64), *(p[k] for p in parts)]) for k in (0, 2, 3))
    gram = np.concatenate([np.zeros(0, np.uint32), *(p[1] for p in parts)])
    all_lines = Lines(
        np.concatenate([np.zeros(0, np.int64), *(p[0] for p in lines)]),
        np.concatenate([np.zeros(0, np.uint64), *(p[1] for p in lines)]),
        np.concatenate([np.zeros(0, np.int64), *(p[2] for p in lines)]),
    )
    return Sample(doc, gram, first, last, all_lines, level_of(words_of), words_of)


def _tails(words: Words) -> Ints:
    """The last words of each document, at which no gram can begin."""
    ends = words.bounds[1:][np.diff(words.bounds) > 0]
    tails: Ints = np.maximum(np.concatenate([ends - k for k in range(1, GRAM_WORDS)]), 0)
    return tails


def sketch(sampled: Sample, dropped_lines: Flags | None = None) -> Sketches:
    """The sketch of each document, without the grams that touch a dropped line.

    Args:
        sampled: of a batch.
        dropped_lines: one flag per row of ``sampled.lines``: the line is its site's, not the article's.
    """
    doc, gram = sampled.doc, sampled.gram
    if dropped_lines is not None and dropped_lines.any():
        keep = ~(dropped_lines[sampled.first_line] | dropped_lines[sampled.last_line])
        doc, gram = doc[keep], gram[keep]
    key = distinct((doc.astype(np.uint64) << np.uint64(32)) | gram)
    docs = (key >> np.uint64(32)).astype(np.int64)
    bounds = np.searchsorted(docs, np.arange(len(sampled.level) + 1))
    return Sketches(key.astype(np.uint32), bounds, sampled.level, sampled.words)
