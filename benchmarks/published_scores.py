"""The figures that the field publishes for article extraction, so that ours can be read beside theirs.

* Shingles: F1, precision and recall of 4-word shingles and the share of exact pages, as scrapinghub's
  article-extraction-benchmark defines them (evaluate.py: case kept, each page normalised to one, F1 of the two means,
  ± 1.96 standard deviations of the bootstrap).
* ROUGE-LSum, as the Fundus paper (Dallabetta et al., ACL 2024) reports it: Lin 2004, union of the longest common
  subsequences of each gold line with all lines of the answer. Words are ``\\w+`` in lower case; the scorer that Fundus
  used drops all that is not a-z or 0-9, which leaves nothing of most scripts.
* Word F1 (as WCXB), mean and median.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq

from benchmarks.block_scores import word_scores

SHINGLE = 4
DRAWS = 1000  # of the bootstrap, as there
DEVIATIONS = 1.96
SEED = 1
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class PageScore:
    """One answer against its gold text; all 0 to 1."""

    precision: float  # of shingles; NaN where the answer has none
    recall: float  # of shingles; NaN where the gold text has none
    exact: float  # 1 where the words are the gold's in the gold's order
    rouge: float  # F1 of ROUGE-LSum
    words: float  # F1 of bags of words


def score_page(text: str, gold: str) -> PageScore:
    """All scores of one answer."""
    mine, wanted = _WORD.findall(text), _WORD.findall(gold)
    a, b = _shingles(mine), _shingles(wanted)
    shared = (a & b).total()
    precision = shared / a.total() if a else float("nan")
    recall = shared / b.total() if b else float("nan")
    return PageScore(precision, recall, float(mine == wanted), rouge_lsum(text, gold), word_scores(text, gold)[0])


def _shingles(words: list[str]) -> Counter[tuple[str, ...]]:
    # a text shorter than a shingle is one shingle
    return Counter(tuple(words[n : n + SHINGLE]) for n in range(max(1, len(words) - SHINGLE + 1)) if words)


def rouge_lsum(text: str, gold: str) -> float:
    """F1 of ROUGE-LSum; lines are its sentences."""
    mine, wanted = (
        [words for line in whole.lower().split("\n") if (words := _WORD.findall(line))] for whole in (text, gold)
    )
    left = Counter(word for line in mine for word in line)
    sizes = left.total(), sum(map(len, wanted))
    left_in_gold = Counter(word for line in wanted for word in line)
    hits = 0
    for line in wanted:
        held: set[int] = set()
        for other in mine:
            for block in LCSseq.opcodes(line, other):
                if block.tag == "equal":
                    held.update(range(block.src_start, block.src_end))
        for n in sorted(held):
            word = line[n]
            if left[word] > 0 and left_in_gold[word] > 0:
                left[word] -= 1
                left_in_gold[word] -= 1
                hits += 1
    return 2 * hits / sum(sizes) if hits else float(sizes == (0, 0))


def figures(pages: Sequence[PageScore]) -> dict[str, tuple[float, float]]:
    """Each figure of a corpus with its ±, which is NaN for the median."""
    table = np.array([(p.precision, p.recall, p.exact, p.rouge, p.words) for p in pages])
    draws = np.random.default_rng(SEED).integers(0, len(table), (DRAWS, len(table)))
    means = np.stack([_means(table[draw]) for draw in draws])
    spread = DEVIATIONS * means.std(axis=0, ddof=1)
    names = ("shingle F1", "shingle P", "shingle R", "exact", "ROUGE-LSum", "word F1")
    found = dict(zip(names, zip(_means(table).tolist(), spread.tolist(), strict=True), strict=True))
    return found | {"median": (float(np.median(table[:, 4])), float("nan"))}


def _means(table: NDArray[np.float64]) -> NDArray[np.float64]:
    # over the pages that have shingles; of none where no page of a draw has
    precision, recall = np.nansum(table[:, :2], axis=0) / np.maximum((~np.isnan(table[:, :2])).sum(axis=0), 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return np.array([f1, precision, recall, *table[:, 2:].mean(axis=0)])


def paired(a: Sequence[float], b: Sequence[float]) -> tuple[float, float, float]:
    """Mean of b − a over the same pages, with its 95 % bootstrap interval."""
    change = np.asarray(b) - np.asarray(a)
    draws = np.random.default_rng(SEED).integers(0, len(change), (DRAWS, len(change)))
    low, high = np.quantile(change[draws].mean(axis=1), (0.025, 0.975))
    return float(change.mean()), float(low), float(high)
