"""What every spider here has: a name that publishers can reach, and the guard in its place."""

from __future__ import annotations

import logging
import os
from typing import Any, Self, cast

import scrapy
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError

from spiders.arguments import ArgumentError, user_agent
from spiders.catalogue import Source
from spiders.fetching.address_guard import Allowance, GuardedResolver
from spiders.fetching.browser import NoBrowser, check_browser
from spiders.fetching.decompression_limit import BombWatch
from spiders.parent_watch import end_with_parent

FAILED = 1
# What a shell says of a process that SIGINT ended: 128 + 2.
INTERRUPTED = 130


class BaseSpider(scrapy.Spider):
    """A spider of some sources of the catalogue; its class sets ``sources`` and ``allowance`` when it is made."""

    sources: dict[str, Source]
    allowance: Allowance
    agent: str
    bomb_watch: BombWatch

    def closed(self, reason: str) -> None:
        """End the process with what happened: Scrapy itself exits with 0 after an exception in ``start``."""
        if reason == "finished":
            return
        from twisted.internet import reactor  # noqa: PLC0415

        code = INTERRUPTED if reason == "shutdown" else FAILED
        logging.getLogger(__name__).error("ended early (%s)", reason)
        cast("Any", reactor).addSystemEventTrigger("after", "shutdown", os._exit, code)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Build the spider; a crawl without a contact is refused here, before anything is opened."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        settings = crawler.settings
        try:
            spider.agent = user_agent(settings["USER_AGENT"], settings["NEWSMILL_CONTACT"], spider.sources)
            if any(source.javascript for source in spider.sources.values()):
                check_browser(settings["NEWSMILL_CHROMIUM"] or None)
        except (ArgumentError, NoBrowser) as error:
            raise UsageError(str(error), print_help=False) from error
        # The crawler's signals hold their receivers weakly.
        spider.bomb_watch = BombWatch(crawler)
        if settings.getbool("NEWSMILL_END_WITH_PARENT"):
            end_with_parent()
        return spider

    def guard(self) -> GuardedResolver:
        """The resolver in use, told what is allowed. Raises RuntimeError where another took its place."""
        # Importing it installs it; Scrapy has installed the one of its settings by now.
        from twisted.internet import reactor  # noqa: PLC0415

        resolver = cast("Any", reactor).resolver
        if not isinstance(resolver, GuardedResolver):
            raise RuntimeError("the guard is not in place: leave TWISTED_DNS_RESOLVER as spiders/settings.py sets it")
        resolver.allowance = self.allowance
        return resolver
