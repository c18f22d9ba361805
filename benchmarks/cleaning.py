# ruff: noqa: E402 — the import path must be set before this folder's modules are read
"""Measure cleaning: python benchmarks/cleaning.py CORPUS… [--folds N [--models FOLDER]] [--templates] [--check]

Each CORPUS is a folder with ``index.jsonl`` (a page a line: id, url, html, text or null, with, without, title, authors,
date) and the pages, gzipped. Every page is cleaned three times back to back in this process: by trafilatura with
metadata, by ``clean`` and by ``clean(fast=True)``; CPU seconds are of this process, page by page, so that a busy
machine slows all alike. A page that ``clean`` rejects counts with what ``newsmill clean --format jsonl`` prints of it.

``--folds N`` also scores all of ``clean`` with models that have seen no page of the host, untimed: read from
``--models FOLDER`` where benchmarks/train_blocks.py or an earlier run left them, else trained (needs LightGBM).
``--official`` prints instead what the field publishes (benchmarks/published_scores.py): shingle F1 ± and exact share,
ROUGE-LSum, word F1 and its median, with trafilatura and every other extractor that is installed in the same run;
``--save FILE`` keeps the pages' scores, ``--against FILE`` shows the paired difference to a run that was kept.
``--templates`` shows what site memory gains on hosts of several pages. ``--check`` exits with 1 where a figure is below
benchmarks/floors.toml, or where a floor there is lower than in the last commit.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch

import trafilatura

# this file is called as the package is: with its folder on the path it would import itself
HERE = str(Path(__file__).resolve().parent)
sys.path = [str(Path(HERE).parent), *(entry for entry in sys.path if entry != HERE)]

from benchmarks.cleaning_peers import ask_peer, installed_peers
from benchmarks.cleaning_published import compare, print_published, save
from benchmarks.cleaning_scores import LEGEND, Answer, Scores, print_figures, print_troubles
from benchmarks.cleaning_templates import gains_of, print_gains
from benchmarks.published_scores import PageScore, score_page
from cleaning.blocks.model import Model
from cleaning.boilerplate.rules import load_rules
from cleaning.boilerplate.site_templates import SiteTemplates
from cleaning.language import language_of
from cleaning.pipeline import clean
from cleaning.records import Article, Cleaned, RawPage, SourceFacts

FLOORS = Path(__file__).resolve().parent / "floors.toml"
NOW = datetime(2100, 1, 1, tzinfo=UTC)  # after every page of any corpus, and the same in every run
FACTS = SourceFacts("benchmark")
RULES = load_rules()
TOLERANCE = 0.0005  # of a floor: rounding
EVERY = 100  # pages between two lines of progress
PEER = "trafilatura"
TOOLS = {"unseen": "newsmill-unseen", "fast": "newsmill-fast", "newsmill": "newsmill"}  # by their names in floors.toml


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
        found = trafilatura.bare_extraction(
            body, url=str(row["url"] or "") or None, with_metadata=True, include_comments=False
        )
    except (ValueError, TypeError, AttributeError, LookupError):
        found = None
    seconds = time.process_time() - start
    if found is None or isinstance(found, dict):  # a dictionary only where one was asked for
        return Answer(seconds=seconds)
    authors = tuple(name.strip() for name in (found.author or "").split(";") if name.strip())
    return Answer(found.text or "", found.title or "", authors, found.date or "", seconds)


def run(
    row: Mapping[str, object],
    body: bytes,
    templates: SiteTemplates | None = None,
    *,
    models: Sequence[Model] = (),
    fast: bool = False,
) -> Cleaned:
    """All of cleaning; with models of folds, by the one that has seen no page of the host."""
    page = RawPage(str(row["url"] or ""), "benchmark", body, NOW, "", "", 0)
    if not models:
        return clean(page, FACTS, RULES, templates, fast=fast)
    from benchmarks.block_data import fold_of

    with patch("cleaning.blocks.select.shipped", return_value=models[fold_of(row, len(models))]):
        return clean(page, FACTS, RULES, templates, fast=fast)


def ask_newsmill(row: Mapping[str, object], body: bytes, *, models: Sequence[Model] = (), fast: bool = False) -> Answer:
    """Extraction, metadata, removals, verdict; with models of folds untimed."""
    start = time.process_time()
    cleaned = run(row, body, models=models, fast=fast)
    seconds = None if models else time.process_time() - start
    result = cleaned.result
    if not isinstance(result, Article):
        why = f"{result.reason}: {result.detail}"
        return Answer(cleaned.found, result.title or "", seconds=seconds, rejected=why)
    return Answer(result.text, result.title, result.authors, _written_day(result), seconds)


def _written_day(article: Article) -> str:
    """The calendar day that the page shows: in its own zone."""
    if article.published_at is None:
        return ""
    return str((article.published_at + timedelta(minutes=article.published_offset or 0)).date())


def measure(folder: Path, limit: int | None, models: Sequence[Model]) -> dict[str, Scores]:
    """Scores of every tool on one corpus; ``models`` are of the folds, none for the shipped model alone."""
    scores = {name: Scores() for name in (PEER, "newsmill", "newsmill-fast")}
    if models:
        scores |= {"newsmill-unseen": Scores(), "newsmill-fast-unseen": Scores()}
    for number, (row, body) in enumerate(read_rows(folder, limit)):
        if number == 0:
            # first calls load models and compile rules: once a process, not a page
            ask_trafilatura(row, body)
            ask_newsmill(row, body)
            language_of("Lorem ipsum dolor sit amet. " * 4)  # only pages that state no language ask the identifier
        scores[PEER].add(row, ask_trafilatura(row, body))
        scores["newsmill"].add(row, ask_newsmill(row, body))
        scores["newsmill-fast"].add(row, ask_newsmill(row, body, fast=True))
        if models:
            scores["newsmill-unseen"].add(row, ask_newsmill(row, body, models=models))
            scores["newsmill-fast-unseen"].add(row, ask_newsmill(row, body, models=models, fast=True))
        if (number + 1) % EVERY == 0:
            print(f"{folder.name}: {number + 1} pages", file=sys.stderr, flush=True)
    return scores


def measure_published(folder: Path, limit: int | None, models: Sequence[Model]) -> dict[str, dict[str, PageScore]]:
    """Scores of every tool on the pages of one corpus that have a gold text; untimed."""
    tools: dict[str, Callable[[Mapping[str, object], bytes], str]] = {
        PEER: lambda row, body: ask_trafilatura(row, body).text,
        "newsmill": lambda row, body: ask_newsmill(row, body).text,
    }
    if models:
        tools["newsmill-unseen"] = lambda row, body: ask_newsmill(row, body, models=models).text
    for name, extract in installed_peers().items():
        tools[name] = lambda _, body, extract=extract: ask_peer(extract, body)  # type: ignore[misc]
    scores: dict[str, dict[str, PageScore]] = {name: {} for name in tools}
    for row, body in read_rows(folder, limit):
        if isinstance(row["text"], str):
            for name, ask in tools.items():
                scores[name][str(row["id"])] = score_page(ask(row, body), row["text"])
    return scores


def show_published(args: argparse.Namespace, models: Sequence[Model]) -> None:
    """``--official``."""
    found = {folder.name: measure_published(folder, args.limit, models) for folder in args.corpora}
    found = {corpus: tools for corpus, tools in found.items() if tools[PEER]}
    for corpus, tools in found.items():
        print_published(corpus, tools, PEER)
    if args.against:
        print()
        compare(args.against, found, ("newsmill", "newsmill-unseen"))
    if args.save:
        save(args.save, found)


def committed_floors() -> dict[str, dict[str, float]]:
    """The floors of the last commit; those of the file if there is no repository."""
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
            value = figures.get(TOOLS[tool], {}).get(figure)
            if value is not None and value < floor - TOLERANCE:
                told.append(f"{corpus}: {name} is {value:.4f}, the floor is {floor}")
    return told


def main() -> None:
    """Measure, print, check."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--folds", type=int, default=0, help="score models that have not seen the host, of this many")
    parser.add_argument("--models", type=Path, help="folder of the models of the folds")
    parser.add_argument("--templates", action="store_true", help="show what site memory gains, and end")
    parser.add_argument("--limit", type=int, help="pages of each corpus")
    parser.add_argument("--official", action="store_true", help="print the figures that the field publishes, and end")
    parser.add_argument("--save", type=Path, help="with --official: keep the pages' scores in this file")
    parser.add_argument("--against", type=Path, help="with --official: compare with the scores in this file")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    models: list[Model] = []
    if args.folds:
        from benchmarks.fold_models import all_models

        models = all_models(args.corpora, args.folds, args.models)
    if args.official:
        show_published(args, models)
        return
    if args.templates:
        lost = [print_gains(folder.name, gains_of(folder, partial(run, models=models))) for folder in args.corpora]
        sys.exit(1 if any(lost) else 0)
    measured = {folder.name: measure(folder, args.limit, models) for folder in args.corpora}
    results = {
        corpus: {tool: score.figures(scores[PEER]) for tool, score in scores.items()}
        for corpus, scores in measured.items()
    }
    print(LEGEND)
    for corpus, figures in results.items():
        print_figures(corpus, figures)
    print()
    for corpus, scores in measured.items():
        print_troubles(corpus, scores, scores[PEER])
    if args.check:
        told = check(results)
        print("\n".join(told) or "\nEvery figure is at or above its floor.")
        sys.exit(1 if told else 0)


if __name__ == "__main__":
    main()
