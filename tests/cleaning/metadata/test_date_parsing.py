"""Strings that mean a date."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaning.metadata.date_parsing import parse, parse_words, zone


@pytest.mark.parametrize(
    ("text", "at", "offset"),
    [
        ("2026-01-06T14:59:00+01:00", datetime(2026, 1, 6, 13, 59, tzinfo=UTC), 60),
        ("2026-01-06T14:59:00.123456789Z", datetime(2026, 1, 6, 14, 59, tzinfo=UTC), 0),
        ("2026-01-06T14:59:00-0530", datetime(2026, 1, 6, 20, 29, tzinfo=UTC), -330),
        ("2026-1-6 14:59", datetime(2026, 1, 6, 14, 59, tzinfo=UTC), None),
        ("20260106", datetime(2026, 1, 6, tzinfo=UTC), None),
        ("Fri Apr 28 19:20:36 CEST 2023", datetime(2023, 4, 28, 17, 20, 36, tzinfo=UTC), 120),
        ("Fri, 28 Apr 2023 19:20:36 GMT", datetime(2023, 4, 28, 19, 20, 36, tzinfo=UTC), 0),
        (
            "Fri Apr 28 2023 17:52:31 GMT+0000 (Coordinated Universal Time)",
            datetime(2023, 4, 28, 17, 52, 31, tzinfo=UTC),
            0,
        ),
        ("1750680000000", datetime(2025, 6, 23, 12, tzinfo=UTC), 0),
        ("May 15th, 2023", datetime(2023, 5, 15, tzinfo=UTC), None),
        ("04.05.2022 12:30 Uhr", datetime(2022, 5, 4, 12, 30, tzinfo=UTC), None),
        ("2025年1月14日 05:00", datetime(2025, 1, 14, 5, tzinfo=UTC), None),
        ("2024-07-18T13:08:27+02:00[Europe/Berlin]", datetime(2024, 7, 18, 11, 8, 27, tzinfo=UTC), 120),
    ],
)
def test_dates_of_machines_are_read_with_their_zone(text: str, at: datetime, offset: int | None) -> None:
    found = parse(text)
    assert found is not None
    assert found.at == at
    assert found.offset == offset


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "2 hours ago",
        "yesterday",
        "394101904112026",
        "0001-01-01T00:00:00",
        "1970-01-01",
        "12:30",
        "2024-13-45",
    ],
)
def test_what_is_no_date_or_would_need_a_clock_is_refused(text: str | None) -> None:
    assert parse(text) is None


def test_a_time_without_a_zone_is_read_in_the_zone_of_the_source() -> None:
    found = parse("2024-07-18 12:00", assumed=zone("Asia/Kolkata"))
    assert found is not None
    assert (found.at, found.offset) == (datetime(2024, 7, 18, 6, 30, tzinfo=UTC), None)


def test_a_bare_day_stays_that_day_in_every_zone() -> None:
    found = parse("2024-07-18", assumed=zone("Pacific/Auckland"))
    assert found is not None
    assert (found.at.date(), found.has_time) == (date(2024, 7, 18), False)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("torsdag 09. mai 2024 - 13:26", "no"),
        ("9 mayo 2024 - 13:26", "es"),
        ("9 мая 2024, 13:26", "ru"),
        ("9. Mai 2024", "de"),
    ],
)
def test_dates_in_words_are_read_in_their_language(text: str, language: str) -> None:
    found = parse_words(text, language=language)
    assert found is not None
    assert found.local_date == date(2024, 5, 9)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_no_string_raises(text: str) -> None:
    parse(text)


@settings(deadline=None)
@given(st.datetimes(datetime(1901, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  bounds have no zone
def test_iso_dates_come_back_to_the_second(when: datetime) -> None:
    found = parse(when.isoformat())
    assert when.date() == date(1970, 1, 1) or (found is not None and found.at == when.replace(microsecond=0))


def test_a_value_of_half_a_megabyte_is_refused_at_once() -> None:
    # were a comment looked for in it, this would take minutes
    assert parse("2024-07-18 " + "(" * 500_000) is None
