"""A slot is given only while its host may be asked, however long it was waited for."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from spiders.fetching import rate_limiter as module
from spiders.fetching.host_budget import HostBudget
from spiders.fetching.rate_limiter import DOWN_AFTER, HostWaits, Pace, RateLimiter
from spiders.frontier.frontier import Frontier


@pytest.fixture
def budget(tmp_path: Path) -> HostBudget:
    frontier = Frontier(tmp_path / "ledger.sqlite")
    return HostBudget(frontier.engine, frontier.leases.begin("r1"))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GLANCE_SECONDS", 0.01)


def test_a_host_that_asks_to_wait_while_we_queue_for_a_connection_is_not_asked(budget: HostBudget) -> None:
    limiter = RateLimiter(budget, 1)
    pace = Pace(concurrency=2)
    asked: list[str] = []

    async def ask(name: str, block_seconds: float | None) -> None:
        async with limiter.slot("h", pace) as slot:
            asked.append(name)
            await asyncio.sleep(0.05)
            slot.status, slot.block_seconds, slot.reason = 429, block_seconds, "answered 429"

    async def both() -> list[BaseException | None]:
        return await asyncio.gather(ask("first", 3_600), ask("second", None), return_exceptions=True)

    first, second = asyncio.run(both())
    assert asked == ["first"]
    assert first is None
    assert isinstance(second, HostWaits)
    assert second.reason == "answered 429"


def test_whoever_could_not_ask_gives_the_connection_back(budget: HostBudget) -> None:
    limiter = RateLimiter(budget, 1, patience=0.0)
    pace = Pace(concurrency=2)

    async def blocked() -> None:
        async with limiter.slot("h", pace) as slot:
            await asyncio.sleep(0.05)
            slot.status, slot.block_seconds = 429, 3_600

    async def run() -> str:
        ended = await asyncio.gather(blocked(), blocked(), return_exceptions=True)
        assert [type(e) for e in ended] == [type(None), HostWaits]
        async with asyncio.timeout(5), limiter.slot("other", Pace()):
            return "asked"

    assert asyncio.run(run()) == "asked"


def test_a_short_block_is_waited_for_to_its_end(budget: HostBudget) -> None:
    limiter = RateLimiter(budget, 1)
    moments: list[float] = []

    async def ask(block_seconds: float | None) -> None:
        async with limiter.slot("h", Pace()) as slot:
            moments.append(slot.started_at)
            slot.status, slot.block_seconds = 429, block_seconds

    async def both() -> None:
        await ask(0.3)
        await ask(None)

    asyncio.run(both())
    assert moments[1] - moments[0] >= 0.3


def test_one_answer_ends_a_row_of_failures(budget: HostBudget) -> None:
    limiter = RateLimiter(budget, 1)

    async def ask(*, failed: bool) -> None:
        async with limiter.slot("h", Pace()) as slot:
            slot.failed, slot.status = failed, 0 if failed else 200

    async def run() -> list[bool]:
        down = []
        for failed in [*[True] * (DOWN_AFTER - 1), False, *[True] * DOWN_AFTER]:
            await ask(failed=failed)
            down.append(limiter.is_down("h"))
        return down

    assert asyncio.run(run()) == [*[False] * (2 * DOWN_AFTER - 1), True]
