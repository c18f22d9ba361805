"""Which pairs of documents are worth measuring."""

from __future__ import annotations

import numpy as np
import pytest

from cleaning.duplicates.pairs import CROWD, Pairs, find_pairs, find_postings
from cleaning.duplicates.sketches import Sketches


def sketches_of(*documents: set[int]) -> Sketches:
    """Sketches made by hand: documents of the finest level with these grams."""
    grams = np.array([gram for document in documents for gram in sorted(document)], dtype=np.uint32)
    bounds = np.append(0, np.cumsum([len(document) for document in documents]))
    words = np.array([len(document) + 2 for document in documents])
    return Sketches(grams, bounds, np.zeros(len(documents), dtype=np.uint8), words)


def found(*documents: set[int]) -> Pairs:
    sketches = sketches_of(*documents)
    return find_pairs(sketches, find_postings(sketches))


def some(begin: int, count: int) -> set[int]:
    return {2 * n for n in range(begin, begin + count)}  # even: grams without a figure


@pytest.mark.parametrize(("shared", "candidates"), [(1, 0), (2, 1)])
def test_one_shared_gram_makes_no_candidate_and_two_do(shared: int, candidates: int) -> None:
    pairs = found(some(0, 5), some(5 - shared, 5))
    assert len(pairs) == candidates
    assert pairs.shared.tolist() == [shared] * candidates


@pytest.mark.parametrize(("shared", "candidates"), [(1, 0), (2, CROWD)])
def test_the_same_holds_for_grams_of_a_crowd(shared: int, candidates: int) -> None:
    # the crowd's grams come first, so every document stands beside its neighbour and the first one
    documents = [some(0, shared) | some(100 * n, 5) for n in range(1, CROWD + 2)]
    pairs = found(*documents)
    assert len({*pairs.a.tolist(), *pairs.b.tolist()}) == (CROWD + 1 if candidates else 0)
    assert len(pairs) >= candidates


@pytest.mark.parametrize(("size", "candidates"), [(13, 1), (14, 0)])
def test_a_candidate_shares_15_percent_of_the_smaller_document(size: int, candidates: int) -> None:
    # two grams are 15.4 % of 13 and 14.3 % of 14
    assert len(found(some(0, size), some(size - 2, 40))) == candidates


def test_grams_with_figures_are_counted_apart() -> None:
    figures = {1, 3, 5}
    pairs = found(some(10, 4) | figures, some(10, 4) | {1, 3}, some(200, 3))
    assert (pairs.a.tolist(), pairs.b.tolist()) == ([0], [1])
    counts = (pairs.shared, pairs.shared_digits, pairs.size_a, pairs.size_b, pairs.digits_a, pairs.digits_b)
    assert [c.tolist() for c in counts] == [[6], [2], [7], [6], [3], [2]]
