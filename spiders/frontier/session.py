"""One run's hold on the frontier: what it enqueues, claims, follows and releases, under its id and its lease."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from spiders.frontier.frontier import Frontier
from spiders.frontier.records import DiscoveredUrl, Task

# URLs claimed at once: few, so that memory stays flat with any number of hosts, but enough to save statements.
CLAIM_BATCH = 32


def new_run_id(now: datetime) -> str:
    """A run's id, ``20261121T213000Z-1a2b3c``: its UTC second, by which runs sort, and three random bytes."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


@dataclass(frozen=True, slots=True)
class CrawlSession:
    """The frontier as one run sees it.

    Args:
        frontier: shared with other runs.
        run_id: under which URLs are enqueued.
        lease: under which URLs are claimed (:mod:`spiders.frontier.leases`).
        span: the queue: "" is the daily one, otherwise a backfill's "START..END".
        quota: URLs that each source may still claim in this run; no entry means no limit.
    """

    frontier: Frontier
    run_id: str
    lease: int
    span: str = ""
    quota: dict[str, int] = field(default_factory=dict)

    def enqueue(self, discovered: Iterable[DiscoveredUrl]) -> int:
        """Enqueue URLs for this run; returns how many were new."""
        return self.frontier.enqueue(self.run_id, discovered, span=self.span)

    def claim(self, source: str, host: str) -> list[Task]:
        """Claim the next URLs of one host, as many as the source's quota allows; empty when there are none."""
        left = self.quota.get(source)
        wanted = CLAIM_BATCH if left is None else min(CLAIM_BATCH, left)
        if wanted == 0:
            return []
        claimed = self.frontier.claim(self.lease, source, host, wanted, self.span)
        if left is not None:
            self.quota[source] = left - len(claimed)
        return claimed

    def follow(self, task: Task, url: str, canonical: str, host: str) -> Task | None:
        """Claim a redirect's target; None if the frontier already has a row for it."""
        return self.frontier.follow(self.run_id, self.lease, task, url, canonical, host)

    def release(self, tasks: Iterable[Task]) -> None:
        """Return claimed URLs to the queue, unfetched."""
        self.frontier.release(tasks)
