"""What every spider here shares: a user agent with a contact, and the address guard."""

from __future__ import annotations

import logging
import os
from typing import Any, Self, cast

import scrapy
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError

from spiders.arguments import ArgumentError, user_agent
from spiders.catalogue import Source
from spiders.fetching.address_guard import Allowance
from spiders.fetching.browser import NoBrowser, check_browser
from spiders.fetching.decompression_limit import BombWatch
from spiders.fetching.first_bytes import FirstBytes
from spiders.fetching.guarded_resolver import GuardedResolver
from spiders.system.parent_watch import end_with_parent

FAILED = 1
# Exit status of a process that SIGINT ended, as shells report it: 128 + 2.
INTERRUPTED = 130


class BaseSpider(scrapy.Spider):
    """A spider for some of the catalogue's sources; subclasses set ``sources`` and ``allowance`` in ``__init__``."""

    sources: dict[str, Source]
    allowance: Allowance
    agent: str
    bomb_watch: BombWatch
    first_bytes: FirstBytes

    def closed(self, reason: str) -> None:
        """Set the process's exit status: Scrapy itself exits with 0 after an exception in ``start``."""
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
        # Signals hold their receivers weakly, so the spider must keep a reference.
        spider.bomb_watch = BombWatch(crawler)
        spider.first_bytes = FirstBytes(crawler)
        if settings.getbool("NEWSMILL_END_WITH_PARENT"):
            end_with_parent(settings.getint("NEWSMILL_PARENT"))
        return spider

    def guard(self) -> GuardedResolver:
        """The resolver in use, with the allowance set. Raises RuntimeError if another resolver is installed."""
        # Importing the reactor installs it; by now Scrapy has installed the one from its settings.
        from twisted.internet import reactor  # noqa: PLC0415

        resolver = cast("Any", reactor).resolver
        if not isinstance(resolver, GuardedResolver):
            raise RuntimeError("the guard is not installed: leave TWISTED_DNS_RESOLVER as spiders/settings.py sets it")
        resolver.allowance = self.allowance
        return resolver
