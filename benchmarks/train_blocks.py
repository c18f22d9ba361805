"""Train the block model: python benchmarks/train_blocks.py CORPUS… [--out FILE] [--folds N] [--models FOLDER]

Each CORPUS is a folder with ``index.jsonl`` (a page a line: id, url, html, text or null, with, without) and the pages,
gzipped. Pages with a gold text teach blocks directly; pages that have only snippets are labelled by a model trained on
the others of the same fold, corrected by their snippets.

Prints what the model scores out of fold (no page of a host, in any corpus, was seen in training), beside what it scores
on its own training pages, and writes the arrays of the model trained on everything. The same input gives the same file.
``--models`` keeps the models of the folds, for ``benchmarks/cleaning.py --models``: all of cleaning, out of fold.
Needs LightGBM (dependency group dev); cleaning itself never does.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

# the repository, not this folder: benchmarks/cleaning.py would hide the package of that name
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.block_data import Sample
from benchmarks.block_forest import export, train, write
from benchmarks.block_scores import print_table
from benchmarks.fold_models import NEWS, fold_model, read_samples
from cleaning.blocks.corrections import correct
from cleaning.blocks.model import Model, from_arrays
from cleaning.blocks.select import SURE, SURE_ENOUGH, decide, settle

DEFAULT_OUT = Path(__file__).resolve().parent.parent / "cleaning" / "blocks" / "model.npz"
MAX_BYTES = 500_000  # of the file; a wheel should not grow for it
# expected F1 below which trafilatura is asked, to show what asking is worth; 2 asks on every page, 0 on none
THRESHOLDS = (2.0, 0.98, 0.97, 0.95, 0.93, 0.9, 0.0)


class Report:
    """What a model answers on pages, with trafilatura and without."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self.samples = samples
        self.together: dict[str, str] = {}
        self.alone: dict[str, str] = {}
        self.expected: dict[str, float] = {}  # of the model alone

    def add(self, sample: Sample, model: Model) -> None:
        """Judge one page without trafilatura and with it."""
        alone = decide(sample.page, None, model)
        self.alone[sample.key] = correct(alone, alone).text
        self.expected[sample.key] = alone.expected_f1
        together = settle(alone, decide(sample.page, sample.extracted, model))
        self.together[sample.key] = correct(together, alone).text

    def print(self, how: str) -> None:
        """A table for each threshold; those that newsmill uses are named."""
        for threshold in THRESHOLDS:
            doubtful = {key for key, expected in self.expected.items() if expected < threshold}
            texts = {key: (self.together if key in doubtful else self.alone)[key] for key in self.alone}
            mode = {SURE: "default mode, ", SURE_ENOUGH: "fast mode, "}.get(threshold, "")
            share = 100 * len(doubtful) / len(texts)
            print_table(f"{mode}asks on {share:.0f} % of pages (below {threshold}), {how}", self.samples, texts)


def main() -> None:
    """Train, evaluate, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT)
    parser.add_argument("--folds", type=int, default=5, help="0 trains only")
    parser.add_argument("--news", nargs="*", default=NEWS, help="names of the folders that hold news alone")
    parser.add_argument("--models", type=Path, help="folder to write the models of the folds to")
    args = parser.parse_args()
    samples = read_samples(args.corpora, args.news)
    print(f"{len(samples)} pages, {sum(len(s.page) for s in samples)} blocks", flush=True)
    report = Report(samples)
    for fold in range(args.folds):
        model = fold_model(samples, fold, args.folds, args.models)
        for sample in samples:
            if sample.fold(args.folds) == fold:
                report.add(sample, model)
    arrays = export(train(samples))
    write(args.out, arrays)
    size = args.out.stat().st_size
    print(f"{args.out.name}: {size} bytes")
    if size > MAX_BYTES:
        raise SystemExit(f"the model has {size} bytes, more than {MAX_BYTES}: use fewer trees or leaves")
    if args.folds:
        report.print("out of fold by host")
    inside = Report(samples)
    model = from_arrays(arrays)
    for sample in samples:
        inside.add(sample, model)
    inside.print("on its own training pages")


if __name__ == "__main__":
    main()
