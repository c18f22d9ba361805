"""Training of the block model with LightGBM, and its trees as the arrays that cleaning.blocks.model reads."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from benchmarks.block_data import Sample

# features, labels, weights of some blocks
_Rows: TypeAlias = tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]

TREES = 200
FEATURES = 110  # of 160; the other fifty cost time and change nothing out of fold
PARAMETERS: dict[str, object] = {
    "objective": "cross_entropy",  # labels of a first model are probabilities
    "learning_rate": 0.08,
    "num_leaves": 31,  # 32 fit the bit mask of cleaning.blocks.model
    "min_data_in_leaf": 40,
    "lambda_l2": 5.0,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "max_bin": 63,
    "use_missing": False,
    "num_threads": 1,  # two wait for each other on a busy machine, and the number of threads is a part of the result
    "force_row_wise": True,
    "deterministic": True,
    "seed": 7,
    "verbose": -1,
}
MOST = 0.5  # share of a block in the gold text from which it counts whole: out of fold 1 % more pages reach F1 .99
SURE = 8.0  # weight from which a block is always sampled; lighter ones with probability weight / SURE
LEAST = 0.05  # … but at least this
NEWS = 2.0  # pages of the news corpus count double: news is what newsmill reads
WEAK = 0.4  # weight of a page whose labels a model gave
SNIPPET = 2.5  # weight of a block that a snippet speaks of, against the others of its page
SEED = 3


@dataclass(frozen=True, eq=False)
class Trained:
    """Both forests as LightGBM has them, with the names of their features."""

    alone: lgb.Booster
    together: lgb.Booster
    alone_features: list[str]
    together_features: list[str]


def train(samples: Sequence[Sample]) -> Trained:
    """Train on samples; those without gold text are labelled by a first model and their snippets."""
    names = list(samples[0].alone)
    alone, alone_features = _forest(samples, names)
    together, together_features = _forest(samples, names + list(samples[0].together))
    return Trained(alone, together, alone_features, together_features)


def features_of(sample: Sample, names: Sequence[str]) -> NDArray[np.float32]:
    """The named features of a page: (blocks, names)."""
    columns = sample.alone | sample.together
    return np.stack([columns[name] for name in names], axis=1)


def _forest(samples: Sequence[Sample], names: Sequence[str]) -> tuple[lgb.Booster, list[str]]:
    """A forest, and the features it uses: the most telling ones of a first forest, which also labels the rest."""
    known = [(s, s.label, s.weight * (NEWS if s.is_news else 1.0)) for s in samples if s.label is not None]
    # shares make a first model that is less sure of the pages it labels
    first = _fit([(features_of(s, names), share, weight) for s, share, weight in known])
    gain = first.feature_importance("gain")
    best = [names[n] for n in sorted(np.argsort(-gain, kind="stable")[:FEATURES].tolist())]
    rows: list[_Rows] = [
        (features_of(s, best), (share >= MOST).astype(np.float64), weight) for s, share, weight in known
    ]
    for s in samples:
        if s.label is None:
            label = np.asarray(first.predict(features_of(s, names), num_threads=1), np.float64)
            label[s.must_stay], label[s.must_go] = 1.0, 0.0
            spoken = np.where(s.must_stay | s.must_go, SNIPPET, 1.0)
            rows.append((features_of(s, best), label, s.weight * WEAK * spoken))
    return _fit(rows), best


def _fit(rows: Sequence[_Rows]) -> lgb.Booster:
    random = np.random.default_rng(SEED)
    parts: list[_Rows] = []
    for matrix, label, weight in rows:
        chance = np.clip(weight / SURE, LEAST, 1.0)
        drawn = random.random(len(weight)) < chance
        parts.append((matrix[drawn], label[drawn], (weight / chance)[drawn]))
    matrix, label, weight = (np.concatenate(column) for column in zip(*parts, strict=True))
    return lgb.train(PARAMETERS, lgb.Dataset(matrix, label, weight=weight, params=PARAMETERS), TREES)


def export(trained: Trained) -> dict[str, NDArray[np.generic]]:
    """The arrays of a model file."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for prefix, forest, names in (
        ("alone", trained.alone, trained.alone_features),
        ("together", trained.together, trained.together_features),
    ):
        arrays |= {f"{prefix}_{key}": value for key, value in _arrays(forest, names).items()}
    return arrays


def _arrays(forest: lgb.Booster, names: Sequence[str]) -> dict[str, NDArray[np.generic]]:
    tests: list[tuple[int, float, int, int]] = []  # feature, threshold, tree, mask of the leaves that stay
    trees = forest.dump_model()["tree_info"]
    leaves = np.zeros((len(trees), 32), np.float32)
    for number, info in enumerate(trees):
        values: list[float] = []

        def walk(node: dict[str, Any], number: int = number, values: list[float] = values) -> int:
            """Bits of the leaves below a node."""
            if "leaf_value" in node:
                values.append(float(node["leaf_value"]))
                return 1 << (len(values) - 1)
            left = walk(node["left_child"])
            threshold = np.float32(node["threshold"])
            if float(threshold) > float(node["threshold"]):
                threshold = np.nextafter(threshold, np.float32(-np.inf))
            tests.append((int(node["split_feature"]), float(threshold), number, 0xFFFFFFFF & ~left))
            return left | walk(node["right_child"])

        walk(info["tree_structure"])
        leaves[number, : len(values)] = values
    used = sorted({feature for feature, *_ in tests})
    thresholds: list[float] = []
    begins = [0]
    rank_of: dict[tuple[int, float], int] = {}
    for feature in used:
        for threshold in sorted({t for f, t, *_ in tests if f == feature}):
            rank_of[feature, threshold] = len(thresholds)
            thresholds.append(threshold)
        begins.append(len(thresholds))
    return {
        "features": np.array([names[feature] for feature in used]),
        "thresholds": np.array(thresholds, np.float32),
        "begins": np.array(begins, np.int32),
        "tree": np.array([tree for _, _, tree, _ in tests], np.uint16),
        "rank": np.array([rank_of[f, t] for f, t, *_ in tests], np.uint16),
        "mask": np.array([mask for *_, mask in tests], np.uint32),
        "leaves": leaves.astype(np.float16),
    }


def write(path: Path, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """A model file: an npz whose bytes depend on the arrays only, not on the time of day."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(arrays):
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.asanyarray(arrays[name]), allow_pickle=False)
            archive.writestr(entry, buffer.getvalue())
