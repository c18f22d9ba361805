"""How far back a way of discovery reaches."""

from __future__ import annotations

from datetime import date, timedelta

from flows.coverage.reach import DayCounts, reached, reaching

FIRST = date(2026, 7, 1)


def days(listed: list[int], feed: list[int]) -> list[DayCounts]:
    """Days with these numbers of listed URLs, all of them by a sitemap, and these by a feed."""
    return [
        DayCounts(FIRST + timedelta(days=n), whole, {"sitemap": whole, "feed": own})
        for n, (whole, own) in enumerate(zip(listed, feed, strict=True))
    ]


def numbers(found: set[date]) -> list[int]:
    return sorted((day - FIRST).days for day in found)


def test_a_feed_reaches_no_day_before_its_oldest_entry_whose_own_day_it_may_hold_in_part() -> None:
    counted = days([5, 5, 5, 5, 5], [0, 0, 2, 5, 5])
    assert numbers(reached(counted, "feed")) == [3, 4]
    assert numbers(reached(counted, "sitemap")) == [0, 1, 2, 3, 4]


def test_a_day_without_an_entry_between_others_is_reached_unless_chance_would_hardly_leave_it_out() -> None:
    rare = days([1, 1, 1, 1, 1, 1], [1, 0, 1, 0, 0, 1])
    assert numbers(reached(rare, "feed")) == [0, 1, 2, 3, 4, 5]
    stopped = days([20, 20, 20, 20], [19, 0, 0, 20])
    assert numbers(reached(stopped, "feed")) == [0, 3]


def test_a_way_that_lists_nothing_reaches_nothing() -> None:
    assert reached(days([5, 5], [0, 0]), "feed") == set()


def test_a_day_is_judged_by_the_two_weeks_around_it() -> None:
    counted = days([5] * 60, [5] * 10 + [0] * 40 + [5] * 10)
    assert reaching(counted, FIRST + timedelta(days=5), ["feed", "sitemap"]) == {"feed", "sitemap"}
    assert reaching(counted, FIRST + timedelta(days=30), ["feed", "sitemap"]) == {"sitemap"}
