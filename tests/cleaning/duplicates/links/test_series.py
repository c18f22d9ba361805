"""Series: which articles are reports of one form."""

from __future__ import annotations

import numpy as np

from cleaning.duplicates.links.series import find_series
from cleaning.duplicates.pairs import Pairs


def pairs(*both: tuple[int, int]) -> Pairs:
    a, b = (np.array([p[k] for p in both], dtype=np.int64) for k in (0, 1))
    size = np.full(len(both), 20)
    return Pairs(a, b, size // 2, size * 0, size, size, size * 0, size * 0)


def test_reports_that_hang_together_are_one_series_in_order_of_rank() -> None:
    found = find_series(pairs((0, 3), (3, 5)), np.arange(6), np.zeros(6, bool), np.array([2, 0, 1, 5, 4, 3]))
    assert found.article.tolist() == [0, 5, 3]
    assert found.template.tolist() == [0, 0, 0]
    assert found.previous.tolist() == [-1, 0, 5]


def test_copies_speak_for_their_articles_and_two_copies_of_one_make_no_series() -> None:
    article = np.array([0, 0, 2, 2])
    assert find_series(pairs((0, 1)), article, np.zeros(4, bool), np.arange(4)).article.tolist() == []
    assert find_series(pairs((1, 3)), article, np.zeros(4, bool), np.arange(4)).article.tolist() == [0, 2]


def test_a_round_up_belongs_to_no_series() -> None:
    assert not len(find_series(pairs((0, 1)), np.arange(2), np.array([False, True]), np.arange(2)))


def test_what_was_decided_earlier_joins_two_forms() -> None:
    template = np.array([-1, 0, -1, -1])
    found = find_series(pairs((1, 2)), np.arange(4), np.zeros(4, bool), np.arange(4), template)
    assert found.article.tolist() == [0, 1, 2]
