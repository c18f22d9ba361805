"""Names for what goes wrong in a request: the outcome that an exception of Scrapy's downloader stands for."""

from __future__ import annotations

import zlib

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    StopDownload,
)
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.python.failure import Failure as TwistedFailure

from spiders.fetching.head_limit import HeadTooLarge
from spiders.frontier.outcomes import Outcome

_BROKEN = (ConnectionLost, ConnectionDone, OSError)
_NAMES: tuple[tuple[type[Exception], Outcome], ...] = (
    (DownloadTimeoutError, Outcome.TIMEOUT),
    (CannotResolveHostError, Outcome.DNS_ERROR),
    (ResponseDataLossError, Outcome.TRUNCATED),
    (DownloadConnectionRefusedError, Outcome.CONNECTION_ERROR),
    (DownloadFailedError, Outcome.BAD_RESPONSE),
    *((kind, Outcome.CONNECTION_ERROR) for kind in _BROKEN),
    # What Scrapy reads as text without asking: the protocol's name, the status line, header names.
    (UnicodeError, Outcome.BAD_RESPONSE),
    # A body that is not packed as its header says, or not to its end.
    (zlib.error, Outcome.BAD_RESPONSE),
    (EOFError, Outcome.BAD_RESPONSE),
)
# The other decompressors, whichever are installed, raise errors of their own.
_UNPACKERS = frozenset({"brotli", "brotlicffi", "_brotli", "zstandard", "compression", "_zstd", "backports"})


def name_error(error: Exception, max_bytes: int) -> tuple[Outcome, str]:
    """The outcome and one line of evidence for an exception raised by Scrapy's downloader.

    Args:
        error: the exception.
        max_bytes: the limit under which the request was made.
    """
    detail = f"{type(error).__name__}: {error}".split("\n", 1)[0][:500]
    chain = _causes(error)
    if any(type(one).__module__.startswith("OpenSSL") or "certificate" in str(one).lower() for one in chain):
        return Outcome.TLS_ERROR, detail
    if head := next((one for one in chain if isinstance(one, HeadTooLarge)), None):
        return Outcome.TOO_LARGE, str(head)
    if _is_body_too_large(error):
        return Outcome.TOO_LARGE, f"more than {max_bytes} bytes, on the wire or unpacked"
    if isinstance(error, DownloadFailedError) and any(isinstance(one, _BROKEN) for one in chain):
        return Outcome.CONNECTION_ERROR, detail
    if type(error).__module__.partition(".")[0] in _UNPACKERS:
        return Outcome.BAD_RESPONSE, detail
    return next((outcome for kind, outcome in _NAMES if isinstance(error, kind)), Outcome.INTERNAL_ERROR), detail


def _is_body_too_large(error: Exception) -> bool:
    if isinstance(error, DownloadCancelledError | StopDownload):  # the latter: spiders/fetching/decompression_limit.py
        return True
    return isinstance(error, IgnoreRequest) and "DOWNLOAD_MAXSIZE" in str(error)


def _causes(error: BaseException) -> list[BaseException]:
    """An exception, the chain that it was raised from, and what Twisted wrapped in it."""
    found: list[BaseException] = []
    left: list[BaseException | None] = [error]
    while left:
        one = left.pop()
        if one is None or one in found:
            continue
        found.append(one)
        left += [one.__cause__, one.__context__]
        reasons = getattr(one, "reasons", None) or []
        left += [r.value for r in reasons if isinstance(r, TwistedFailure)]
        left += [arg for arg in one.args if isinstance(arg, BaseException)]
    return found
