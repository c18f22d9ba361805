"""Kills publishing with `kill -9` at random moments, calls it again until it is through, and compares the bytes.

    newsmill demo --lake LAKE            # any lake with a raw archive will do
    python -m benchmarks.kills_publish LAKE --kills 50

Only the raw archive, the catalogue and the frontier of LAKE are read, into lakes of their own. One is published without
a kill; every other one must end in the same files, byte for byte, tables and index, with nothing left beside them. Ends
with code 1 where one does not. A commit holds few pages here, so that kills meet every step of many commits.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import random
import shutil
import tempfile
import time
from collections import Counter
from multiprocessing.context import ForkServerContext
from pathlib import Path

from flows.duplicates.detector import FingerprintIndex
from flows.lake.store import Lake
from flows.publishing.publisher import Publishing, publish_raw
from flows.work.derived_tables import refresh_derived_tables
from spiders.catalogue import load_catalogue
from spiders.frontier.frontier import Frontier, default_path

BATCH_PAGES = 8
# What a lake of raw pages consists of; everything else in it was made from these.
GIVEN = ("raw", "sources", "state/ledger.sqlite")
# Neither tables nor index. The state has locks, who held them, and when files were written.
NOT_COMPARED = ("state/", *GIVEN)


def publish(root: Path, batch_pages: int) -> None:
    """What the flow publish does, without its server."""
    sources = {n: s.facts() for n, s in load_catalogue(root / "sources").items()} if (root / "sources").exists() else {}
    how = Publishing(sources, FingerprintIndex(root).decide, workers=1, batch_pages=batch_pages)
    publish_raw(Lake(root), how)
    frontier = Frontier(default_path(root))
    try:
        refresh_derived_tables(Lake(root), frontier.engine)
    finally:
        frontier.close()


def content(root: Path) -> dict[str, str]:
    """SHA-256 of each file that publishing wrote, by its path below the lake."""
    return {
        name: hashlib.sha256((root / name).read_bytes()).hexdigest()
        for name in sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
        if not name.startswith(NOT_COMPARED)
    }


def articles(root: Path) -> Counter[str]:
    """How often each article, copy and revision occurs in the tables."""
    found: Counter[str] = Counter()
    for table in ("articles", "duplicates", "revisions"):
        rows = Lake(root).read(table, columns=["article_id", "revision"]).to_pylist()
        found.update(f"{row['article_id']} {row['revision']}" for row in rows)
    return found


def copied(given: Path, folder: Path) -> Path:
    """A lake with the raw archive of another, and nothing published."""
    for name in GIVEN:
        source, target = given / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        elif source.exists():
            shutil.copy2(source, target)
    return folder


def call(processes: ForkServerContext, root: Path, batch_pages: int, wait: float | None = None) -> bool:
    """Publish in a process of its own; whether it finished within the given seconds; otherwise it was killed."""
    process = processes.Process(target=publish, args=(root, batch_pages))
    process.start()
    process.join(wait)
    if process.exitcode is None:
        process.kill()
        process.join()
        return False
    if process.exitcode:
        raise SystemExit(f"a call ended with code {process.exitcode}")
    return True


def compare(given: Path, folder: Path, options: argparse.Namespace) -> bool:
    """Publish once without a kill, then kill until there were enough; False where anything differs."""
    chance, pages = random.Random(options.seed), options.batch_pages
    # A fresh process for each call, forked from one that has the imports done: the kill then meets the work.
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(
        [
            "flows.publishing.batch_commits",
            "flows.work.derived_tables",
            "flows.duplicates.detector",
        ]
    )
    call(processes, copied(given, folder / "warm"), pages)
    alone = copied(given, folder / "alone")
    began = time.monotonic()
    call(processes, alone, pages)
    seconds = time.monotonic() - began
    expected, rows = content(alone), articles(alone)
    print(f"alone: {seconds:.1f} s, {len(expected)} files, {rows.total()} articles, copies and revisions", flush=True)
    kills = lakes = lost = doubled = same = 0
    while kills < options.kills:
        root = copied(given, folder / f"killed-{lakes}")
        lakes, here = lakes + 1, 0
        # A call goes on where the last was killed: a kill never comes too late for the work.
        while not call(processes, root, pages, chance.uniform(0, 0.8 * seconds) if kills < options.kills else None):
            kills, here = kills + 1, here + 1
        got, bytes_now = articles(root), content(root)
        lost += (rows - got).total()
        doubled += (got - rows).total()
        wrong = sorted(n for n in expected.keys() | bytes_now.keys() if expected.get(n) != bytes_now.get(n))
        same += not wrong
        print(f"lake {lakes}: {here} kills, {f'differs in {wrong[:5]}' if wrong else 'same bytes'}", flush=True)
        shutil.rmtree(root)
    print(f"{kills} kills over {lakes} lakes: {lost} lost, {doubled} doubled, {same} lakes with the same bytes")
    return same == lakes and not lost and not doubled


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lake", type=Path)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--batch-pages", type=int, default=BATCH_PAGES)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not (options.lake / "raw").is_dir():
        parser.error(f"{options.lake} has no folder raw: make a lake first, e.g. newsmill demo --lake {options.lake}")
    with tempfile.TemporaryDirectory() as folder:
        raise SystemExit(not compare(options.lake, Path(folder), options))


if __name__ == "__main__":
    main()
