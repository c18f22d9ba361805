"""Train the block model: python benchmarks/train_blocks.py CORPUS… [--out FILE] [--folds N]

Each CORPUS is a folder with ``index.jsonl`` (a page a line: id, url, html, text or null, with, without) and the pages,
gzipped. Pages with a gold text teach blocks directly; pages that have only snippets are labelled by a model trained on
the others of the same fold, corrected by their snippets.

Prints what the model scores out of fold (no page of a host, in any corpus, was seen in training), beside what it scores
on its own training pages, and writes the arrays of the model trained on everything. The same input gives the same file.
Needs LightGBM (dependency group dev); cleaning itself never does.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from block_data import read_corpus
from block_forest import export, train, write
from block_scores import print_table

from cleaning.blocks.model import from_arrays
from cleaning.blocks.select import decide

DEFAULT_OUT = Path(__file__).resolve().parent.parent / "cleaning" / "blocks" / "model.npz"
MAX_BYTES = 500_000  # of the file; a wheel should not grow for it


def main() -> None:
    """Train, evaluate, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT)
    parser.add_argument("--folds", type=int, default=5, help="0 trains only")
    parser.add_argument("--news", nargs="*", default=["fundus"], help="names of the folders that hold news alone")
    args = parser.parse_args()
    samples = [sample for folder in args.corpora for sample in read_corpus(folder, news=folder.name in args.news)]
    print(f"{len(samples)} pages, {sum(len(s.page) for s in samples)} blocks")
    answers: dict[str, dict[str, str]] = {mode: {} for mode in ("default", "alone")}
    for fold in range(args.folds):
        seen = [s for s in samples if s.fold(args.folds) != fold]
        model = from_arrays(export(train(seen)))
        for sample in samples:
            if sample.fold(args.folds) == fold:
                for mode, extracted in (("default", sample.extracted), ("alone", None)):
                    answers[mode][sample.key] = decide(sample.page, extracted, model).text
    arrays = export(train(samples))
    write(args.out, arrays)
    size = args.out.stat().st_size
    print(f"{args.out.name}: {size} bytes")
    if size > MAX_BYTES:
        raise SystemExit(f"the model has {size} bytes, more than {MAX_BYTES}: use fewer trees or leaves")
    model = from_arrays(arrays)
    for mode, texts in answers.items():
        if args.folds:
            print_table(f"{mode}, out of fold by host", samples, texts)
        inside = {s.key: decide(s.page, s.extracted if mode == "default" else None, model).text for s in samples}
        print_table(f"{mode}, on its own training pages", samples, inside)


if __name__ == "__main__":
    main()
