"""What the trainings of the two scores of cleaning/rewrites.toml share: candidates of a set, regression, the file."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sklearn.linear_model import LogisticRegression

from cleaning.duplicates.links.evidence import Evidence
from cleaning.duplicates.rewrites import compare
from cleaning.duplicates.site_lines import host_hashes, site_lines
from cleaning.duplicates.sketches import join, reorder, sample, sketch
from cleaning.duplicates.terms import find_terms
from cleaning.duplicates.whole import group
from flows.duplicates.corpus_reader import file_batches

# Of the squared weights: enough to keep them finite, little enough to leave them alone (the usual value).
REGULARISATION = 1.0

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Weights = tuple[Floats, float]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Candidates among the articles of a set; documents are numbers in order of day and id."""

    ids: list[str]
    story: Ints  # of each document, the first one of its story as it was found
    a: Ints
    b: Ints
    evidence: Evidence


def read(path: Path) -> Pairs:
    """The candidates among the articles of a set, as ``newsmill dedup`` finds them."""
    batches = list(file_batches([path], warn=False))
    ids = np.concatenate([np.asarray(b.ids) for b in batches])
    days = np.concatenate([b.days for b in batches])
    hosts = np.concatenate([host_hashes(b.hosts) for b in batches])
    sampled = join([sample(b.texts) for b in batches])
    dropped = site_lines(sampled.lines, hosts, sampled.text) & (hosts[sampled.lines.doc] != 0)
    order = np.lexsort((ids, days))
    grouping = group(
        reorder(sketch(sampled, dropped), order),
        days[order],
        hosts[order],
        None,
        lambda docs: sampled.texts(order[docs], dropped),
    )
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    wanted = ((grouping.story == np.arange(len(order))) & ~grouping.aggregate)[rank]
    articles = np.flatnonzero(wanted)
    texts = pa.chunked_array([b.texts for b in batches]).combine_chunks()
    terms, _ = find_terms(texts.take(pa.array(articles)), dropped[wanted[sampled.lines.doc]])
    found, evidence = compare(terms, days[articles])
    a, b = rank[articles[found.a]], rank[articles[found.b]]
    return Pairs(list(map(str, ids[order])), grouping.story, np.minimum(a, b), np.maximum(a, b), evidence)


def fit(evidence: Floats, true: Flags) -> Weights:
    """Weights and constant of a logistic regression."""
    model = LogisticRegression(C=REGULARISATION, max_iter=5000, tol=1e-8).fit(evidence, true)
    return model.coef_[0], float(model.intercept_[0])


def score(evidence: Floats, weights: Weights) -> Floats:
    """Logistic function of the weighted evidence."""
    return np.asarray(1 / (1 + np.exp(-(evidence @ weights[0] + weights[1]))))


def write(path: Path, name: str, numbers: Sequence[str], weights: Weights) -> None:
    """Write the weights of one score as TOML; the other stays as it is."""
    kept = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    kept[name] = {
        "constant": weights[1],
        "weights": {number: float(w) for number, w in zip(numbers, weights[0], strict=True)},
    }
    lines = [
        "# The scores of possible rewrites and follow-ups: logistic functions of the weighted evidence (class Evidence",
        "# of cleaning/duplicates/links/evidence.py). Made by benchmarks/train_rewrites.py and train_follow_ups.py;",
        "# docs/duplicates.md explains them.",
    ]
    for one in sorted(kept, reverse=True):
        lines += ["", f"[{one}]", f"constant = {kept[one]['constant']:.3f}", "", f"[{one}.weights]"]
        lines += [f"{number} = {weight:.3f}" for number, weight in kept[one]["weights"].items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
