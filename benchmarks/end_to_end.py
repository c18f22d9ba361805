"""From an archive to Parquet: newsmill beside a plain script and datatrove, in one run.

    python benchmarks/end_to_end_archive.py OUT.warc.gz CORPUS... --records 2972 --copies 500
    python benchmarks/end_to_end.py OUT.warc.gz
    python benchmarks/end_to_end.py OUT.warc.gz --datatrove PATH-OF-A-PYTHON-THAT-HAS-IT

Each tool runs as a command of its own, one after another, `--rounds` times in turn; the least CPU time of each counts,
since what a busy machine adds is never less than nothing. CPU time and memory are of the whole process tree
(benchmarks/process_tree.py). A copy counts as found where the tool links it, or its page, to the other of the two.
"again" is the same command over its own finished output: the plain script and datatrove do everything once more.

Figures of one run on one machine compare with each other and with no other run.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.dataset as ds

# As a script, this folder would come first, and its cleaning.py would hide the package.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.process_tree import Usage, measure  # noqa: E402

HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool made of the archive."""

    usage: Usage
    again: Usage | None
    rows: int  # articles
    found: int  # planted copies


def newsmill(archive: Path, folder: Path, copies: dict[str, str], *, fast: bool) -> Result:
    """The command, in a process group of its own that finds no Prefect server and no settings."""
    lake = folder / "lake"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("NEWSMILL_", "PREFECT_"))}
    environment |= {"NEWSMILL_CONFIG": "", "PREFECT_HOME": str(folder / "prefect")}
    command = [BIN / "newsmill", "backfill", "--warc", archive, "--any-host", "--lake", lake, "--json"]
    command += ["--fast"] * fast
    first = measure(command, environment, folder)
    again = measure(command, environment, folder)
    articles = _columns(lake / "articles", ["article_id", "url"])
    duplicates = _columns(lake / "duplicates", ["url", "duplicate_of"])
    of_id = {row["article_id"]: row["url"] for row in articles}
    links = {frozenset((row["url"], of_id.get(row["duplicate_of"], ""))) for row in duplicates}
    return Result(first, again, len(articles), _found(copies, links))


def script(archive: Path, folder: Path, copies: dict[str, str]) -> Result:
    """The plain script."""
    out = folder / "articles.parquet"
    used = measure([sys.executable, "-W", "ignore", HERE / "end_to_end_script.py", archive, out])
    links = {
        frozenset((r["url"], r["copy_of"])) for r in _columns(folder / "articles-copies.parquet", ["url", "copy_of"])
    }
    return Result(used, None, len(_columns(out, ["url"])), _found(copies, links))


def datatrove(python: Path, archive: Path, folder: Path, copies: dict[str, str]) -> Result:
    """datatrove, whose removed documents name no original: a pair is found where exactly one of it was removed."""
    source = folder / "in"
    source.mkdir()
    _halve(archive, source)
    used = measure([python, "-W", "ignore", HERE / "end_to_end_datatrove.py", source, folder / "out"], cwd=folder)
    removed = set()
    for file in (folder / "out" / "copies").glob("*.gz"):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            removed |= {json.loads(line)["metadata"]["url"] for line in lines}
    found = sum((copy in removed) != (page in removed) for copy, page in copies.items())
    return Result(used, None, len(_columns(folder / "out" / "articles", ["id"])), found)


def _halve(archive: Path, folder: Path) -> None:
    """The archive as two, at a record: one is one task for datatrove's reader."""
    from fastwarc.warc import ArchiveIterator

    size = archive.stat().st_size
    with archive.open("rb") as stream:
        middle = next(r.stream_pos for r in ArchiveIterator(stream) if r.stream_pos >= size // 2)
    whole = archive.read_bytes()
    (folder / "a.warc.gz").write_bytes(whole[:middle])
    (folder / "b.warc.gz").write_bytes(whole[middle:])


def _columns(path: Path, names: Sequence[str]) -> list[dict[str, str]]:
    if not path.exists():
        return []
    rows: list[dict[str, str]] = ds.dataset(path, format="parquet").to_table(columns=list(names)).to_pylist()
    return rows


def _found(copies: dict[str, str], links: set[frozenset[str]]) -> int:
    return sum(frozenset(pair) in links for pair in copies.items())


def main() -> None:
    """Run and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("archive", type=Path)
    arguments.add_argument("--datatrove", type=Path, help="a Python that has datatrove, in an environment of its own")
    arguments.add_argument("--rounds", type=int, default=1)
    told = arguments.parse_args()
    archive = told.archive.resolve()
    copies = json.loads(Path(f"{archive}.copies.json").read_text(encoding="utf-8"))
    tools = {
        "plain script": lambda f: script(archive, f, copies),
        "newsmill": lambda f: newsmill(archive, f, copies, fast=False),
        "newsmill --fast": lambda f: newsmill(archive, f, copies, fast=True),
    }
    if told.datatrove:
        tools["datatrove, 2 workers"] = lambda f: datatrove(told.datatrove.absolute(), archive, f, copies)
    best: dict[str, Result] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for _ in range(told.rounds):
            for name, run in tools.items():
                folder = Path(scratch) / "run"
                folder.mkdir()
                result = run(folder)
                if result.usage.code:
                    sys.exit(f"{name}: exit code {result.usage.code}")
                if name not in best or result.usage.cpu_seconds < best[name].usage.cpu_seconds:
                    best[name] = result
                shutil.rmtree(folder)
    reference = best["plain script"].usage.cpu_seconds
    print("| tool | CPU-s | pages per CPU-s, plain script = 1 | wall s | MB | articles | copies found | again, CPU-s |")
    print("|---|---|---|---|---|---|---|---|")
    for name, of in best.items():
        used, again = of.usage, f"{of.again.cpu_seconds:.1f}" if of.again else "the same"
        print(
            f"| {name} | {used.cpu_seconds:.1f} | {reference / used.cpu_seconds:.2f} | {used.wall_seconds:.0f} | "
            f"{used.peak_bytes / 1e6:.0f} | {of.rows} | {of.found} of {len(copies)} | {again} |"
        )


if __name__ == "__main__":
    main()
