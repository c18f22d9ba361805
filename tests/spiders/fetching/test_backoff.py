"""How long to wait."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from email.utils import formatdate
from itertools import pairwise
from pathlib import Path

import pytest

from spiders.fetching.backoff import backoff_seconds, retry_after_seconds, throttled_delay
from spiders.fetching.host_budget import POLL_SECONDS, HostBudget, HostState
from spiders.fetching.rate_limiter import HostWaits, Pace, RateLimiter
from spiders.frontier.frontier import Frontier

NOW = datetime(2026, 7, 20, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        (formatdate(NOW + 90), 90.0),
        ("Mon, 20 Jul 2026 11:00:00 GMT", 0.0),
        ("Mon, 20 Jul 2026 14:00:00 +0100", 3600.0),
        ("soon", None),
        ("", None),
        ("nan", None),
        ("-5", 0.0),
        ("99999999999", 86_400.0),
        (formatdate(NOW + 10 * 86_400), 86_400.0),
    ],
)
def test_retry_after_is_read_in_both_forms_and_capped(value: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(value, NOW) == seconds


def test_backoff_doubles_and_is_capped() -> None:
    assert [backoff_seconds(strikes, 2.0) for strikes in (1, 2, 3)] == [2.0, 4.0, 8.0]
    assert backoff_seconds(1_000, 2.0) == 300.0


def test_the_throttle_follows_a_slow_server_and_no_error_page_makes_it_faster() -> None:
    assert throttled_delay(1.0, 5.0, 1.0, 200) == 5.0
    assert throttled_delay(5.0, 1.0, 1.0, 200) == 3.0
    assert throttled_delay(5.0, 0.01, 1.0, 503) == 5.0
    assert throttled_delay(0.0, 0.01, 1.0, 200) == 1.0


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def budgets(tmp_path: Path, clock: Clock) -> tuple[HostBudget, HostBudget]:
    frontier = Frontier(tmp_path / "ledger.sqlite", clock=clock)
    return tuple(HostBudget(frontier.engine, frontier.leases.begin(run), clock) for run in ("a", "b"))  # type: ignore[return-value]


def test_one_host_is_asked_by_one_run_at_a_time_and_after_its_delay(tmp_path: Path) -> None:
    clock = Clock()
    mine, theirs = budgets(tmp_path, clock)
    assert mine.take("h", delay=2, hold=30, exclusive=True) == 0
    clock.now += 5
    assert theirs.take("h", delay=2, hold=30, exclusive=True) > 0, "the other run still waits for its answer"
    mine.give("h", clock.now + 2, strikes=0)
    assert theirs.take("h", delay=2, hold=30, exclusive=True) == 2
    clock.now += 1.5
    assert theirs.take("h", delay=2, hold=30, exclusive=True) == 0.5
    clock.now += 0.5
    assert theirs.take("h", delay=2, hold=30, exclusive=True) == 0


def test_a_turn_that_was_never_given_back_is_free_after_its_time(tmp_path: Path) -> None:
    clock = Clock()
    mine, theirs = budgets(tmp_path, clock)
    mine.take("h", delay=2, hold=30, exclusive=True)
    clock.now += 31
    assert theirs.take("h", delay=2, hold=30, exclusive=True) == 0


def test_a_host_that_asked_to_wait_is_left_alone_by_every_run(tmp_path: Path) -> None:
    clock = Clock()
    mine, theirs = budgets(tmp_path, clock)
    mine.block("h", clock.now + 60, "answered 429", 1)
    mine.block("h", clock.now + 10, "answered 429", 2)
    assert theirs.take("h", delay=1, hold=30, exclusive=True) == 60
    assert theirs.blocked()["h"].blocked_until == clock.now + 60


def test_a_blocked_host_says_until_when_why_and_after_how_many_strikes(tmp_path: Path) -> None:
    clock = Clock()
    mine, theirs = budgets(tmp_path, clock)
    end = clock.now + 60
    mine.block("h", end, "answered 429", 1)
    assert theirs.blocked() == {"h": HostState(end, "answered 429", 1)}
    mine.block("h", end - 50, "answered 503", 2)
    assert theirs.blocked() == {"h": HostState(end, "answered 503", 2)}
    mine.give("h", clock.now, strikes=3)
    assert theirs.blocked() == {"h": HostState(end, "answered 503", 3)}
    clock.now = end
    assert theirs.blocked() == {}
    assert theirs.take("h", delay=1, hold=30, exclusive=True) == 0


def test_a_slot_that_is_taken_again_is_held_as_long_as_the_first(tmp_path: Path) -> None:
    clock = Clock()
    mine, theirs = budgets(tmp_path, clock)
    mine.take("h", delay=2, hold=30, exclusive=True)
    mine.give("h", clock.now + 2, strikes=0)
    clock.now += 2
    assert theirs.take("h", delay=2, hold=30, exclusive=True) == 0
    clock.now += 29
    assert mine.take("h", delay=2, hold=30, exclusive=True) == POLL_SECONDS
    clock.now += 2
    assert mine.take("h", delay=2, hold=30, exclusive=True) == 0


def test_a_run_that_does_not_hold_the_slot_can_delay_the_next_request_but_not_free_the_slot(tmp_path: Path) -> None:
    clock = Clock()
    mine, theirs = budgets(tmp_path, clock)
    mine.take("h", delay=2, hold=30, exclusive=True)
    theirs.give("h", clock.now + 10, strikes=0)
    theirs.give("h", clock.now + 3, strikes=0)  # sooner than what was said before: that stays
    assert theirs.take("h", delay=2, hold=30, exclusive=True) == 10
    clock.now += 10
    assert theirs.take("h", delay=2, hold=30, exclusive=True) == POLL_SECONDS


def test_requests_side_by_side_keep_their_distance_and_no_slot(tmp_path: Path) -> None:
    clock = Clock()
    mine, theirs = budgets(tmp_path, clock)
    assert mine.take("h", delay=2, hold=30, exclusive=False) == 0
    assert theirs.take("h", delay=2, hold=30, exclusive=False) == 2
    clock.now += 2
    assert theirs.take("h", delay=2, hold=30, exclusive=False) == 0
    assert mine.take("h", delay=2, hold=30, exclusive=False) == 2
    clock.now += 2
    assert mine.take("h", delay=2, hold=30, exclusive=True) == 0


def test_a_longer_wait_than_the_run_is_patient_is_told_at_once(tmp_path: Path) -> None:
    clock = Clock()
    mine, theirs = budgets(tmp_path, clock)
    theirs.block("h", clock.now + 3_600, "answered 429", 1)
    rate_limiter = RateLimiter(mine, 4, patience=120, clock=clock)

    async def ask(delay: float) -> None:
        async with rate_limiter.slot("h", Pace(delay)):
            pytest.fail("asked a host that is to be left alone")

    for delay in (0.0, 1.0):
        with pytest.raises(HostWaits) as caught:
            asyncio.run(ask(delay))
        assert caught.value.until == clock.now + 3_600


def test_requests_side_by_side_are_spaced_by_the_delay_too(tmp_path: Path) -> None:
    frontier = Frontier(tmp_path / "ledger.sqlite")
    rate_limiter = RateLimiter(HostBudget(frontier.engine, frontier.leases.begin("a")), 8)
    begun: list[float] = []

    async def ask() -> None:
        async with rate_limiter.slot("h", Pace(0.05, concurrency=3)) as turn:
            begun.append(turn.started_at)
            turn.status = 200
            await asyncio.sleep(0.1)

    async def all_at_once() -> None:
        await asyncio.gather(*(ask() for _ in range(5)))

    asyncio.run(all_at_once())
    assert all(later - earlier >= 0.05 for earlier, later in pairwise(begun))


def test_a_host_whose_connections_fail_in_a_row_is_down(tmp_path: Path) -> None:
    frontier = Frontier(tmp_path / "ledger.sqlite")
    rate_limiter = RateLimiter(HostBudget(frontier.engine, frontier.leases.begin("a")), 8)

    async def fail(times: int) -> None:
        for _ in range(times):
            async with rate_limiter.slot("h", Pace()) as turn:
                turn.failed = True

    asyncio.run(fail(7))
    assert not rate_limiter.is_down("h")
    asyncio.run(fail(1))
    assert rate_limiter.is_down("h")
