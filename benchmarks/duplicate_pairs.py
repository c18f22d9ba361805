"""Newsmill's duplicates on pairs of real texts that were read by hand, with their hosts and without any.

    python -m benchmarks.duplicate_pairs TEXTS.parquet PAIRS.csv

TEXTS has id, text and day or date, and host where known. PAIRS has a, b and label: copy and contained are to be put
together; template, follow_up, related and unrelated are not; others count on neither side. Without labels it counts the
pairs in one story that are more than three days apart: on a wire, which never sends a report twice, nearly all are
reports of one form; and the pairs at most a day apart of which one holds .8 of the other's word 3-grams, and those of
them that are not together.

Of links of other kinds it says how many of the rewrites are found, how many of the links named rewrite are right, and
how many pairs of each label are named follow-ups; `--follow-up-score` names more or fewer.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import re
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cleaning.duplicates.pairs import find_pairs, find_postings, without_common
from cleaning.duplicates.rewrites import FOLLOW_UP_SCORE
from cleaning.duplicates.sketches import sample, sketch
from cleaning.duplicates.verify import containment
from flows.duplicates.corpus import dedup_files
from flows.duplicates.corpus_reader import file_batches

TOGETHER = {"copy", "contained"}
APART = {"template", "follow_up", "related", "unrelated"}
FAR_DAYS = 3
NEAR_SHARE = 0.8


def measure(texts: Path, pairs: list[dict[str, str]], out: Path, follow_up_score: float) -> str:
    """De-duplicate the texts; what was found, in two lines."""
    dedup_files([texts], out, follow_up_score=follow_up_score)
    table = pq.read_table(out / "clusters.parquet")
    cluster = {
        str(i): str(c) for i, c in zip(*(table.column(n).to_pylist() for n in ("id", "cluster_id")), strict=True)
    }
    kinds = {
        frozenset((str(r["a"]), str(r["b"]))): r["relation"] for r in pq.read_table(out / "links.parquet").to_pylist()
    }
    next_steps = {frozenset((str(r["a"]), str(r["b"]))) for r in pq.read_table(out / "follow_ups.parquet").to_pylist()}
    links = {pair for pair, relation in kinds.items() if relation not in ("rewrite", "follow_up")}
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for row in pairs:
        total[row["label"]] += 1
        found[row["label"]] += cluster[row["a"]] == cluster[row["b"]] or frozenset((row["a"], row["b"])) in links
    right, wrong = (sum(found[label] for label in labels) for labels in (TOGETHER, APART))
    positives = sum(total[label] for label in TOGETHER)
    named = Counter((row["label"], kinds.get(frozenset((row["a"], row["b"])))) for row in pairs)
    steps = Counter(row["label"] for row in pairs if frozenset((row["a"], row["b"])) in next_steps)
    wrongly = sum(named[label, "rewrite"] for label in APART)
    near, lost = near_pairs(texts, cluster)
    apart = [f"{label} {found[label]} of {total[label]}" for label in sorted(total)]
    return (
        f"P {right / max(1, right + wrong):.3f}  R {right / max(1, positives):.3f}  "
        f"more than {FAR_DAYS} days apart {far_pairs(texts, cluster):,}  near pairs lost {lost} of {near}  "
        f"({'; '.join(apart)})\n{'':14}rewrites found {named['rewrite', 'rewrite']} of {total['rewrite']}, links named "
        f"so right {named['rewrite', 'rewrite']} of {named['rewrite', 'rewrite'] + wrongly}; "
        f"named follow-ups {', '.join(f'{label} {n} of {total[label]}' for label, n in sorted(steps.items()))}"
    )


def far_pairs(texts: Path, cluster: dict[str, str]) -> int:
    """Pairs of one story that are more than three days apart."""
    stories: dict[str, list[int]] = {}
    for batch in file_batches([texts], warn=False):
        for identity, day in zip(batch.ids.to_pylist(), batch.days.tolist(), strict=True):
            stories.setdefault(cluster[str(identity)], []).append(day)
    return sum(abs(a - b) > FAR_DAYS for days in stories.values() for a, b in itertools.combinations(days, 2))


def near_pairs(texts: Path, cluster: dict[str, str]) -> tuple[int, int]:
    """Pairs at most a day apart of which one holds nearly all of the other: how many, and how many are apart."""
    ids: list[str] = []
    rows: list[str] = []
    days: list[int] = []
    for batch in file_batches([texts], warn=False):
        ids += map(str, batch.ids.to_pylist())
        rows += batch.texts.to_pylist()
        days += batch.days.tolist()
    whole = sketch(sample(pa.array(rows)))
    sketches, postings = without_common(whole, find_postings(whole))
    pairs = find_pairs(sketches, postings)
    share = np.maximum(*containment(pairs))
    day = np.array(days)
    # sketches are samples: what they show a little below the limit may be above it
    likely = np.flatnonzero((share >= NEAR_SHARE - 0.2) & (np.abs(day[pairs.a] - day[pairs.b]) <= 1))
    count = lost = 0
    for a, b in zip(pairs.a[likely].tolist(), pairs.b[likely].tolist(), strict=True):
        first, second = _grams(rows[a]), _grams(rows[b])
        if len(first & second) >= NEAR_SHARE * max(1, min(len(first), len(second))):
            count += 1
            lost += cluster[ids[a]] != cluster[ids[b]]
    return count, lost


def _grams(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[k : k + 3]) for k in range(len(words) - 2)}


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--follow-up-score", type=float, default=FOLLOW_UP_SCORE)
    given = parser.parse_args()
    with given.pairs.open(encoding="utf-8", newline="") as file:
        pairs = list(csv.DictReader(file))
    with tempfile.TemporaryDirectory() as folder:
        print(f"as they are   {measure(given.texts, pairs, Path(folder) / 'out', given.follow_up_score)}")
        table = pq.read_table(given.texts)
        without = Path(folder) / "without.parquet"
        pq.write_table(table.drop_columns([n for n in ("host", "url") if n in table.column_names]), without)
        print(f"without hosts {measure(without, pairs, Path(folder) / 'out', given.follow_up_score)}")


if __name__ == "__main__":
    main()
