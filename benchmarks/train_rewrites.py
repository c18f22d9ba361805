"""Train the score of possible rewrites: python -m benchmarks.train_rewrites SET.parquet [--test OTHER] [--out FILE]

SET is a labelled set as benchmarks/duplicates.py takes it. A pair of articles is true where the labels name one story.
Prints what the score finds out of fold (neither story of a pair was seen in training) and what it links falsely, the
same for OTHER with the weights of SET, and writes the weights of all of SET. The same input gives the same file.
Needs scikit-learn (dependency group dev); cleaning itself never does.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.rewrite_weights import Flags, Floats, Ints, Pairs, fit, score, write
from benchmarks.rewrite_weights import read as read_pairs
from cleaning.duplicates.rewrites import WEIGHTS, numbers_of

FOLDS = 5
SCORES = (0.98, 0.95, 0.9, 0.8, 0.7, 0.5)
KINDS = ("llm", "spun")


@dataclass(frozen=True, slots=True)
class Labelled:
    """The candidates of a labelled set, with what the labels say of them."""

    docs: pd.DataFrame  # in the order of the pairs' numbers
    found: Pairs
    evidence: Floats  # a row for each pair
    true: Flags
    story: Ints  # of each document, a number from 0
    merged: dict[str, int]  # documents of each kind that are in one cluster with their source, and need no link


def read(path: Path) -> Labelled:
    """The candidates among the articles of a set, as ``newsmill dedup`` finds them, and their labels."""
    found = read_pairs(path)
    docs = pd.read_parquet(path)
    docs = docs.set_index(docs["id"].astype(str)).loc[found.ids].reset_index(drop=True)
    story = pd.factorize(docs["story"])[0].astype(np.int64)
    row = pd.Series(docs.index, index=docs["id"])
    merged = {}
    for kind in KINDS:
        rows = docs[(docs["cls"] == kind) & docs["src"].isin(row.index)]
        same = found.story[rows.index.to_numpy()] == found.story[row[rows["src"]].to_numpy()]
        merged[kind] = int(same.sum())
    evidence = found.evidence.columns(numbers_of("rewrite"))
    return Labelled(docs, found, evidence, story[found.a] == story[found.b], story, merged)


def out_of_fold(pairs: Labelled) -> Floats:
    """The score of each pair by weights from pairs of other stories only."""
    fold = np.random.default_rng(0).integers(0, FOLDS, pairs.story.max() + 1)[pairs.story]
    a, b = fold[pairs.found.a], fold[pairs.found.b]
    scores = np.zeros(len(a))
    for k in range(FOLDS):
        seen = (a != k) & (b != k)
        scores[a == k] = score(pairs.evidence, fit(pairs.evidence[seen], pairs.true[seen]))[a == k]
    return scores


def show(title: str, pairs: Labelled, scores: Floats) -> None:
    """A line for each least score: share of rewrites found with their source, documents in a false link."""
    docs, a, b = pairs.docs, pairs.found.a, pairs.found.b
    ids, source, kind = docs["id"].to_numpy(), docs["src"].to_numpy(), docs["cls"].to_numpy()
    with_source = (source[a] == ids[b]) | (source[b] == ids[a])
    made = np.where(source[b] == ids[a], kind[b], kind[a])
    print(f"{title}: {len(a):,} pairs, {int(pairs.true.sum()):,} of one story")
    for least in SCORES:
        linked = scores >= least
        false = np.unique(np.concatenate([a[linked & ~pairs.true], b[linked & ~pairs.true]]))
        found = {k: pairs.merged[k] + int((linked & with_source & (made == k)).sum()) for k in KINDS}
        shares = [f"{k} {found[k] / (kind == k).sum():.3f}" for k in KINDS]
        print(
            f"  {least:.2f}  {'  '.join(shares)}  false links {int((linked & ~pairs.true).sum())}"
            f"  documents in one {len(false)} of {len(docs):,}"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--test", type=Path, help="another set, scored with the weights of the first")
    parser.add_argument("--out", type=Path, default=Path(str(WEIGHTS)))
    given = parser.parse_args(arguments)
    pairs = read(given.set)
    show("out of fold", pairs, out_of_fold(pairs))
    weights = fit(pairs.evidence, pairs.true)
    show("on the training pairs themselves", pairs, score(pairs.evidence, weights))
    if given.test:
        other = read(given.test)
        show(f"{given.test.name}, not seen in training", other, score(other.evidence, weights))
    write(given.out, "rewrite", numbers_of("rewrite"), weights)


if __name__ == "__main__":
    main()
