"""Models that have not seen a page: one a fold of registered domains, trained here or read from a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.block_data import Sample, read_corpus
from benchmarks.block_forest import export, train, write
from cleaning.blocks.model import Model, from_arrays

FILE = "fold-{fold}-of-{folds}.npz"
NEWS = ("fundus",)  # names of the folders that hold news alone


def read_samples(folders: Sequence[Path], news: Sequence[str] = NEWS) -> list[Sample]:
    """All pages of the corpora as training samples."""
    samples: list[Sample] = []
    for folder in folders:
        samples += read_corpus(folder, news=folder.name in news)
        print(f"{folder.name}: {len(samples)} samples read", flush=True)
    return samples


def fold_model(samples: Sequence[Sample], fold: int, folds: int, models: Path | None) -> Model:
    """Train the model of a fold on all other folds, and keep it in a folder where one is given."""
    arrays = export(train([s for s in samples if s.fold(folds) != fold]))
    if models is not None:
        models.mkdir(parents=True, exist_ok=True)
        write(models / FILE.format(fold=fold, folds=folds), arrays)
    print(f"fold {fold + 1} of {folds} is trained", flush=True)
    return from_arrays(arrays)


def stored_model(fold: int, folds: int, models: Path | None) -> Model | None:
    """The model of a fold as it was kept; None where it was not."""
    path = models / FILE.format(fold=fold, folds=folds) if models is not None else None
    if path is None or not path.exists():
        return None
    with np.load(path) as arrays:
        return from_arrays({name: arrays[name] for name in arrays.files})


def all_models(folders: Sequence[Path], folds: int, models: Path | None) -> list[Model]:
    """The model of each fold: as kept in the folder, else trained on these corpora and kept there.

    What is kept is believed: empty the folder after a change of features, training or corpora.
    """
    stored = [stored_model(fold, folds, models) for fold in range(folds)]
    known = [model for model in stored if model is not None]
    if len(known) == folds:
        return known
    samples = read_samples(folders)
    return [model or fold_model(samples, fold, folds, models) for fold, model in enumerate(stored)]
