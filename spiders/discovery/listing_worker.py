"""Listings parsed in a process of their own, bounded in time and memory: what a server sends cannot hold up a crawl."""

from __future__ import annotations

import asyncio
import resource
import signal
import sys
from collections.abc import Callable
from concurrent.futures import TimeoutError as TookTooLong
from multiprocessing import get_context, parent_process

from pebble import ProcessExpired, ProcessPool

from spiders.discovery.listing import Fault, Listing
from spiders.discovery.listing_reader import read_listing
from spiders.discovery.sections import ArticleLinks, read_section
from spiders.system.parent_watch import end_with_parent

# 50,000 sitemap entries take 2 s on a busy machine; ten times that is no listing but an attack.
SECONDS = 20.0
# Ten times what the largest listing that the protocol allows was seen to take.
MEMORY_BYTES = 1_000_000_000
# lxml's and feedparser's memory grows with what they saw; a fresh worker costs half a second.
LISTINGS_PER_WORKER = 500
# Another listing is read while one is slow; more would take the crawl's own processor.
WORKERS = 2


class ListingParser:
    """Worker processes that parse listings; started with the first one."""

    def __init__(self, *, seconds: float = SECONDS, memory: int = MEMORY_BYTES) -> None:
        self._seconds = seconds
        self._memory = memory
        self._pool: ProcessPool | None = None

    async def listing(self, body: bytes, url: str) -> Listing:
        """As :func:`read_listing`; Fault.TOO_COSTLY where that takes too long or too much memory."""
        return await self._run(read_listing, body, url)

    async def section(self, body: bytes, url: str, judge: ArticleLinks) -> Listing:
        """As :func:`read_section`; Fault.TOO_COSTLY where that takes too long or too much memory."""
        return await self._run(read_section, body, url, judge)

    def close(self) -> None:
        """End the workers, whatever they do."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None

    async def _run(self, parse: Callable[..., Listing], *args: object) -> Listing:
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=WORKERS,
                max_tasks=LISTINGS_PER_WORKER,
                initializer=_bound,
                initargs=[self._memory],
                context=get_context("spawn"),
            )
        future = self._pool.schedule(parse, args=list(args), timeout=self._seconds)
        try:
            return await asyncio.wrap_future(future)
        except TookTooLong:
            return Listing(fault=Fault.TOO_COSTLY, detail=f"parsing took longer than {self._seconds:g} s")
        except ProcessExpired as error:
            return Listing(fault=Fault.TOO_COSTLY, detail=f"its parser died, exit code {error.exitcode}")
        except MemoryError:
            return Listing(fault=Fault.TOO_COSTLY, detail=f"parsing took more than {self._memory:,} bytes of memory")


def _bound(memory: int) -> None:
    """Bounds of a worker: Ctrl-C is the crawl's to answer, memory is refused, and none outlives the crawl."""
    crawl = parent_process()
    if crawl is not None and crawl.pid is not None:
        end_with_parent(crawl.pid)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform.startswith("linux"):
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
