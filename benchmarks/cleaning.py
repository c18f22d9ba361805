# ruff: noqa: E402 — the import path must be set before this folder's modules are read
"""Measure cleaning: python benchmarks/cleaning.py CORPUS… [--folds N] [--limit N] [--check]

Each CORPUS is a folder with ``index.jsonl`` (a page a line: id, url, html, text or null, with, without, title, authors,
date) and the pages, gzipped. Every page is cleaned three times back to back in this process: by trafilatura with
metadata, by ``clean`` and by ``clean(fast=True)``; CPU seconds are of this process, page by page, so that a busy
machine slows all alike.

``--folds N`` also scores models that have seen no page of the host (trained here: needs LightGBM). ``--check`` exits
with 1 where a figure is below benchmarks/floors.toml, or where a floor there is lower than in the last commit.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean, median
from unittest.mock import patch

import trafilatura

# this file is called as the package is: its folder must come last, or it would import itself
HERE = str(Path(__file__).resolve().parent)
sys.path = [*(entry for entry in sys.path if entry != HERE), str(Path(HERE).parent), HERE]

from block_scores import word_scores

from cleaning.blocks.model import Model
from cleaning.boilerplate import load_rules
from cleaning.pipeline import clean
from cleaning.records import Article, RawPage, SourceFacts
from cleaning.text import key, squash

FLOORS = Path(__file__).resolve().parent / "floors.toml"
NOW = datetime(2100, 1, 1, tzinfo=UTC)  # after every page of any corpus, and the same in every run
FACTS = SourceFacts("benchmark")
RULES = load_rules()
TOLERANCE = 0.0005  # of a floor: rounding


@dataclass(slots=True)
class Answer:
    """What one tool said of one page."""

    text: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""
    seconds: float = 0.0
    rejected: bool = False


@dataclass(slots=True)
class Scores:
    """Figures of one tool on one corpus."""

    f1: list[float] = field(default_factory=list)
    precision: list[float] = field(default_factory=list)
    recall: list[float] = field(default_factory=list)
    title: list[float] = field(default_factory=list)
    authors: list[float] = field(default_factory=list)
    date: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    hit: int = 0
    wanted: int = 0
    kept: int = 0
    unwanted: int = 0
    rejected: int = 0

    def add(self, row: Mapping[str, object], answer: Answer) -> None:
        """Score one page."""
        self.seconds.append(answer.seconds)
        self.rejected += answer.rejected
        if isinstance(row["text"], str):
            for values, value in zip(
                (self.f1, self.precision, self.recall), word_scores(answer.text, row["text"]), strict=True
            ):
                values.append(value)
        flat = squash(answer.text)
        stay, go = ([squash(str(x)) for x in _list(row.get(name))] for name in ("with", "without"))
        self.wanted, self.unwanted = self.wanted + len(stay), self.unwanted + len(go)
        self.hit += sum(x in flat for x in stay)
        self.kept += sum(x in flat for x in go)
        if row.get("title"):
            self.title.append(key(answer.title) == key(str(row["title"])))
        gold = {key(str(name)) for name in _list(row.get("authors"))}
        if gold:
            mine = {key(name) for name in answer.authors}
            self.authors.append(2 * len(gold & mine) / (len(gold) + len(mine)))
        if row.get("date"):
            self.date.append(answer.date == str(row["date"])[:10])

    def figures(self) -> dict[str, float]:
        """Every figure that the corpus can tell; shares 0 to 1, times in milliseconds of CPU a page."""
        ms = sorted(1000 * value for value in self.seconds)
        found = {"ms": fmean(ms), "p50": median(ms), "p99": ms[int(0.99 * len(ms))], "max": ms[-1]}
        lists = {"f1": self.f1, "precision": self.precision, "recall": self.recall}
        lists |= {"title": self.title, "authors": self.authors, "date": self.date}
        found |= {name: fmean(values) for name, values in lists.items() if values}
        if self.f1:
            found["f1_99"] = fmean(value >= 0.99 for value in self.f1)
            found["lost"] = sum(value < 0.5 for value in self.f1)
        if self.unwanted:
            found["kept"] = self.kept / self.unwanted
            found["snippet_f1"] = 2 * self.hit / (self.hit + self.wanted + self.kept)
        return found | {"rejected": self.rejected}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def read_rows(folder: Path, limit: int | None) -> Iterator[tuple[dict[str, object], bytes]]:
    """Rows of a corpus with their pages."""
    with (folder / "index.jsonl").open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if limit is not None and number >= limit:
                return
            row = json.loads(line)
            yield row, gzip.decompress((folder / row["html"]).read_bytes())


def ask_trafilatura(row: Mapping[str, object], body: bytes) -> Answer:
    """Trafilatura with metadata, comments off."""
    start = time.process_time()
    try:
        found = trafilatura.bare_extraction(body, url=row["url"], with_metadata=True, include_comments=False)
    except (ValueError, TypeError, AttributeError, LookupError):
        found = None
    seconds = time.process_time() - start
    if found is None:
        return Answer(seconds=seconds)
    authors = tuple(name.strip() for name in (found.author or "").split(";") if name.strip())
    return Answer(found.text or "", found.title or "", authors, found.date or "", seconds)


def ask_newsmill(row: Mapping[str, object], body: bytes, *, fast: bool = False) -> Answer:
    """All of cleaning: extraction, metadata, removals, verdict."""
    page = RawPage(str(row["url"] or ""), "benchmark", body, NOW, "", "", 0)
    start = time.process_time()
    result = clean(page, FACTS, RULES, fast=fast).result
    seconds = time.process_time() - start
    if not isinstance(result, Article):
        return Answer(title=result.title or "", seconds=seconds, rejected=True)
    return Answer(result.text, result.title, result.authors, _written_day(result), seconds)


def _written_day(article: Article) -> str:
    """The calendar day that the page shows: in its own zone."""
    if article.published_at is None:
        return ""
    return str((article.published_at + timedelta(minutes=article.published_offset or 0)).date())


def fold_models(folders: list[Path], folds: int) -> dict[str, Model]:
    """For each page the model of the fold that has not seen its host, keyed by corpus and id."""
    from block_data import read_corpus
    from block_forest import export, train

    from cleaning.blocks.model import from_arrays

    samples = [s for folder in folders for s in read_corpus(folder, news=folder.name == "fundus")]
    models = [from_arrays(export(train([s for s in samples if s.fold(folds) != fold]))) for fold in range(folds)]
    return {sample.key: models[sample.fold(folds)] for sample in samples}


def measure(folder: Path, limit: int | None, models: Mapping[str, Model]) -> dict[str, dict[str, float]]:
    """Figures of every tool on one corpus."""
    scores = {name: Scores() for name in ("trafilatura", "newsmill", "newsmill-fast")}
    if models:
        scores |= {"newsmill-unseen": Scores(), "newsmill-fast-unseen": Scores()}
    for number, (row, body) in enumerate(read_rows(folder, limit)):
        if number == 0:
            # first calls load models and compile rules: once a process, not a page
            ask_trafilatura(row, body)
            ask_newsmill(row, body)
        scores["trafilatura"].add(row, ask_trafilatura(row, body))
        scores["newsmill"].add(row, ask_newsmill(row, body))
        scores["newsmill-fast"].add(row, ask_newsmill(row, body, fast=True))
        if models:
            model = models.get(f"{folder.name}/{row['id']}")
            with patch("cleaning.blocks.select.shipped", return_value=model) if model else nullcontext():
                scores["newsmill-unseen"].add(row, ask_newsmill(row, body))
                scores["newsmill-fast-unseen"].add(row, ask_newsmill(row, body, fast=True))
    return {name: score.figures() for name, score in scores.items()}


def print_figures(corpus: str, figures: Mapping[str, Mapping[str, float]]) -> None:
    """One table a corpus; ``×`` is the speed as a multiple of trafilatura's."""
    names = ("f1", "precision", "recall", "f1_99", "lost", "kept", "snippet_f1", "title", "authors", "date", "rejected")
    names += ("ms", "p50", "p99", "max")
    print(f"\n{corpus:22}" + "".join(f"{name:>11}" for name in names) + f"{'×':>7}")
    for tool, found in figures.items():
        cells = (f"{found[n]:11.4f}" if n in found and n not in ("ms", "p50", "p99", "max", "lost", "rejected")
                 else f"{found[n]:11.1f}" if n in found else f"{'–':>11}" for n in names)  # fmt: skip
        print(f"{tool:22}" + "".join(cells) + f"{figures['trafilatura']['ms'] / found['ms']:7.2f}")


