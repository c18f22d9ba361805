"""Gradient-boosted trees from plain arrays, evaluated for all blocks of a page at once with numpy.

The method is QuickScorer (Lucchese et al., SIGIR 2015): for each tree a bit mask of the leaves that can still be
reached; each test that fails clears the leaves of its left side; the lowest bit that is left is the leaf. All tests on
one feature are taken together: which of them fail depends only on where the value falls among the sorted thresholds, so
one look-up in a table made at loading gives the masks of all trees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

STAGE = 40  # trees after which blocks that are surely no text leave the evaluation
HOPELESS = -5.0  # raw score (log odds) of those: a probability below .007 that nothing yet has taken back
_FULL = np.uint32(0xFFFFFFFF)


@dataclass(frozen=True, eq=False)
class _Tests:
    """The tests on one feature: thresholds in order, and the masks that hold below, between and above them."""

    feature: int
    thresholds: NDArray[np.float32]  # a value goes right where it is greater
    masks: NDArray[np.uint32]  # (thresholds + 1, trees)


class Forest:
    """Boosted trees; ``raw`` gives log odds. Made from the arrays that benchmarks/train_blocks.py writes."""

    def __init__(self, arrays: Mapping[str, NDArray[np.generic]], prefix: str) -> None:
        self.features = [str(name) for name in arrays[f"{prefix}_features"]]
        thresholds = arrays[f"{prefix}_thresholds"].astype(np.float32)  # sorted within each feature
        begins = arrays[f"{prefix}_begins"].astype(np.int64)  # first threshold of each feature, and the end
        tree = arrays[f"{prefix}_tree"].astype(np.int64)  # of each test
        rank = arrays[f"{prefix}_rank"].astype(np.int64)  # of each test: its threshold
        mask = arrays[f"{prefix}_mask"].astype(np.uint32)  # of each test: leaves that stay where it fails
        self.leaves = arrays[f"{prefix}_leaves"].astype(np.float32)  # (trees, 32)
        self.trees = len(self.leaves)
        self.tests: list[_Tests] = []
        for n in range(len(self.features)):
            low, high = int(begins[n]), int(begins[n + 1])
            masks = np.full((high - low + 1, self.trees), _FULL, np.uint32)
            for k in np.flatnonzero((rank >= low) & (rank < high)):
                masks[rank[k] - low + 1, tree[k]] &= mask[k]
            np.bitwise_and.accumulate(masks, axis=0, out=masks)
            self.tests.append(_Tests(n, thresholds[low:high], masks))

    def raw(self, columns: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float64]:
        """Log odds of each block that it belongs to the article."""
        values = [columns[name] for name in self.features]
        count = len(values[0])
        ranks = [np.searchsorted(t.thresholds, v, side="left") for t, v in zip(self.tests, values, strict=True)]
        score = self._stage(ranks, slice(0, STAGE))
        alive = np.flatnonzero(score > HOPELESS)
        if len(alive) and self.trees > STAGE:
            rest = self._stage([r[alive] for r in ranks] if len(alive) < count else ranks, slice(STAGE, None))
            score[alive] += rest
        return score

    def _stage(self, ranks: Sequence[NDArray[np.int64]], part: slice) -> NDArray[np.float64]:
        """Sum of the leaves of some of the trees."""
        reach = np.full((len(ranks[0]), self.leaves[part].shape[0]), _FULL, np.uint32)
        for tests, rank in zip(self.tests, ranks, strict=True):
            reach &= tests.masks[:, part][rank]
        lowest = reach & (~reach + np.uint32(1))
        leaf = np.frexp(lowest.astype(np.float32))[1] - 1
        leaves = self.leaves[part]
        picked: NDArray[np.float64] = leaves[np.arange(leaves.shape[0]), leaf].sum(axis=1, dtype=np.float64)
        return picked


@dataclass(frozen=True, eq=False)
class Model:
    """The forest that sees the page alone, and the one that also sees trafilatura's answer."""

    alone: Forest
    together: Forest


def from_arrays(arrays: Mapping[str, NDArray[np.generic]]) -> Model:
    """A model from the arrays of its file."""
    return Model(Forest(arrays, "alone"), Forest(arrays, "together"))


@cache
def shipped() -> Model:
    """The model that comes with newsmill, read once a process."""
    with resources.files("cleaning.blocks").joinpath("model.npz").open("rb") as file, np.load(file) as arrays:
        return from_arrays({name: arrays[name] for name in arrays.files})


def probability(raw: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log odds as a probability."""
    out: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(raw, -30, 30)))
    return out
