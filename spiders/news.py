"""The news spider: ``scrapy crawl news -a source=NAME[,NAME] -a lake=DIR -a run_id=ID``.

It uses Scrapy's engine and downloader for the requests, and yields only its counts, one item per source, at the end:
pages go straight to the raw archive and outcomes to the frontier, since an item pipeline would hold 50 kB per page in
memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, cast

from scrapy.exceptions import UsageError

from spiders.archive.warc_reader import WarcWriter
from spiders.arguments import ArgumentError, Arguments
from spiders.base import BaseSpider
from spiders.catalogue import CatalogueError
from spiders.crawl import Crawl, Plan
from spiders.fetching.fetcher import Downloader
from spiders.frontier.frontier import Frontier, default_path
from spiders.frontier.lake_identity import hold_to_lake
from spiders.frontier.session import new_run_id


class NewsSpider(BaseSpider):
    """Fetches news pages of the catalogue's sources into the raw archive."""

    name = "news"

    def __init__(self, name: str | None = None, **given: Any) -> None:
        super().__init__(name)
        given.setdefault("run_id", new_run_id(datetime.now(UTC)))
        try:
            self.arguments = Arguments.parse(given)
            self.sources = self.arguments.sources()
        except (ArgumentError, CatalogueError) as error:
            raise UsageError(str(error), print_help=False) from error
        self.allowance = self.arguments.allow

    async def start(self) -> AsyncIterator[dict[str, object]]:
        """Crawl, then yield one item per source."""
        given, settings, resolver = self.arguments, self.settings, self.guard()
        plan = Plan(
            given.run_id,
            self.sources,
            given.span,
            given.revisit == "all",
            backoff=settings.getfloat("NEWSMILL_BACKOFF_SECONDS"),
            patience=settings.getfloat("NEWSMILL_PATIENCE_SECONDS"),
            capacity=settings.getint("CONCURRENT_REQUESTS"),
            chromium=settings["NEWSMILL_CHROMIUM"] or None,
        )
        frontier = Frontier(given.frontier or default_path(given.lake))
        hold_to_lake(frontier.engine, given.lake)
        try:
            crawl = Crawl(
                plan,
                frontier,
                WarcWriter(given.lake, given.run_id),
                cast("Downloader", self.crawler.engine),
                user_agent=self.agent,
                allowance=given.allow,
                refused=resolver.refused,
            )
            counts = await crawl.run()
        finally:
            frontier.close()
        for source, count in counts.items():
            yield {
                "source": source,
                "discovered": count.discovered,
                "pending": count.pending,
                "outcomes": count.outcomes,
            }
