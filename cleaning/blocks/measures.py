"""Sizes of a page's blocks, sums over any run of them, and the ancestors that contain more and more of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from cleaning.blocks.page import Page

Column: TypeAlias = NDArray[np.float32]
Columns: TypeAlias = dict[str, Column]
_Float: TypeAlias = NDArray[np.float64]
_Int: TypeAlias = NDArray[np.int64]

LONG = 80  # characters outside links from which a block counts as prose
SENTENCE = 40  # … and from which it does if it also ends like a sentence
LEVELS = 4  # number of ancestors considered, counting only those with more blocks than the one below
_FINAL = frozenset(".!?…。！？؟।")
_CLOSING = "\"'”’»)]“」』"


def column(values: object) -> Column:
    """One float per block."""
    return np.asarray(values, np.float32)


def log_column(values: NDArray[np.generic]) -> Column:
    """Logarithm of one plus each value; negative values count as 0."""
    return np.log1p(np.maximum(values.astype(np.float64), 0)).astype(np.float32)


def shifted(values: NDArray[np.generic], by: int, fill: float) -> Column:
    """Values of the block ``by`` positions later (earlier if negative); first axis: blocks."""
    out = np.full(values.shape, fill, np.float32)
    if abs(by) < len(values):
        if by > 0:
            out[:-by] = values[by:]
        else:
            out[-by:] = values[:by]
    return out


def columns_of(prefix: str, names: Sequence[str], matrix: NDArray[np.generic]) -> Columns:
    """The columns of a matrix (blocks, names) under their names."""
    by_name = np.ascontiguousarray(matrix.T, np.float32)
    return {f"{prefix}{name}": by_name[n] for n, name in enumerate(names)}


class Shape:
    """Sizes of the blocks and sums over any run of them."""

    def __init__(self, page: Page, words: _Float) -> None:
        runs = page.runs
        self.chars = np.fromiter(map(len, runs.text), np.float64, len(runs.text))
        self.linked = np.minimum(np.array(runs.linked, np.float64), self.chars)
        self.plain = self.chars - self.linked
        self.density = self.linked / np.maximum(self.chars, 1)
        self.words = words
        self.final = np.fromiter((ends_sentence(text) for text in runs.text), bool, len(runs.text))
        prose = (self.plain >= LONG) | ((self.plain >= SENTENCE) & self.final)
        self.prose = np.where(prose, self.plain, 0.0)
        self.total = max(float(self.prose.sum()), 1.0)
        self.sums = {
            name: np.concatenate(([0.0], np.cumsum(values)))
            for name, values in (
                ("chars", self.chars), ("linked", self.linked), ("prose", self.prose), ("final", self.final),
                ("words", self.words), ("long", prose),
            )
        }  # fmt: skip

    def over(self, name: str, first: _Int, end: _Int) -> _Float:
        """Sum over the blocks from ``first`` up to but not including ``end``."""
        sums: _Float = self.sums[name]
        return sums[end] - sums[first]


def ends_sentence(text: str) -> bool:
    """Whether a text ends like a sentence, ignoring quotation marks and brackets."""
    return text.rstrip(_CLOSING)[-1:] in _FINAL


def prose_of(page: Page) -> tuple[_Float, _Float, _Float]:
    """Characters of prose, in links, and in total before each block; one entry more than there are blocks."""
    s = Shape(page, np.zeros(len(page)))
    return s.sums["prose"], s.sums["linked"], s.sums["chars"]


class Ladder:
    """For each block, the ancestors that contain more and more blocks: the path along which containers are compared."""

    def __init__(self, page: Page, blocks: int) -> None:
        e = page.elements
        self.first = np.array([*e.first, 0], np.int64)
        self.end = np.array([*e.end, blocks], np.int64)  # the last one stands in for a page without elements
        self.mask = np.array([*e.mask, 0], np.int64)
        above, groups = self._climb(page)
        self.above = np.array([*above, len(above)], np.int64)
        self.groups = np.array([*groups, 0], np.int64)
        self.top = len(above)
        element = np.array(page.runs.element, np.int64)
        element[element < 0] = self.top
        self.element = element
        single = (self.end[element] - self.first[element]) == 1
        self.steps = [np.where(single, self.above[element], element)]
        for _ in range(LEVELS - 1):
            self.steps.append(self.above[self.steps[-1]])

    @staticmethod
    def _climb(page: Page) -> tuple[list[int], list[int]]:
        """For each element, the next one up that contains more blocks, and the groups named on the way there."""
        e = page.elements
        first, end, mask = e.first, e.end, e.mask
        above: list[int] = []
        groups: list[int] = []
        for n, parent in enumerate(e.parent):
            if parent < 0:
                above.append(n)
                groups.append(mask[n])
            elif first[parent] == first[n] and end[parent] == end[n]:
                above.append(above[parent])
                groups.append(groups[parent] | mask[n])
            else:
                above.append(parent)
                groups.append(mask[n])
        return above, groups