def committed_floors() -> dict[str, dict[str, float]]:
    """The floors of the last commit; those of the file where there is no repository."""
    command = ["git", "-C", str(FLOORS.parent), "show", f"HEAD:./{FLOORS.name}"]
    shown = subprocess.run(command, capture_output=True, check=False, text=True)
    return tomllib.loads(shown.stdout if shown.returncode == 0 else FLOORS.read_text(encoding="utf-8"))


def check(results: Mapping[str, Mapping[str, Mapping[str, float]]]) -> list[str]:
    """What is below its floor, and which floor was lowered."""
    floors: dict[str, dict[str, float]] = tomllib.loads(FLOORS.read_text(encoding="utf-8"))
    told = [
        f"floors.toml: {corpus}.{name} was lowered from {old} to {floors.get(corpus, {}).get(name)}; put it back"
        for corpus, names in committed_floors().items()
        for name, old in names.items()
        if floors.get(corpus, {}).get(name, -1.0) < old
    ]
    for corpus, figures in results.items():
        for name, floor in floors.get(corpus, {}).items():
            tool, _, figure = name.partition("_")
            mine = figures.get({"unseen": "newsmill-unseen", "fast": "newsmill-fast"}.get(tool, "newsmill"), {})
            value = figures["trafilatura"]["ms"] / mine["ms"] if figure == "speed" and mine else mine.get(figure)
            if value is not None and value < floor - TOLERANCE:
                told.append(f"{corpus}: {name} is {value:.4f}, the floor is {floor}")
    return told


def main() -> None:
    """Measure, print, check."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    models = fold_models(args.corpora, args.folds) if args.folds else {}
    results = {folder.name: measure(folder, args.limit, models) for folder in args.corpora}
    for corpus, figures in results.items():
        print_figures(corpus, figures)
    if args.check:
        told = check(results)
        print("\n".join(told) or "\nEvery figure is at or above its floor.")
        sys.exit(1 if told else 0)


if __name__ == "__main__":
    main()
