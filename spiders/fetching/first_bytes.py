"""Reads only the beginning of an answer: for robots.txt, of which RFC 9309 asks for 500 KiB, however long it is."""

from __future__ import annotations

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload

_LIMIT = "first_bytes"
_SEEN = "first_bytes_seen"
UNPACKED = "unpacked_maxsize"


def read_first(meta: dict[str, object], size: int) -> None:
    """Mark a request's meta so that its answer ends after ``size`` bytes; ``download_maxsize`` bounds it unpacked."""
    meta[_LIMIT] = size
    # Scrapy compares this with Content-Length at once, and would refuse what is about to be cut off.
    meta[UNPACKED] = meta.pop("download_maxsize")
    meta["download_maxsize"] = 0


class FirstBytes:
    """Ends the marked answers of a crawler when enough of them has come."""

    def __init__(self, crawler: Crawler) -> None:
        crawler.signals.connect(self._take, signals.bytes_received)

    def _take(self, data: bytes, request: Request) -> None:
        limit = request.meta.get(_LIMIT)
        if limit is None:
            return
        # From here on the limit is that of unpacking, which Scrapy does once the answer has ended.
        request.meta["download_maxsize"] = request.meta[UNPACKED]
        seen = request.meta[_SEEN] = request.meta.get(_SEEN, 0) + len(data)
        if seen >= limit:
            raise StopDownload(fail=False)
