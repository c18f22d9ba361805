"""Newsmill's duplicates on pairs of real texts that were read by hand, with their hosts and without any.

    python -m benchmarks.duplicate_pairs TEXTS.parquet PAIRS.csv

TEXTS has id, text and day or date, and host where known. PAIRS has a, b and label: copy and contained are to be put
together; template, follow_up, related and unrelated are not; others count on neither side. Without labels it counts the
pairs in one story that are more than three days apart: on a wire, which never sends a report twice, nearly all are
reports of one form.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import tempfile
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq

from flows.duplicates.corpus import dedup_files
from flows.duplicates.corpus_reader import file_batches

TOGETHER = {"copy", "contained"}
APART = {"template", "follow_up", "related", "unrelated"}
FAR_DAYS = 3


def measure(texts: Path, pairs: list[dict[str, str]], out: Path) -> str:
    """De-duplicate the texts; one line of what was found."""
    dedup_files([texts], out)
    table = pq.read_table(out / "clusters.parquet")
    cluster = {
        str(i): str(c) for i, c in zip(*(table.column(n).to_pylist() for n in ("id", "cluster_id")), strict=True)
    }
    links = {
        frozenset((str(r["a"]), str(r["b"]))): r["relation"]
        for r in pq.read_table(out / "links.parquet").to_pylist()
        if r["relation"] != "rewrite"
    }
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for row in pairs:
        total[row["label"]] += 1
        found[row["label"]] += cluster[row["a"]] == cluster[row["b"]] or frozenset((row["a"], row["b"])) in links
    right, wrong = (sum(found[label] for label in labels) for labels in (TOGETHER, APART))
    positives = sum(total[label] for label in TOGETHER)
    apart = [f"{label} {found[label]} of {total[label]}" for label in sorted(total)]
    return (
        f"P {right / max(1, right + wrong):.3f}  R {right / max(1, positives):.3f}  "
        f"more than {FAR_DAYS} days apart {far_pairs(texts, cluster):,}  ({'; '.join(apart)})"
    )


def far_pairs(texts: Path, cluster: dict[str, str]) -> int:
    """Pairs of one story that are more than three days apart."""
    stories: dict[str, list[int]] = {}
    for batch in file_batches([texts], warn=False):
        for identity, day in zip(batch.ids.to_pylist(), batch.days.tolist(), strict=True):
            stories.setdefault(cluster[str(identity)], []).append(day)
    return sum(abs(a - b) > FAR_DAYS for days in stories.values() for a, b in itertools.combinations(days, 2))


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("pairs", type=Path)
    given = parser.parse_args()
    with given.pairs.open(encoding="utf-8", newline="") as file:
        pairs = list(csv.DictReader(file))
    with tempfile.TemporaryDirectory() as folder:
        print(f"as they are   {measure(given.texts, pairs, Path(folder) / 'out')}")
        table = pq.read_table(given.texts)
        without = Path(folder) / "without.parquet"
        pq.write_table(table.drop_columns([n for n in ("host", "url") if n in table.column_names]), without)
        print(f"without hosts {measure(without, pairs, Path(folder) / 'out')}")


if __name__ == "__main__":
    main()
