"""Pages in worker processes: results come in order, and a page that fails fails alone, with its reason."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as PageTimeout
from datetime import UTC, datetime

import pytest
from pebble import ProcessExpired

from cleaning.records import Cleaned, RawPage, Reason
from cleaning.rejection import reject
from flows.publishing.workers.page_futures import PageFault, cleaned_in_order

PAGE = RawPage("https://hallow-echo.example/1", "hallow-echo", b"", datetime(2026, 7, 8, tzinfo=UTC), "run", "file", 7)
GOOD = Cleaned(reject(PAGE, Reason.UNREADABLE, "stands for any result", "v"))


def ends(result: Cleaned | Exception) -> Future[Cleaned]:
    future: Future[Cleaned] = Future()
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
    return future


@pytest.mark.parametrize(
    ("error", "reason", "detail", "is_ours"),
    [
        (PageTimeout(), Reason.TIME_LIMIT, "longer than 3 s", False),
        (ProcessExpired("gone", 9), Reason.UNREADABLE, "exit code 9", False),
        (ValueError("made to fail"), Reason.UNREADABLE, "ValueError: made to fail", True),
    ],
)
def test_a_page_that_fails_names_its_reason_and_the_next_is_cleaned(
    error: Exception, reason: Reason, detail: str, is_ours: bool
) -> None:
    given: list[Cleaned | Exception] = [error, GOOD]
    (_, fault), (_, good) = cleaned_in_order(given, ends, ahead=2, page_seconds=3)
    assert isinstance(fault, PageFault)
    assert fault.reason == reason
    assert detail in fault.detail
    assert (fault.error is error) == is_ours
    assert good is GOOD


def test_no_more_pages_are_read_ahead_than_may_be_held_in_memory() -> None:
    read: list[int] = []

    def numbered(number: int) -> int:
        read.append(number)
        return number

    submit: Callable[[int], Future[Cleaned]] = lambda _: ends(GOOD)  # noqa: E731
    results = cleaned_in_order(map(numbered, range(10)), submit, ahead=3, page_seconds=1)
    assert next(results)[0] == 0
    assert read == [0, 1, 2]
    assert [item for item, _ in results] == list(range(1, 10))
