"""Newsmill's duplicates on families of templated reports: how many instances were merged, how many copies found.

    python -m benchmarks.duplicate_families FAMILIES.py [--n 2,4,12,30] [--hosts one,many] [--seeds 3]

FAMILIES.py is a generator with the commands `write OUT.parquet --n N --hosts one|many --seed S` (columns id, host,
text, date, family, story and kind; story is true for an instance and its copies, kind is original for the former) and
nothing else; other generators of that form tell whether a gain is real. No two instances of a family are copies of
each other. All in files; `benchmarks.duplicate_lake` does the same by the day in a lake.
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

import pyarrow.parquet as pq

from flows.duplicates.corpus import CLUSTERS, LINKS, dedup_files

# Links that put two texts together.
COPY_LINKS = {"exact", "near", "version", "contained", "aggregate"}


@dataclass
class Counts:
    """What was found in one set."""

    instances: int = 0
    merged: int = 0  # instances put together with another one
    copies: int = 0
    found: int = 0
    false: list[tuple[str, str]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def draw(script: Path, out: Path, n: int, hosts: str, seed: int) -> None:
    """Have the generator write a set."""
    command = [sys.executable, str(script), "write", str(out), "--n", str(n), "--hosts", hosts, "--seed", str(seed)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def count(texts: Path, out: Path) -> Counts:
    """Compare the stories that were found with the true ones."""
    rows = pq.read_table(texts, columns=["id", "family", "story", "kind"]).to_pylist()
    table = pq.read_table(out / CLUSTERS)
    cluster = dict(zip(table.column("id").to_pylist(), table.column("cluster_id").to_pylist(), strict=True))
    links = {frozenset((r["a"], r["b"])) for r in pq.read_table(out / LINKS).to_pylist() if r["relation"] in COPY_LINKS}

    def together(a: str, b: str) -> bool:
        return cluster[a] == cluster[b] or frozenset((a, b)) in links

    families = defaultdict(list)
    for row in rows:
        if row["family"]:
            families[row["family"]].append(row)
    counts = Counts()
    for members in families.values():
        merged: set[str] = set()
        for a, b in itertools.combinations(members, 2):
            if a["story"] != b["story"] and together(a["id"], b["id"]):
                merged |= {a["story"], b["story"]}
                counts.false.append((a["id"], b["id"]))
        copies = [m for m in members if m["kind"] != "original"]
        lost = [m["id"] for m in copies if not together(m["id"], m["story"])]
        counts.instances += len({m["story"] for m in members})
        counts.merged += len(merged)
        counts.copies += len(copies)
        counts.found += len(copies) - len(lost)
        counts.lost += lost
    return counts


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("script", type=Path)
    parser.add_argument("--n", default="2,4,12,30")
    parser.add_argument("--hosts", default="one,many")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--list", action="store_true", help="name what was merged and what was lost")
    given = parser.parse_args()
    print(f"{'N':>4} {'hosts':<6}{'merged':>8}{'found':>8}   mean of {given.seeds} seeds")
    for n, hosts in itertools.product(given.n.split(","), given.hosts.split(",")):
        runs = []
        for seed in range(1, given.seeds + 1):
            with tempfile.TemporaryDirectory() as folder:
                texts = Path(folder) / "texts.parquet"
                draw(given.script, texts, int(n), hosts, seed)
                dedup_files([texts], Path(folder), rewrite_score=None)
                runs.append(count(texts, Path(folder)))
        merged = fmean(r.merged / r.instances for r in runs)
        found = fmean(r.found / max(1, r.copies) for r in runs)
        print(f"{n:>4} {hosts:<6}{merged:>8.3f}{found:>8.3f}")
        if given.list:
            listed = Counter(f"{a} = {b}" for r in runs for a, b in r.false)
            listed.update(f"lost {i}" for r in runs for i in r.lost)
            print("\n".join(f"     {what} ({times})" for what, times in listed.items()))


if __name__ == "__main__":
    main()
