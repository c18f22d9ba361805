# ruff: noqa: E402 — the import path must be set before this folder's modules are read
"""Calibrate text_confidence: python benchmarks/calibrate_confidence.py CORPUS… --models FOLDER [--fit NAME…] [--write]

Cleans every page that has a gold text with the model of its fold, which saw no page of its registered domain
(benchmarks/train_blocks.py --models), and holds the expected word F1 against the real one. ``--fit`` names the folders
whose pages are fitted, all when not given; the others are only shown.

The reliability table is cross-fitted: each page is rated by a curve that was fitted without its fold. The calibration
error is the mean distance between the two columns, weighted by pages. ``--write`` writes cleaning/confidence.toml.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

HERE = str(Path(__file__).resolve().parent)
sys.path = [str(Path(HERE).parent), *(entry for entry in sys.path if entry != HERE)]

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from benchmarks.block_data import fold_of
from benchmarks.block_scores import word_scores
from benchmarks.cleaning import read_rows, run
from benchmarks.fold_models import all_models
from cleaning.blocks import confidence
from cleaning.records import Article
from cleaning.text import WORD

OUT = Path(__file__).resolve().parent.parent / "cleaning" / "confidence.toml"
WITNESSES = ("model", "both", "trafilatura")
POINT_PAGES = 40  # pages of a point of the curve: the mean of as many is known to .03 where F1 spreads by .2
MAX_POINTS = 10
BINS = 10
HEAD = """# Word F1 that pages of unseen sites had (real) where the block model expected so much (expected), by
# who judged: the model alone, the model with trafilatura's answer, or trafilatura, whose text was taken.
# Linear between points. Made by benchmarks/calibrate_confidence.py; docs/cleaning.md has the reliability table.
"""


@dataclass(frozen=True, slots=True)
class Rated:
    """One page that came out as an article."""

    corpus: str
    fold: int
    witness: str
    expected: float
    real: float


Curve = tuple[NDArray[np.float64], NDArray[np.float64]]


def rate(folders: Sequence[Path], folds: int, models: Path) -> list[Rated]:
    """Every article of the corpora with its expected and its real F1."""
    found: list[Rated] = []
    unseen = all_models(folders, folds, models)
    for folder in folders:
        for row, body in read_rows(folder, None):
            if not isinstance(row["text"], str):
                continue
            with patch.object(confidence, "calibrated", side_effect=lambda value, _: value) as asked:
                article = run(row, body, models=unseen).result
            if isinstance(article, Article):
                expected, witness = asked.call_args.args
                real = word_scores(article.text, row["text"], WORD)[0]
                found.append(Rated(folder.name, fold_of(row, folds), witness, expected, real))
    return found


def fit(pages: Sequence[Rated]) -> dict[str, Curve]:
    """A rising curve for each witness; where there are too few pages for a point of their own, that of all."""
    curves: dict[str, Curve] = {}
    for witness in WITNESSES:
        own = [page for page in pages if page.witness == witness]
        curves[witness] = _curve(own if len(own) >= POINT_PAGES else pages)
    return curves


def _curve(pages: Sequence[Rated]) -> Curve:
    order = sorted(pages, key=lambda page: page.expected)
    groups = np.array_split(np.arange(len(order)), max(1, min(MAX_POINTS, len(order) // POINT_PAGES)))
    expected = np.array([np.mean([order[n].expected for n in group]) for group in groups])
    real = np.array([np.mean([order[n].real for n in group]) for group in groups])
    sizes = np.array([len(group) for group in groups], np.float64)
    rising = IsotonicRegression().fit_transform(expected, real, sample_weight=sizes)
    return np.concatenate(([0.0], expected)), np.concatenate(([0.0], rising))


def predict(curves: dict[str, Curve], page: Rated) -> float:
    """The calibrated F1 of a page."""
    return float(np.interp(page.expected, *curves[page.witness]))


def print_reliability(title: str, expected: NDArray[np.float64], real: NDArray[np.float64]) -> float:
    """The table of ten bins of as many pages; returns the calibration error."""
    print(f"\n{title}: {len(real)} pages\n{'expected':>10}{'real':>8}{'pages':>7}")
    bins = np.array_split(np.argsort(expected, kind="stable"), BINS)
    error = 0.0
    for group in (group for group in bins if len(group)):
        told, was = float(expected[group].mean()), float(real[group].mean())
        error += abs(told - was) * len(group) / len(real)
        print(f"{told:10.3f}{was:8.3f}{len(group):7}")
    print(f"calibration error {error:.4f}")
    return error


def write(curves: dict[str, Curve]) -> None:
    """cleaning/confidence.toml."""
    parts = [HEAD]
    for witness, curve in curves.items():
        expected, real = (", ".join(f"{value:.4f}" for value in values) for values in curve)
        parts.append(f"[{witness}]\nexpected = [{expected}]\nreal = [{real}]\n")
    OUT.write_text("\n".join(parts), encoding="utf-8")


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--models", type=Path, required=True, help="folder of the models of the folds")
    parser.add_argument("--fit", nargs="*", help="names of the folders to fit; all when not given")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    pages = rate(args.corpora, args.folds, args.models)
    fitted = [page for page in pages if not args.fit or page.corpus in args.fit]
    curves = [fit([page for page in fitted if page.fold != fold]) for fold in range(args.folds)]
    for title, chosen in [("fitted folders", fitted)] + [
        (corpus, [page for page in pages if page.corpus == corpus]) for corpus in dict.fromkeys(p.corpus for p in pages)
    ]:
        expected = np.array([predict(curves[page.fold], page) for page in chosen])
        print_reliability(title, expected, np.array([page.real for page in chosen]))
    if args.write:
        write(fit(fitted))


if __name__ == "__main__":
    main()
