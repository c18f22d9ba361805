"""A page on which cleaning itself fails ends alone, as a named outcome."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any

from cleaning.records import RawPage, Reason, Rejection, SourceFacts
from flows.cli.clean_inputs import Input
from flows.cli.clean_pool import _result


def test_a_fault_of_cleaning_rejects_its_page_and_tells_the_fault() -> None:
    moment = datetime(2026, 7, 8, tzinfo=UTC)
    page = RawPage("https://hallow-echo.example/1", "hallow-echo", b"<p>x", moment, "run", "file", 7)
    future: Any = Future()
    future.set_exception(ValueError("made to fail"))
    rejected = _result(Input("a", page, SourceFacts("hallow-echo")), future, 1.0).result
    assert isinstance(rejected, Rejection)
    assert rejected.reason == Reason.UNREADABLE
    assert "ValueError: made to fail" in rejected.detail
    assert (rejected.url, rejected.raw_offset, rejected.fetched_at) == (page.url, 7, moment)
