"""Gradient-boosted trees from plain arrays, evaluated for all blocks of a page at once with numpy.

The method is QuickScorer (Lucchese et al., SIGIR 2015): each tree has a bit mask of the leaves that can still be
reached; each test that fails clears the leaves on its left side; the lowest remaining bit is the leaf. All tests on one
feature are handled together: which of them fail depends only on where the value falls among the sorted thresholds, so
one look-up in a table built at loading gives the masks of all trees. Features with few thresholds share a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

STAGE = 40  # trees after which blocks that are certainly not text leave the evaluation: half of all, mostly menus
HOPELESS = -3.0  # log odds of those; no block on 300 pages that fell below came back above even odds
MAX_ROWS = (
    2048  # rows of a table that several features share: fewer tables are faster, larger ones fall out of the cache
)
CHUNK = 512  # blocks; 512 × 200 trees × 4 bytes fit a second-level cache
_FULL = np.uint32(0xFFFFFFFF)


@dataclass(frozen=True, eq=False)
class _Table:
    """All tests on a few features: one row of masks, one per tree, for each combination of their results."""

    features: tuple[str, ...]
    thresholds: tuple[NDArray[np.float32], ...]  # per feature, in order; a value goes right if it is greater
    masks: NDArray[np.uint32]  # (product of thresholds + 1 of each feature, trees)

    def rows(self, columns: Mapping[str, NDArray[np.float32]]) -> NDArray[np.int64]:
        """The table row that applies to each block."""
        row = self.thresholds[0].searchsorted(columns[self.features[0]], side="left")
        for name, thresholds in zip(self.features[1:], self.thresholds[1:], strict=True):
            row *= len(thresholds) + 1
            if len(thresholds) == 1:
                row += columns[name] > thresholds[0]
            else:
                row += thresholds.searchsorted(columns[name], side="left")
        return row


class Forest:
    """Boosted trees; ``raw`` gives log odds. Built from the arrays that benchmarks/train_blocks.py writes."""

    def __init__(self, arrays: Mapping[str, NDArray[np.generic]], prefix: str) -> None:
        self.features = tuple(str(name) for name in arrays[f"{prefix}_features"])
        self.leaves = arrays[f"{prefix}_leaves"].astype(np.float32)  # (trees, 32)
        thresholds = arrays[f"{prefix}_thresholds"].astype(np.float32)  # sorted within each feature
        begins = arrays[f"{prefix}_begins"].tolist()  # first threshold of each feature, and the end
        tree = arrays[f"{prefix}_tree"].astype(np.int64)  # of each test
        rank = arrays[f"{prefix}_rank"].astype(np.int64)  # of each test: its threshold
        mask = arrays[f"{prefix}_mask"].astype(np.uint32)  # per test: leaves that remain if it fails
        single: list[_Table] = []
        for n, name in enumerate(self.features):
            low, high = begins[n], begins[n + 1]
            masks = np.full((high - low + 1, len(self.leaves)), _FULL, np.uint32)
            for k in np.flatnonzero((rank >= low) & (rank < high)):
                masks[rank[k] - low + 1, tree[k]] &= mask[k]
            np.bitwise_and.accumulate(masks, axis=0, out=masks)
            single.append(_Table((name,), (thresholds[low:high],), masks))
        tables = _packed(single)
        self.stages = [
            ([_Table(t.features, t.thresholds, np.ascontiguousarray(t.masks[:, part])) for t in tables], leaves)
            for part in (slice(0, STAGE), slice(STAGE, None))
            if len(leaves := np.ascontiguousarray(self.leaves[part]))
        ]

    def raw(self, columns: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float64]:
        """Log odds of each block that it belongs to the article."""
        tables, leaves = self.stages[0]
        rows = [table.rows(columns) for table in tables]
        score = _add_up(tables, rows, leaves)
        for tables, leaves in self.stages[1:]:
            alive = np.flatnonzero(score > HOPELESS)
            if len(alive):
                score[alive] += _add_up(tables, [row[alive] for row in rows], leaves)
        return score


def _packed(single: list[_Table]) -> list[_Table]:
    """Fewer tables for the same tests: features with few thresholds share one."""
    tables: list[_Table] = []
    for table in sorted(single, key=lambda t: len(t.masks)):
        if tables and len(tables[-1].masks) * len(table.masks) <= MAX_ROWS:
            last = tables.pop()
            masks = last.masks[:, None, :] & table.masks[None, :, :]
            tables.append(
                _Table(
                    last.features + table.features,
                    last.thresholds + table.thresholds,
                    masks.reshape(-1, masks.shape[2]),
                )
            )
        else:
            tables.append(table)
    return tables


def _add_up(
    tables: Sequence[_Table], rows: Sequence[NDArray[np.int64]], leaves: NDArray[np.float32]
) -> NDArray[np.float64]:
    """For each block, the sum over the trees of the leaf that it reaches; in chunks, so that the masks stay in
    cache."""
    total = np.empty(len(rows[0]), np.float64)
    trees = np.arange(len(leaves))
    for start in range(0, len(total), CHUNK):
        chunk = slice(start, start + CHUNK)
        reach = tables[0].masks[rows[0][chunk]]
        some = np.empty_like(reach)
        for table, row in zip(tables[1:], rows[1:], strict=True):
            table.masks.take(row[chunk], axis=0, out=some, mode="clip")
            np.bitwise_and(reach, some, out=reach)
        lowest = reach & (~reach + np.uint32(1))
        leaf = np.frexp(lowest.astype(np.float32))[1] - 1
        total[chunk] = leaves[trees, leaf].sum(axis=1, dtype=np.float64)
    return total


@dataclass(frozen=True, eq=False)
class Model:
    """The forest that sees only the page, and the one that also sees trafilatura's answer."""

    alone: Forest
    together: Forest


def from_arrays(arrays: Mapping[str, NDArray[np.generic]]) -> Model:
    """A model from the arrays of its file."""
    return Model(Forest(arrays, "alone"), Forest(arrays, "together"))


@cache
def shipped() -> Model:
    """The model that ships with newsmill, read once per process."""
    with resources.files("cleaning.blocks").joinpath("model.npz").open("rb") as file, np.load(file) as arrays:
        return from_arrays({name: arrays[name] for name in arrays.files})


def probability(raw: NDArray[np.float64]) -> NDArray[np.float64]:
    """Converts log odds to a probability."""
    out: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(raw, -30, 30)))
    return out
