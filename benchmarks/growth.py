"""What a batch costs as the lake grows: a few articles over many days, into lakes of different sizes.

    python -m benchmarks.growth                                    # 500 articles over 60 days into 500 and 20,000
    python -m benchmarks.growth --lakes 500 200000 --batch 500 --days 60
    python -m benchmarks.growth --lakes --sparse 2454 --sparse-days 1234   # an archive of two articles a day

Texts are generated: words by Zipf's law, names and figures, 300 words in twelve lines. Nothing is cleaned, so that
what is measured is deciding which are copies, the commit, and the tables that follow from it. Each lake is filled by a
process of its own and the batch is published by another, whose CPU time is printed by step and as a ratio to the first
lake. The lakes are made below --scratch and removed.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from bisect import bisect
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from pathlib import Path

from benchmarks.duplicate_lake import Text, article_table
from flows.duplicates.detector import FingerprintIndex
from flows.duplicates.reuse_refresh import refresh_reuse
from flows.duplicates.rewrites_refresh import refresh_rewrites
from flows.lake.partitions import put_rows, rows_of
from flows.lake.store import Lake

START = date(2026, 1, 1)
# Articles committed together while a lake is filled: what a publish of a full day takes.
FILL = 5_000
VOCABULARY, NAMES = 40_000, 20_000
LINES, LINE_WORDS = 12, 25
HOSTS = 40


class Generator:
    """Texts that are alike in what counts for cost: how often words recur, how many names and figures they have."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        self._sums = [*accumulate(1 / (rank + 2) for rank in range(VOCABULARY))]
        self._seed = seed

    def text(self, number: int, day: date) -> Text:
        """One article of a day."""
        lines = ["".join([" ".join(self._word() for _ in range(LINE_WORDS)), "."]) for _ in range(LINES)]
        at = datetime(day.year, day.month, day.day, number % 24, tzinfo=UTC)
        name = f"{self._seed:04x}{number:028x}"
        return Text(name, name, "single", f"paper{number % HOSTS}.example", "\n".join(lines), at)

    def _word(self) -> str:
        kind = self._draw.random()
        if kind < 0.06:
            return f"N{self._draw.randrange(NAMES):x}q"
        if kind < 0.08:
            return str(self._draw.randrange(1, 5_000))
        rank = bisect(self._sums, self._draw.random() * self._sums[-1])
        return f"w{rank:x}"


def texts(seed: int, count: int, days: int) -> list[Text]:
    """So many articles, spread evenly over so many days."""
    made = Generator(seed)
    return [made.text(k, START + timedelta(days=k * days // count)) for k in range(count)]


def publish(root: Path, batch: list[Text]) -> dict[str, float]:
    """Commit a batch, and bring in step what follows from it; CPU seconds by step."""
    took: dict[str, float] = {}
    started = _cpu()
    lake, table = Lake(root), article_table(batch)
    rows = {r.article_id: r for r in rows_of("articles", table)}
    with lake.write_lock():
        decided = FingerprintIndex(root).decide(table)
        started = _step(took, "decide", started)
        lake.commit(
            {
                **put_rows(lake, "articles", [rows[i] for i in decided.canonical]),
                **put_rows(lake, "duplicates", rows_of("duplicates", decided.duplicates)),
                **decided.partitions,
            }
        )
    started = _step(took, "commit", started)
    refresh_rewrites(lake)
    started = _step(took, "rewrites", started)
    refresh_reuse(lake)
    _step(took, "reuse", started)
    took["memory MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return took


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _step(took: dict[str, float], name: str, started: float) -> float:
    now = _cpu()
    took[name] = now - started
    return now


def in_process(root: Path, seed: int, count: int, days: int, *, at_once: int) -> dict[str, float]:
    """Publish generated articles in a process of its own; what the last batch took."""
    call = [sys.executable, "-m", "benchmarks.growth", "--publish", root, seed, count, days, at_once]
    done = subprocess.run([*map(str, call)], check=True, stdout=subprocess.PIPE, text=True)
    took: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return took


def size(root: Path, below: str = "") -> tuple[int, int]:
    """Files and bytes of a lake, or of a folder in it."""
    files = [f for f in (root / below).rglob("*") if f.is_file()]
    return len(files), sum(f.stat().st_size for f in files)


def _print(title: str, took: dict[str, float], first: float | None) -> float:
    total = sum(v for k, v in took.items() if k != "memory MB")
    steps = " ".join(f"{name} {value:.1f}" for name, value in took.items())
    print(f"{title}: {total:.1f} CPU-s{'' if first is None else f' ({total / first:.2f} x)'}: {steps}", flush=True)
    return total


def main() -> None:
    """Run and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--lakes", type=int, nargs="*", default=[500, 20_000])
    arguments.add_argument("--batch", type=int, default=500)
    arguments.add_argument("--days", type=int, default=60)
    arguments.add_argument("--sparse", type=int, default=0, help="articles of a lake of few a day")
    arguments.add_argument("--sparse-days", type=int, default=1_234)
    arguments.add_argument("--scratch", type=Path)
    arguments.add_argument("--publish", nargs=5, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.publish:
        root, (seed, count, days, at_once) = Path(given.publish[0]), map(int, given.publish[1:])
        every = texts(seed, count, days)
        took = {}
        for start in range(0, count, at_once):
            took = publish(root, every[start : start + at_once])
        print(json.dumps(took))
        return
    first = None
    with tempfile.TemporaryDirectory(dir=given.scratch) as scratch:
        root = Path(scratch) / "lake"
        for count in given.lakes:
            (root / "state").mkdir(parents=True)
            in_process(root, 1, count, given.days, at_once=FILL)
            took = in_process(root, 2, given.batch, given.days, at_once=given.batch)
            total = _print(f"{given.batch} over {given.days} days into {count}", took, first)
            first = first or total
            shutil.rmtree(root)
        if given.sparse:
            (root / "state").mkdir(parents=True)
            took = in_process(root, 1, given.sparse, given.sparse_days, at_once=FILL)
            _print(f"{given.sparse} over {given.sparse_days} days", took, None)
            files, index = size(root)[0], size(root, "index")[1]
            print(f"{files} files, {index / given.sparse:.0f} bytes of index an article")


if __name__ == "__main__":
    main()
