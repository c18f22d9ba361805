"""Train the score of possible rewrites: python benchmarks/train_rewrites.py SET.parquet [--test OTHER] [--out FILE]

SET is a labelled set as benchmarks/duplicates.py takes it. A pair of articles is true where the labels name one story.
Prints what the score finds out of fold (neither story of a pair was seen in training) and what it links falsely, the
same for OTHER with the weights of SET, and writes the weights of all of SET. The same input gives the same file.
Needs scikit-learn (dependency group dev); cleaning itself never does.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from sklearn.linear_model import LogisticRegression

# the repository, not this folder: benchmarks/cleaning.py would hide the package of that name
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from cleaning.duplicates.rewrites import WEIGHTS, Evidence, Rewrites, compare
from cleaning.duplicates.site_lines import host_hashes, site_lines
from cleaning.duplicates.sketches import sample, sketch
from cleaning.duplicates.terms import find_terms
from cleaning.duplicates.whole import group

FOLDS = 5
SCORES = (0.98, 0.95, 0.9, 0.8, 0.7, 0.5)
KINDS = ("llm", "spun")
# Of the squared weights: enough to keep them finite, little enough to leave them alone (the usual value).
REGULARISATION = 1.0

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Candidates of a labelled set."""

    docs: pd.DataFrame
    found: Rewrites  # numbers are rows of docs
    evidence: Floats  # a row for each pair
    true: Flags
    story: Ints  # of each document, a number from 0
    merged: dict[str, int]  # documents of each kind that are in one cluster with their source, and need no link


def read(path: Path) -> Pairs:
    """The candidates among the articles of a set, as ``newsmill dedup`` finds them."""
    docs = pd.read_parquet(path).sort_values(["day", "id"], ignore_index=True)
    texts, days = pa.array(docs["text"]), docs["day"].to_numpy().astype(np.int64)
    sampled = sample(texts)
    hosts = host_hashes(docs["host"].tolist())
    dropped = site_lines(sampled.lines, hosts, sampled.text)
    grouping = group(sketch(sampled, dropped), days, hosts)
    article = (grouping.story == np.arange(len(docs))) & ~grouping.aggregate
    articles = np.flatnonzero(article)
    terms, _ = find_terms(texts.take(pa.array(articles)), dropped[article[sampled.lines.doc]])
    found, evidence = compare(terms, days[articles])
    a, b = articles[found.a], articles[found.b]
    story = pd.factorize(docs["story"])[0].astype(np.int64)
    row = pd.Series(docs.index, index=docs["id"])
    merged = {}
    for kind in KINDS:
        rows = docs[(docs["cls"] == kind) & docs["src"].isin(row.index)]
        same = grouping.story[rows.index.to_numpy()] == grouping.story[row[rows["src"]].to_numpy()]
        merged[kind] = int(same.sum())
    numbered = Rewrites(a, b, found.score, found.names, found.words)
    return Pairs(docs, numbered, evidence.columns(), story[a] == story[b], story, merged)


def fit(evidence: Floats, true: Flags) -> tuple[Floats, float]:
    """Weights and constant of a logistic regression."""
    model = LogisticRegression(C=REGULARISATION, max_iter=5000, tol=1e-8).fit(evidence, true)
    return model.coef_[0], float(model.intercept_[0])


def score(evidence: Floats, weights: tuple[Floats, float]) -> Floats:
    """Logistic function of the weighted evidence."""
    return np.asarray(1 / (1 + np.exp(-(evidence @ weights[0] + weights[1]))))


def out_of_fold(pairs: Pairs) -> Floats:
    """The score of each pair by weights from pairs of other stories only."""
    fold = np.random.default_rng(0).integers(0, FOLDS, pairs.story.max() + 1)[pairs.story]
    a, b = fold[pairs.found.a], fold[pairs.found.b]
    scores = np.zeros(len(a))
    for k in range(FOLDS):
        seen = (a != k) & (b != k)
        scores[a == k] = score(pairs.evidence, fit(pairs.evidence[seen], pairs.true[seen]))[a == k]
    return scores


def show(title: str, pairs: Pairs, scores: Floats) -> None:
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


def write(path: Path, weights: tuple[Floats, float]) -> None:
    """Write the weights as TOML."""
    lines = [
        "# The score of possible rewrites: a logistic function of the weighted evidence (class Evidence of",
        "# cleaning/duplicates/rewrites.py). Made by benchmarks/train_rewrites.py; docs/duplicates.md explains it.",
        f"constant = {weights[1]:.3f}",
        "",
        "[weights]",
        *(f"{name} = {weight:.3f}" for name, weight in zip(Evidence.__slots__, weights[0], strict=True)),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--test", type=Path, help="another set, scored with the weights of the first")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    given = parser.parse_args(arguments)
    pairs = read(given.set)
    show("out of fold", pairs, out_of_fold(pairs))
    weights = fit(pairs.evidence, pairs.true)
    show("on the training pairs themselves", pairs, score(pairs.evidence, weights))
    if given.test:
        other = read(given.test)
        show(f"{given.test.name}, not seen in training", other, score(other.evidence, weights))
    write(given.out, weights)


if __name__ == "__main__":
    main()
