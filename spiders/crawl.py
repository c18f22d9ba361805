"""A crawl: discovery and fetching of many sources concurrently, none waiting for another."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from spiders.archive.warc_writer import WarcWriter
from spiders.catalogue import Source
from spiders.discovery.endpoints import Endpoints, ListingFault
from spiders.discovery.explorer import Explorer
from spiders.discovery.listing import Span
from spiders.discovery.listing_worker import ListingParser
from spiders.fetch_stack import FetchStack, Limits
from spiders.fetching.address_guard import Allowance
from spiders.fetching.backoff import backoff_seconds
from spiders.fetching.fetcher import Downloader, Failed
from spiders.fetching.rate_limiter import HostWaits
from spiders.frontier.frontier import Counts, DiscoveredUrl, Frontier
from spiders.frontier.host_queue import Attempt, HostQueue
from spiders.frontier.leases import HEARTBEAT_SECONDS
from spiders.frontier.outcomes import Outcome
from spiders.frontier.session import CrawlSession
from spiders.outcome_writer import OutcomeWriter

logger = logging.getLogger(__name__)

# Attempts per run at a URL with a transient failure; Scrapy's default of 3 does not outlast a burst of 503.
ATTEMPTS = 4
# A timeout costs both sides the most, so it gets one attempt fewer.
TIMEOUT_ATTEMPTS = 3
# Outcomes wait at most this long for their batch to fill.
FLUSH_SECONDS = 0.5
# Known article URLs that a source's URL shapes are learned from.
LEARN_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to do."""

    run_id: str
    sources: dict[str, Source]
    span: Span | None = None  # None: the daily crawl; otherwise a backfill by publication date
    recrawl_all: bool = False  # revisit every page and listing, due or not
    backoff: float = 2.0  # seconds after the first refusal
    patience: float = 120.0  # seconds a host may ask us to wait before it is left for a later run
    capacity: int = 32  # concurrent requests
    chromium: str | None = None  # path; None looks for the usual names

    @property
    def span_name(self) -> str:
        """The frontier's name for this run's queue."""
        if self.span is None:
            return ""
        return f"{self.span.start.isoformat()}..{self.span.end.isoformat() if self.span.end else ''}"


