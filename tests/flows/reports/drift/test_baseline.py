"""A band holds what chance and the weekday explain, and nothing else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from flows.reports.drift.baseline import count_band, length_band, share_band

MONDAY = date(2026, 10, 19)


def days(counts: list[int]) -> list[tuple[date, float]]:
    return [(MONDAY + timedelta(days=n), count) for n, count in enumerate(counts)]


def test_a_short_history_lets_one_expect_nothing() -> None:
    assert count_band(days([12] * 6), MONDAY + timedelta(days=6)) is None
    assert share_band([(9, 10)] * 6, 10) is None
    assert length_band([300.0] * 6, 10, 0.5) is None


@pytest.mark.parametrize(("count", "is_outside"), [(0, True), (1, True), (12, False), (25, False), (90, True)])
def test_a_yield_leaves_the_band_only_where_chance_does_not_explain_it(count: int, is_outside: bool) -> None:
    band = count_band(days([12, 9, 14, 11, 13, 10, 12] * 4), MONDAY + timedelta(days=28))
    assert band is not None
    assert band.is_outside(count) == is_outside


def test_a_day_of_rest_is_expected_on_its_weekday_and_alarms_on_another() -> None:
    week = [30, 28, 31, 27, 33, 0, 0]
    saturday = count_band(days(week * 4), MONDAY + timedelta(days=28 + 5))
    tuesday = count_band(days(week * 4), MONDAY + timedelta(days=28 + 1))
    assert saturday is not None
    assert tuesday is not None
    assert not saturday.is_outside(0)
    assert tuesday.is_outside(0)
    assert saturday.is_outside(30)


def test_one_odd_day_in_the_history_moves_nothing() -> None:
    plain, odd = [20] * 28, [20] * 14 + [900] + [20] * 13
    bands = [count_band(days(history), MONDAY + timedelta(days=29)) for history in (plain, odd)]
    assert bands[0] == bands[1]


def test_a_share_of_few_pages_needs_a_larger_change_than_one_of_many() -> None:
    history = [(19, 20)] * 14
    few, many = share_band(history, 4), share_band(history, 200)
    assert few is not None
    assert many is not None
    assert few.low < 0.4 < many.low < 0.8
    assert not many.is_outside(0.9)


def test_a_rare_event_is_no_alarm_where_the_median_day_has_none() -> None:
    band = share_band([(0, 16), (1, 16), (0, 16), (2, 16), (1, 16), (0, 16), (0, 16), (1, 16)], 15)
    assert band is not None
    assert not band.is_outside(4 / 15)
    assert band.is_outside(11 / 15)


def test_a_length_leaves_the_band_when_texts_shrink_to_a_stub() -> None:
    band = length_band([380, 402, 371, 395, 388, 410, 377, 390], 12, 0.6)
    assert band is not None
    assert not band.is_outside(300)
    assert band.is_outside(70)
