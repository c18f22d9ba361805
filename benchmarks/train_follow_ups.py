"""Train the score of follow-ups: python -m benchmarks.train_follow_ups TEXTS.parquet [--test PAIRS.csv] [--out FILE]

TEXTS is the wire of 1987 (Reuters-21578, its id the NEWID; columns as `newsmill dedup` takes them) whose pairs were
read for story_pairs.csv: rewrite and follow_up are steps of one story, other is not (another report of the same form,
the same topic only, nothing in common). They were drawn at random by how much they share, and by what an earlier score
said of them; pairs of which the reader was in doubt were left out. No text of them is in a pair of --test.

Prints what the score finds out of fold (five folds by document: no text of a pair was seen in training), what it says
of the pairs of --test, and writes its weights. The same input gives the same file. Needs scikit-learn (dependency group
dev); cleaning itself never does.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.rewrite_weights import Pairs, fit, read, score, write
from cleaning.duplicates.clusters import components
from cleaning.duplicates.rewrites import FOLLOW_UP_SCORE, WEIGHTS

PAIRS = Path(__file__).with_name("story_pairs.csv")
# The other numbers of Evidence added nothing out of fold: the area under the curve is .925 with these six, .926 with
# three more, .912 with those of the rewrites' score.
NUMBERS = ("shared_names", "words", "length", "late", "lead", "other_figures")
ONE_STORY = {"rewrite", "follow_up"}
FOLDS = 5
SCORES = (0.4, 0.5, 0.6, 0.7)


def labelled(found: Pairs, file: Path) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Of some labelled pairs the row among the candidates, -1 where one is no candidate; and the label."""
    row = {i: n for n, i in enumerate(found.ids)}
    place = {(a, b): k for k, (a, b) in enumerate(zip(found.a.tolist(), found.b.tolist(), strict=True))}
    rows, labels = [], []
    with file.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            a, b = sorted((row.get(line["a"], -1), row.get(line["b"], -1)))
            rows.append(place.get((a, b), -1))
            labels.append(line["label"])
    return np.array(rows), labels


def out_of_fold(found: Pairs, rows: npt.NDArray[np.int64], true: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """The score of each labelled pair by weights from pairs of other documents only."""
    group = components(len(found.ids), found.a[rows], found.b[rows])[found.a[rows]]
    numbers = np.unique(group, return_inverse=True)[1]
    fold = np.random.default_rng(0).integers(0, FOLDS, numbers.max() + 1)[numbers]
    scores = np.zeros(len(rows))
    columns = found.evidence.columns(NUMBERS)[rows]
    for k in range(FOLDS):
        seen = fold != k
        scores[~seen] = score(columns[~seen], fit(columns[seen], true[seen]))
    return scores


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--pairs", type=Path, default=PAIRS)
    parser.add_argument("--test", type=Path, help="other pairs with labels as benchmarks/duplicate_pairs.py takes them")
    parser.add_argument("--out", type=Path, default=Path(str(WEIGHTS)))
    given = parser.parse_args(arguments)
    found = read(given.texts)
    rows, labels = labelled(found, given.pairs)
    missing = int((rows < 0).sum())
    true = np.array([label in ONE_STORY for label in labels])[rows >= 0]
    rows = rows[rows >= 0]
    print(f"{len(rows)} pairs, {int(true.sum())} of one story; {missing} labelled ones are no candidates")
    scores = out_of_fold(found, rows, true)
    for least in SCORES:
        linked = scores >= least
        print(f"  {least:.2f} out of fold: right {true[linked].mean():.2f}, found {linked[true].mean():.2f}")
    weights = fit(found.evidence.columns(NUMBERS)[rows], true)
    if given.test:
        rows, labels = labelled(found, given.test)
        scores = np.where(rows < 0, 0.0, score(found.evidence.columns(NUMBERS), weights)[rows])
        linked_labels = Counter(label for label, s in zip(labels, scores, strict=True) if s >= FOLLOW_UP_SCORE)
        print(
            "  " + ", ".join(f"{label} {linked_labels[label]} of {n}" for label, n in sorted(Counter(labels).items()))
        )
    write(given.out, "follow_up", NUMBERS, weights)


if __name__ == "__main__":
    main()