class Crawl:
    """One run over the frontier."""

    def __init__(
        self,
        plan: Plan,
        frontier: Frontier,
        warc: WarcWriter,
        engine: Downloader,
        *,
        user_agent: str,
        allowance: Allowance,
        refused: dict[str, str],
    ) -> None:
        self._plan = plan
        self._frontier = frontier
        self._clock = frontier.clock
        self._outcomes = OutcomeWriter(frontier, warc, plan.run_id)
        self._lease = frontier.leases.begin(plan.run_id)
        self._session = CrawlSession(
            frontier,
            plan.run_id,
            self._lease,
            plan.span_name,
            {name: s.limits.max_urls for name, s in plan.sources.items() if s.limits.max_urls is not None},
        )
        self._allowance = allowance
        self._endpoints = Endpoints(frontier.engine)
        self._fetching = FetchStack.build(
            self._session,
            engine,
            warc,
            Limits(plan.capacity, plan.backoff, plan.patience),
            user_agent=user_agent,
            allowance=allowance,
            refused=refused,
            chromium=plan.chromium,
            clock=self._clock,
        )
        self._queues: dict[tuple[str, str], HostQueue] = {}
        self._enqueueing = asyncio.Lock()
        self._parser = ListingParser()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> dict[str, Counts]:
        """Crawl until nothing is left to do; returns the counts per source."""
        names = list(self._plan.sources)
        recovered = self._frontier.leases.recover()
        if recovered:
            logger.info("%d URLs that dead crawls had claimed are back in the queue", recovered)
        if self._plan.span is None:
            self._frontier.wake(names, recrawl_all=self._plan.recrawl_all)
        chores = [asyncio.create_task(self._every(HEARTBEAT_SECONDS, self._beat))]
        chores.append(asyncio.create_task(self._every(FLUSH_SECONDS, self._outcomes.flush)))
        try:
            for source in self._plan.sources.values():
                self._spawn(self._explore(source))
            self._start_workers(self._frontier.hosts_waiting(names, self._plan.span_name))
            while self._tasks:
                done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    self._tasks.discard(task)
                    task.result()
        finally:
            for task in (*chores, *self._tasks):
                task.cancel()
            await asyncio.gather(*chores, *self._tasks, return_exceptions=True)
            self._parser.close()
            await self._fetching.close()
            self._outcomes.close()
            self._frontier.leases.end(self._lease)
        return self._frontier.counts(self._plan.run_id)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.add(asyncio.create_task(work))

    async def _every(self, seconds: float, chore: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(seconds)
            chore()

    def _beat(self) -> None:
        self._frontier.leases.beat(self._lease)
        self._frontier.leases.recover()

    # -- discovery ---------------------------------------------------------------------------------------------

    async def _explore(self, source: Source) -> None:
        explorer = Explorer(
            run_id=self._plan.run_id,
            source=source,
            fetcher=self._fetching.fetcher,
            endpoints=self._endpoints,
            enqueue=self._enqueue,
            span=self._plan.span,
            allowance=self._allowance,
            clock=self._clock,
            backoff=self._plan.backoff,
            recrawl_all=self._plan.recrawl_all,
            learned=self._frontier.articles(source.name, LEARN_LIMIT),
            parser=self._parser,
        )
        try:
            await explorer.run()
        except Exception as error:
            # A bug in one source's discovery must not stop the others.
            logger.exception("%s: discovery failed unexpectedly; please report this", source.name)
            fault = ListingFault(source.name, source.home, Outcome.INTERNAL_ERROR, repr(error))
            self._endpoints.note_fault(self._plan.run_id, fault)

    async def _enqueue(self, discovered: list[DiscoveredUrl]) -> int:
        """Enqueue a batch. Takes at most half of the time: 50,000 entries must not hold up the fetching."""
        async with self._enqueueing:
            begun = time.perf_counter()
            new = self._session.enqueue(discovered)
            self._start_workers({(one.source, one.host) for one in discovered if one.outcome is None})
            await asyncio.sleep(time.perf_counter() - begun)
        return new

    # -- visits ------------------------------------------------------------------------------------------------

    def _start_workers(self, hosts: Iterable[tuple[str, str]]) -> None:
        for name, host in hosts:
            queue = self._queue(name, host)
            source = self._plan.sources[name]
            while queue.workers < source.politeness.concurrency and not queue.closed:
                queue.workers += 1
                self._spawn(self._work(source, queue))

    def _queue(self, source: str, host: str) -> HostQueue:
        key = (source, host)
        if key not in self._queues:
            self._queues[key] = HostQueue(self._session, source, host)
        return self._queues[key]

    async def _work(self, source: Source, queue: HostQueue) -> None:
        try:
            while True:
                attempt = queue.take(self._clock())
                if attempt is None:
                    return
                if isinstance(attempt, float):
                    await asyncio.sleep(attempt)
                    continue
                await self._attempt(source, queue, attempt)
        finally:
            queue.workers -= 1

    async def _attempt(self, source: Source, queue: HostQueue, attempt: Attempt) -> None:
        task, reasons = attempt.task, attempt.reasons
        try:
            visited = await self._fetching.articles.visit(source, task)
        except HostWaits as waits:
            self._leave(queue, attempt, waits)
            return
        except Exception as error:
            detail = "".join(traceback.format_exception(error))[-2000:]
            logger.exception("%s: internal error; please report this", task.url)
            self._outcomes.add([self._fetching.articles.give_up(task, Failed(Outcome.INTERNAL_ERROR, detail))])
            return
        self._outcomes.add(visited.ended)
        if visited.again is None:
            return
        current, failed = visited.again
        if current.id != task.id:
            reasons = ()
        reasons = (*reasons, failed.outcome)
        target = self._queue(source.name, current.host)
        if len(reasons) >= ATTEMPTS or reasons.count(Outcome.TIMEOUT) >= TIMEOUT_ATTEMPTS or target.closed:
            self._outcomes.add([self._fetching.articles.give_up(current, _last(failed, reasons), len(reasons))])
        else:
            target.again(current, self._clock() + backoff_seconds(len(reasons), self._plan.backoff), reasons)
            self._start_workers([(source.name, current.host)])
        if self._fetching.rate_limiter.is_down(current.host):
            self._close(target, failed)

    def _leave(self, queue: HostQueue, attempt: Attempt, waits: HostWaits) -> None:
        """The host asks for a longer wait than this run's patience: unfetched URLs stay in the frontier."""
        logger.warning("%s; left for a later run", waits)
        if attempt.reasons or waits.host != queue.host:
            failed = Failed(attempt.reasons[-1] if attempt.reasons else Outcome.RETRIES_EXHAUSTED, str(waits))
            self._outcomes.add([self._fetching.articles.give_up(attempt.task, failed, len(attempt.reasons))])
        else:
            self._session.release([attempt.task])
        self._close(self._queue(queue.source, waits.host), Failed(Outcome.RETRIES_EXHAUSTED, waits.reason))

    def _close(self, queue: HostQueue, failed: Failed) -> None:
        if queue.closed:
            return
        logger.warning("%s: %s: skipped for the rest of this run", queue.host, failed.detail)
        for tried in queue.close():
            ended = self._fetching.articles.give_up(
                tried.task, Failed(tried.reasons[-1], failed.detail), len(tried.reasons)
            )
            self._outcomes.add([ended])


def _last(failed: Failed, reasons: tuple[str, ...]) -> Failed:
    """The failure that ends a URL: under its own name if every attempt failed alike."""
    if len(set(reasons)) == 1:
        return failed
    return Failed(Outcome.RETRIES_EXHAUSTED, f"{', '.join(reasons)}; last: {failed.detail}", size=failed.size)
