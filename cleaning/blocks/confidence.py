"""The page guard: how good the model's choice on a page probably is, from its own probabilities.

If block probabilities are calibrated, the words that a choice gets right, takes too many and misses are known in
expectation, and so is the word F1 (Nan et al., ICML 2012: optimising F-measures, the expected-utility view).
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray


def expected_f1(keep: NDArray[np.bool_], probability: NDArray[np.float64], words: NDArray[np.float64]) -> float:
    """Word F1 to expect of a choice of blocks, 0 to 1.

    Args:
        keep: the choice, one a block.
        probability: that a block belongs to the article.
        words: of each block.
    """
    right = float((probability * words)[keep].sum())
    sizes = float(words[keep].sum()) + float((probability * words).sum())
    return 2 * right / sizes if sizes > 0 else 0.0


def best_choice(probability: NDArray[np.float64], words: NDArray[np.float64]) -> tuple[NDArray[np.bool_], float]:
    """The choice of blocks with the best expected word F1, and that F1: all blocks above one cut (ibid.)."""
    order = np.argsort(-probability, kind="stable")
    right = np.cumsum((probability * words)[order])
    total = float((probability * words).sum())
    scores = 2 * right / np.maximum(np.cumsum(words[order]) + total, 1e-9)
    best = int(np.argmax(scores)) if len(scores) else -1
    keep = np.zeros(len(probability), bool)
    keep[order[: best + 1]] = True
    return keep, float(scores[best]) if len(scores) else 0.0


def calibrated(expected: float, witness: str) -> float:
    """The word F1 that pages of unseen sites had where this much was expected, 0 to 1.

    Piecewise linear between the points of cleaning/confidence.toml, which benchmarks/calibrate_confidence.py measures.

    Args:
        expected: of :func:`expected_f1`.
        witness: who judged the page: ``model`` alone, ``both`` (with trafilatura's answer), or ``trafilatura``, whose
            text was taken.
    """
    points = _points()[witness]
    return float(np.interp(expected, points["expected"], points["real"]))


@cache
def _points() -> dict[str, dict[str, list[float]]]:
    text = resources.files("cleaning").joinpath("confidence.toml").read_text(encoding="utf-8")
    points: dict[str, dict[str, list[float]]] = tomllib.loads(text)
    return points
