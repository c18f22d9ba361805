"""An end to the headers of an answer: Twisted limits one line to 16 kB, and neither it nor Scrapy limits their sum.

A server that sends headers without end fills the memory for as long as the time limit of a request lasts, from a
near host with 2 GB in half a minute.
"""

from __future__ import annotations

from typing import Any

from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS
from twisted.web.client import HTTPConnectionPool

# Chromium's limit for the status line and the headers of an answer.
HEAD_BYTES_MAX = 256 * 1024


class HeadTooLarge(ValueError):
    """An answer has more bytes of headers than HEAD_BYTES_MAX."""


def limit_heads(pool: HTTPConnectionPool) -> None:
    """Have every new connection of a pool end an answer whose headers exceed HEAD_BYTES_MAX, with HeadTooLarge."""
    made: Any = pool._factory

    class LimitedFactory(made):  # type: ignore[misc]
        def buildProtocol(self, addr: Any) -> Any:
            protocol = super().buildProtocol(addr)
            protocol.dataReceived = _HeadLimit(protocol).receive
            return protocol

    pool._factory = LimitedFactory


class _HeadLimit:
    """Counts what one connection receives until the body of an answer begins."""

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self._deliver = protocol.dataReceived
        self._parser: Any = None  # Twisted makes one for each answer
        self._bytes = 0

    def receive(self, data: bytes) -> None:
        parser = self._protocol._parser
        if parser is not self._parser:
            self._parser, self._bytes = parser, 0
        self._deliver(data)
        # What came together with the last header is body: only a head that is still open counts.
        if parser is None or self._protocol._parser is not parser or parser.state not in (STATUS, HEADER):
            return
        self._bytes += len(data)
        if self._bytes > HEAD_BYTES_MAX:
            self._protocol.transport.abortConnection()
            error = HeadTooLarge(f"more than {HEAD_BYTES_MAX} bytes of headers")
            self._protocol._disconnectParser(Failure(error))  # type: ignore[no-untyped-call]
