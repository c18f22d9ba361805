"""A range has both of its ends, may be open at either, and never ends before it begins."""

from __future__ import annotations

from datetime import date

import pytest

from flows.date_range import DateRange

MAY = [date(2026, 5, n) for n in range(1, 8)]


def test_both_ends_belong_to_a_range() -> None:
    found = DateRange(MAY[1], MAY[3])
    assert found.days == MAY[1:4]
    assert [day in found for day in MAY[:5]] == [False, True, True, True, False]


def test_a_range_may_be_open_at_either_end_and_at_both_it_is_none() -> None:
    assert DateRange.between(None, None) is None
    since, until = DateRange.between(MAY[2], None), DateRange.between(None, MAY[2])
    assert since is not None
    assert until is not None
    assert [day in since for day in (MAY[1], MAY[2], date.max)] == [False, True, True]
    assert [day in until for day in (date.min, MAY[2], MAY[3])] == [True, True, False]


def test_a_range_that_ends_before_it_begins_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"ends \(2026-05-01\) before it begins \(2026-05-02\); swap the two"):
        DateRange(MAY[1], MAY[0])


def test_ranges_overlap_where_they_share_a_day() -> None:
    one = DateRange(MAY[1], MAY[3])
    assert one.overlaps(DateRange(MAY[3], MAY[5]))
    assert one.overlaps(DateRange(MAY[0], MAY[6]))
    assert not one.overlaps(DateRange(MAY[4], MAY[5]))
    assert not one.overlaps(DateRange(MAY[0], MAY[0]))
