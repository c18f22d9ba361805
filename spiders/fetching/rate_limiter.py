"""Waiting for a slot: the pace of each host within this process, coordinated with other processes through the
frontier."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from spiders.fetching.backoff import BACKOFF_SECONDS, backoff_seconds, throttled_delay
from spiders.fetching.host_budget import HostBudget, HostState
from spiders.frontier.clock_bounds import BLOCK_MAX, NEXT_REQUEST_MAX, bounded

# A host that asks for a longer wait is left for a later run, so that the others need not wait for it.
PATIENCE_SECONDS = 120.0
# Failed connections in a row after which a host is considered down for the rest of the run.
DOWN_AFTER = 8
# How often a run checks which hosts asked another run to wait; with a delay, taking the slot reveals it at once.
GLANCE_SECONDS = 1.0


class HostWaits(Exception):
    """The host may not be asked for longer than this run's patience; ``until`` is in seconds since 1970."""

    def __init__(self, host: str, until: float, reason: str) -> None:
        super().__init__(f"{host}: {reason}")
        self.host = host
        self.until = until
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Pace:
    """How a host may be asked."""

    delay: float = 0.0  # seconds from the end of a response to the next request
    concurrency: int = 1
    hold: float = 30.0  # seconds that one request may take


@dataclass(slots=True)
class Slot:
    """A slot in use; its holder reports how the request went."""

    started_at: float = 0.0
    latency: float = 0.0
    status: int = 0
    block_seconds: float | None = None  # the host asked to wait; 0 leaves the duration to the backoff
    reason: str = ""
    failed: bool = False  # no response at all


@dataclass(slots=True)
class _Host:
    gate: asyncio.Semaphore
    next_at: float = 0.0
    blocked_until: float = 0.0
    reason: str = ""
    strikes: int = 0
    failures: int = 0
    throttle: float = 0.0


class RateLimiter:
    """Hands out slots."""

    def __init__(
        self,
        budget: HostBudget,
        capacity: int,
        *,
        backoff: float = BACKOFF_SECONDS,
        patience: float = PATIENCE_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._budget = budget
        self._capacity = asyncio.Semaphore(capacity)
        self._backoff = backoff
        self._patience = patience
        self._clock = clock
        self._hosts: dict[str, _Host] = {}
        self._told: dict[str, HostState] = {}
        self._glanced_at = 0.0

    @asynccontextmanager
    async def slot(self, host: str, pace: Pace) -> AsyncIterator[Slot]:
        """Wait until the host may be asked. Raises HostWaits if that exceeds the run's patience."""
        state = self._hosts.get(host)
        if state is None:
            state = self._hosts[host] = _Host(asyncio.Semaphore(pace.concurrency))
        async with state.gate:
            await self._wait(host, state, pace)
            slot = Slot(started_at=self._clock())
            try:
                yield slot
            finally:
                self._capacity.release()
                self._settle(host, state, pace, slot)

    def is_down(self, host: str) -> bool:
        """Whether a host failed so often in a row that this run gives up on it."""
        state = self._hosts.get(host)
        return state is not None and state.failures >= DOWN_AFTER

    async def _wait(self, host: str, state: _Host, pace: Pace) -> None:
        """Wait until the host is free for us and a place of the total capacity is ours too."""
        while True:
            now = self._clock()
            # The system's clock may be set back while a run goes on.
            state.next_at = bounded(state.next_at, now, NEXT_REQUEST_MAX)
            state.blocked_until = bounded(state.blocked_until, now, BLOCK_MAX)
            self._glance(host, state, now)
            if state.blocked_until - now > self._patience:
                raise HostWaits(host, state.blocked_until, state.reason)
            wait = max(state.next_at, state.blocked_until) - now
            if wait <= 0:
                await self._capacity.acquire()
                # While we waited for capacity, a concurrent request may have been asked to wait.
                wait = max(state.next_at, state.blocked_until) - self._clock()
                delay = max(pace.delay, state.throttle)
                if wait <= 0:
                    wait = self._take(host, pace, delay)
                if wait <= 0:
                    # Concurrent requests to one host are spaced by their start times.
                    state.next_at = self._clock() + delay if pace.concurrency > 1 else 0.0
                    return
                self._capacity.release()
                self._glanced_at = 0.0
            await asyncio.sleep(min(wait, GLANCE_SECONDS))

    def _take(self, host: str, pace: Pace, delay: float) -> float:
        if pace.delay <= 0:
            return 0.0
        hold = pace.hold + pace.delay
        return self._budget.take(host, delay=delay, hold=hold, exclusive=pace.concurrency == 1)

    def _glance(self, host: str, state: _Host, now: float) -> None:
        """Pick up the waits that other runs were asked for."""
        if not 0.0 <= now - self._glanced_at < GLANCE_SECONDS:
            self._told = self._budget.blocked()
            self._glanced_at = now
        blocked = self._told.get(host)
        if blocked is not None and blocked.blocked_until > state.blocked_until:
            state.blocked_until, state.reason, state.strikes = blocked.blocked_until, blocked.reason, blocked.strikes

    def _settle(self, host: str, state: _Host, pace: Pace, slot: Slot) -> None:
        now = self._clock()
        if slot.failed:
            state.failures += 1
        elif slot.status:
            state.failures = 0
        if slot.block_seconds is not None:
            state.strikes += 1
            seconds = slot.block_seconds or backoff_seconds(state.strikes, self._backoff)
            state.blocked_until = max(state.blocked_until, now + seconds)
            state.reason = slot.reason
            self._budget.block(host, state.blocked_until, slot.reason, state.strikes)
        elif slot.status and slot.status < 500:
            state.strikes = 0
        if pace.delay > 0:
            if slot.status:
                state.throttle = throttled_delay(state.throttle, slot.latency, pace.delay, slot.status)
            state.next_at = max(state.next_at, now + max(pace.delay, state.throttle))
            self._budget.give(host, state.next_at, strikes=state.strikes)
