"""Cuts off compressed responses that decompress beyond their limit while they arrive, not once they are complete.

Scrapy's own check decompresses a body when all of it has arrived; a server that packs a gigabyte of zeros into a
megabyte, and sends it slowly, would hold a connection until then. Brotli and zstd are left to that check.
"""

from __future__ import annotations

from typing import Any

from isal import isal_zlib
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload
from scrapy.http import Headers

# Few compressed pages are larger, and deflate expands a byte to at most 1,032 (zlib.net, "Maximum Compression Factor"):
# below this size nothing needs to be decompressed twice.
PATIENCE_BYTES = 32_768
_PIECE = 1 << 20
_KEY = "unpacked_watch"


class _Watch:
    """One response in transit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._unpacker: Any = isal_zlib.decompressobj(16 + isal_zlib.MAX_WBITS)
        self._waiting: list[bytes] = []
        self._packed = 0
        self._unpacked = 0

    def take(self, data: bytes) -> bool:
        """Whether the response may continue. Raises IsalError where it is not gzip."""
        self._packed += len(data)
        self._waiting.append(data)
        if self._packed < PATIENCE_BYTES:
            return True
        packed, self._waiting = b"".join(self._waiting), []
        while packed and not self._unpacker.eof:
            self._unpacked += len(self._unpacker.decompress(packed, _PIECE))
            if self._unpacked > self._limit:
                return False
            packed = self._unpacker.unconsumed_tail
        return True


class BombWatch:
    """Watches every gzipped response of a crawler; one that grows too large fails with StopDownload."""

    def __init__(self, crawler: Crawler) -> None:
        self._limit = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        crawler.signals.connect(self._begin, signals.headers_received)
        crawler.signals.connect(self._take, signals.bytes_received)

    def _begin(self, headers: Headers, request: Request) -> None:
        if (headers.get("Content-Encoding") or b"").strip().lower() in (b"gzip", b"x-gzip"):
            request.meta[_KEY] = _Watch(
                request.meta.get("unpacked_maxsize") or request.meta.get("download_maxsize", self._limit)
            )

    def _take(self, data: bytes, request: Request) -> None:
        watch = request.meta.get(_KEY)
        if watch is None:
            return
        try:
            may_go_on = watch.take(data)
        except isal_zlib.IsalError:  # type: ignore[misc]  # its stub lacks the base class
            del request.meta[_KEY]  # not gzip after all; Scrapy's own decoding will report it
            return
        if not may_go_on:
            raise StopDownload(fail=True)
