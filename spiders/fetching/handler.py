"""Scrapy's HTTP handler without its silent retry, which a polite crawler cannot allow; and its log without a line per
page."""

from __future__ import annotations

from typing import Any

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.logformatter import LogFormatter
from scrapy.spiders import Spider

from spiders.fetching.head_limit import limit_heads


class StrictHandler(HTTP11DownloadHandler):
    """Sends every request once, and reads no more headers than a page can need.

    Twisted would repeat a request on a stale connection, unseen by the rate limiter.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool.retryAutomatically = False
        limit_heads(self._pool)


class QuietLog(LogFormatter):
    """Omits the line per response."""

    def crawled(self, request: Request, response: Response, spider: Spider) -> Any:
        """No line: the frontier records the outcome."""
        return None
