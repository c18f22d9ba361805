"""A run's in-memory part of the queue for one host: a few claimed URLs, and those to retry."""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field

from spiders.frontier.clock_bounds import NEXT_REQUEST_MAX, bounded
from spiders.frontier.records import Task
from spiders.frontier.session import CrawlSession


@dataclass(order=True, slots=True)
class Attempt:
    """A URL to fetch, not before a given time; ``reasons`` are the outcomes of earlier attempts."""

    not_before: float
    number: int
    task: Task = field(compare=False)
    reasons: tuple[str, ...] = field(default=(), compare=False)


class HostQueue:
    """One source's URLs on one host."""

    def __init__(self, session: CrawlSession, source: str, host: str) -> None:
        self.source = source
        self.host = host
        self.workers = 0
        self.closed = False
        self._session = session
        self._fresh: deque[Task] = deque()
        self._again: list[Attempt] = []
        self._numbers = 0

    def take(self, now: float) -> Attempt | float | None:
        """The next attempt; or the seconds until there is one; or None when the queue is empty or closed."""
        if self.closed:
            return None
        if self._again and bounded(self._again[0].not_before, now, NEXT_REQUEST_MAX) <= now:
            return heapq.heappop(self._again)
        if not self._fresh:
            self._fresh.extend(self._session.claim(self.source, self.host))
        if self._fresh:
            return Attempt(now, 0, self._fresh.popleft())
        return self._again[0].not_before - now if self._again else None

    def again(self, task: Task, not_before: float, reasons: tuple[str, ...]) -> None:
        """Requeue a URL for another attempt in this run."""
        self._numbers += 1
        heapq.heappush(self._again, Attempt(not_before, self._numbers, task, reasons))

    def close(self) -> list[Attempt]:
        """Stop taking URLs of this host; releases fresh ones, and returns those already attempted."""
        self.closed = True
        self._session.release(self._fresh)
        self._fresh.clear()
        tried, self._again = self._again, []
        return tried
