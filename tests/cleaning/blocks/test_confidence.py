from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaning.blocks.confidence import best_choice, expected_f1


def test_expected_f1_of_a_sure_choice_is_one() -> None:
    keep = np.array([True, True, False])
    assert expected_f1(keep, np.array([1.0, 1.0, 0.0]), np.array([10.0, 5.0, 80.0])) == pytest.approx(1.0)


def test_expected_f1_counts_words_that_are_wrong_and_words_that_are_missed() -> None:
    probability, words = np.array([1.0, 0.5, 0.5]), np.array([10.0, 10.0, 10.0])
    # right 15 of 20 kept, of 20 expected in the article
    assert expected_f1(np.array([True, True, False]), probability, words) == pytest.approx(2 * 15 / (20 + 20))
    assert expected_f1(np.zeros(3, bool), probability, words) == 0


@given(st.lists(st.tuples(st.floats(0.01, 0.99), st.integers(1, 60)), min_size=1, max_size=7))
def test_the_best_choice_is_the_best_of_all_choices(blocks: list[tuple[float, int]]) -> None:
    probability = np.array([p for p, _ in blocks])
    words = np.array([float(n) for _, n in blocks])
    choices = [np.array(bits) for bits in product((False, True), repeat=len(blocks))]
    best = max(expected_f1(choice, probability, words) for choice in choices)
    keep, score = best_choice(probability, words)
    assert score == pytest.approx(best, abs=1e-9)
    assert expected_f1(keep, probability, words) == pytest.approx(score)


def test_no_blocks() -> None:
    keep, score = best_choice(np.zeros(0), np.zeros(0))
    assert (keep.size, score) == (0, 0.0)
