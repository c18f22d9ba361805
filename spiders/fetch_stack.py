"""Wires everything that fetching an article needs: host budget, rate limiter, robots.txt, fetcher, browser."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from spiders.archive.warc_writer import WarcWriter
from spiders.article_fetch import ArticleFetcher
from spiders.fetching.address_guard import Allowance
from spiders.fetching.browser import Renderer
from spiders.fetching.fetcher import Downloader, Fetcher
from spiders.fetching.host_budget import HostBudget
from spiders.fetching.rate_limiter import RateLimiter
from spiders.fetching.robots import RobotsStore
from spiders.fetching.statements import StatementReader
from spiders.frontier.session import CrawlSession


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast a run may send requests."""

    capacity: int  # concurrent requests over all hosts
    backoff: float  # seconds after the first refusal
    patience: float  # seconds a host may ask us to wait before it is left for a later run


@dataclass(frozen=True, slots=True)
class FetchStack:
    """The fetching side of one run."""

    rate_limiter: RateLimiter
    fetcher: Fetcher
    renderer: Renderer
    articles: ArticleFetcher

    @classmethod
    def build(
        cls,
        session: CrawlSession,
        engine: Downloader,
        warc: WarcWriter,
        limits: Limits,
        *,
        user_agent: str,
        allowance: Allowance,
        refused: dict[str, str],
        chromium: str | None,
        clock: Callable[[], float] = time.time,
    ) -> Self:
        """Wire the parts.

        Args:
            session: whose lease holds the slots at hosts.
            engine: Scrapy's, through which every request goes.
            warc: where answers are archived.
            limits: of this run.
            user_agent: sent, and looked up in robots.txt.
            allowance: loopback addresses that may be reached.
            refused: host → why the resolver refused it, filled in by the resolver.
            chromium: path of the browser; None looks for the usual names.
            clock: seconds since 1970.
        """
        database = session.frontier.engine
        rate_limiter = RateLimiter(
            HostBudget(database, session.lease, clock),
            limits.capacity,
            backoff=limits.backoff,
            patience=limits.patience,
            clock=clock,
        )
        fetcher = Fetcher(
            engine=engine,
            rate_limiter=rate_limiter,
            robots=RobotsStore(database),
            user_agent=user_agent,
            allowance=allowance,
            refused=refused,
            backoff=limits.backoff,
            clock=clock,
        )
        renderer = Renderer(fetcher.get_following, chromium)
        statements = StatementReader(fetcher, database, clock)
        articles = ArticleFetcher(fetcher, warc, session, allowance, clock, renderer, statements)
        return cls(rate_limiter, fetcher, renderer, articles)

    async def close(self) -> None:
        """Close the browser, if one was started."""
        await self.renderer.close()
