from __future__ import annotations

import subprocess
import sys
from importlib import resources

import numpy as np
import pytest
from numpy.typing import NDArray

from cleaning.blocks import model
from cleaning.blocks.model import Forest, probability, shipped

MAX_BYTES = 500_000


def random_forest(seed: int, trees: int, features: int) -> tuple[dict[str, NDArray[np.generic]], list[object]]:
    """Random trees, as arrays and as nested tuples (feature, threshold, left, right) with floats for leaves."""
    random = np.random.default_rng(seed)
    tests: list[tuple[int, float, int, int]] = []
    leaves = np.zeros((trees, 32), np.float32)
    nested: list[object] = []
    for tree in range(trees):
        values: list[float] = []

        def grow(depth: int, tree: int = tree, values: list[float] = values) -> tuple[object, int]:
            if depth == 0 or random.random() < 0.15:
                values.append(float(np.float32(random.normal())))
                return values[-1], 1 << (len(values) - 1)
            feature, threshold = int(random.integers(features)), float(np.float32(random.integers(-5, 5)))
            left, left_bits = grow(depth - 1)
            tests.append((feature, threshold, tree, 0xFFFFFFFF & ~left_bits))
            right, right_bits = grow(depth - 1)
            return (feature, threshold, left, right), left_bits | right_bits

        nested.append(grow(4)[0])
        leaves[tree, : len(values)] = values
    thresholds: list[float] = []
    begins = [0]
    rank: dict[tuple[int, float], int] = {}
    for feature in range(features):
        for threshold in sorted({t for f, t, *_ in tests if f == feature}):
            rank[feature, threshold] = len(thresholds)
            thresholds.append(threshold)
        begins.append(len(thresholds))
    arrays: dict[str, NDArray[np.generic]] = {
        "x_features": np.array([f"f{n}" for n in range(features)]),
        "x_thresholds": np.array(thresholds, np.float32),
        "x_begins": np.array(begins, np.int32),
        "x_tree": np.array([t for _, _, t, _ in tests], np.uint16),
        "x_rank": np.array([rank[f, t] for f, t, *_ in tests], np.uint16),
        "x_mask": np.array([m for *_, m in tests], np.uint32),
        "x_leaves": leaves,
    }
    return arrays, nested


def walk(tree: object, row: dict[str, float]) -> float:
    while isinstance(tree, tuple):
        feature, threshold, left, right = tree
        tree = left if row[f"f{feature}"] <= threshold else right
    assert isinstance(tree, float)
    return tree


@pytest.mark.parametrize("max_rows", [1, 64, 2048])
def test_the_forest_gives_what_its_trees_give_one_by_one(monkeypatch: pytest.MonkeyPatch, max_rows: int) -> None:
    monkeypatch.setattr(model, "MAX_ROWS", max_rows)
    monkeypatch.setattr(model, "HOPELESS", -np.inf)
    monkeypatch.setattr(model, "CHUNK", 16)
    arrays, nested = random_forest(5, trees=60, features=7)
    random = np.random.default_rng(1)
    columns = {f"f{n}": random.integers(-6, 6, 50).astype(np.float32) for n in range(7)}
    expected = [sum(walk(t, {k: float(v[b]) for k, v in columns.items()}) for t in nested) for b in range(50)]
    assert Forest(arrays, "x").raw(columns) == pytest.approx(expected, abs=1e-4)


def test_hopeless_blocks_leave_early_and_the_others_are_not_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    arrays, _ = random_forest(5, trees=60, features=7)
    columns = {f"f{n}": np.random.default_rng(n).normal(0, 3, 200).astype(np.float32) for n in range(7)}
    monkeypatch.setattr(model, "HOPELESS", -np.inf)
    full = Forest(arrays, "x").raw(columns)
    monkeypatch.setattr(model, "HOPELESS", 0.0)
    early = Forest(arrays, "x").raw(columns)
    left = early != full
    assert left.any()
    assert (early[left] <= 0).all()


def test_probability_is_even_at_zero_and_never_overflows() -> None:
    assert probability(np.array([-1e9, 0.0, 1e9])) == pytest.approx([0, 0.5, 1], abs=1e-9)


def test_the_shipped_model_is_small_and_read_once() -> None:
    size = resources.files("cleaning.blocks").joinpath("model.npz").stat().st_size  # type: ignore[attr-defined]
    assert size < MAX_BYTES
    assert shipped() is shipped()


@pytest.mark.slow
def test_no_training_library_is_needed_at_run_time() -> None:
    code = (
        "import sys; from lxml import html; from cleaning.blocks import judge, segment;"
        "judge(segment(html.document_fromstring('<p>One sentence.</p>')), 'One sentence.');"
        "bad = {'lightgbm', 'sklearn', 'scipy'} & set(sys.modules); sys.exit(', '.join(bad) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
