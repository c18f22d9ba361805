"""Scrapy's HTTP handler without a liberty that a polite crawler cannot take; its log without a line a page."""

from __future__ import annotations

from typing import Any

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.logformatter import LogFormatter
from scrapy.spiders import Spider


class StrictHandler(HTTP11DownloadHandler):
    """Asks once for every request: Twisted would repeat one on a stale connection, unseen by the host's turn."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool.retryAutomatically = False


class QuietLog(LogFormatter):
    """Leaves out the line per response."""

    def crawled(self, request: Request, response: Response, spider: Spider) -> Any:
        """No line: the frontier has the outcome."""
        return None
