"""How many articles no way listed: the estimate, its interval, and when there is none."""

from __future__ import annotations

from random import Random

import pytest

from flows.coverage.estimate import Captures, missed


def listed(random: Random, articles: int, *shares: float) -> list[set[str]]:
    """Which ways list each article, at these shares."""
    return [{f"way {n}" for n, share in enumerate(shares) if random.random() < share} for _ in range(articles)]


def names(count: int) -> list[str]:
    return [f"way {n}" for n in range(count)]


def test_for_two_ways_the_estimate_is_chapmans() -> None:
    captures = Captures(listed=30, by_way=(24, 16), alone=(14, 6), twice=10)
    estimate = missed(captures)
    assert estimate is not None
    assert estimate.number + 30 == pytest.approx(25 * 17 / 11 - 1)
    assert estimate.low < estimate.number < (estimate.high or 0)


def test_one_way_says_nothing_of_what_it_leaves_out() -> None:
    assert missed(Captures(listed=30, by_way=(30,), alone=(30,), twice=0)) is None
    assert missed(Captures(listed=30, by_way=(30, 0), alone=(30, 0), twice=0)) is None


def test_ways_that_agree_on_everything_miss_nothing_and_the_fewer_articles_the_wider_the_interval() -> None:
    many = missed(Captures(listed=300, by_way=(300, 150), alone=(150, 0), twice=150))
    few = missed(Captures(listed=10, by_way=(10, 5), alone=(5, 0), twice=5))
    assert many is not None
    assert few is not None
    assert (many.number, many.low, few.number, few.low) == (0, 0, 0, 0)
    assert many.high is not None
    assert few.high is not None
    assert many.high / 300 < few.high / 10


def test_ways_that_hardly_meet_have_no_upper_bound() -> None:
    estimate = missed(Captures(listed=20, by_way=(10, 10), alone=(10, 10), twice=0))
    assert estimate is not None
    assert estimate.high is None


def test_the_truth_is_within_the_interval_in_nine_of_ten_random_settings() -> None:
    random = Random(7)
    right = 0
    for _ in range(200):
        articles = random.choice((10, 30, 66, 200))
        shares = [random.uniform(0.3, 0.98) for _ in range(random.choice((2, 3)))]
        captures = Captures.of(listed(random, articles, *shares), names(len(shares)))
        estimate = missed(captures)
        assert estimate is not None
        right += estimate.low <= articles - captures.listed <= (estimate.high or articles * 100)
    assert right >= 180


def test_where_some_articles_are_hard_for_every_way_the_estimate_is_a_lower_bound() -> None:
    random = Random(7)
    easy, hard = listed(random, 300, 0.9, 0.9), listed(random, 100, 0.1, 0.1)
    captures = Captures.of([*easy, *hard], names(2))
    estimate = missed(captures)
    assert estimate is not None
    assert 0 < estimate.number < 400 - captures.listed


def test_counts_of_two_parts_add_up_to_those_of_the_whole() -> None:
    random = Random(7)
    one, other = listed(random, 40, 0.5, 0.6, 0.7), listed(random, 60, 0.5, 0.6, 0.7)
    assert Captures.of(one, names(3)) + Captures.of(other, names(3)) == Captures.of([*one, *other], names(3))
