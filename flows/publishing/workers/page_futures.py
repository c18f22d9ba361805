"""Hands pages to worker processes, results in order; a page that takes too long or kills its worker fails alone."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as PageTimeout
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from pebble import ProcessExpired

from cleaning.records import Cleaned, Reason

log = logging.getLogger(__name__)

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class PageFault:
    """Why a page has no cleaned form."""

    reason: Reason
    detail: str
    seconds: float = 0.0  # wall time spent on it
    error: Exception | None = None  # raised by cleaning itself: our bug, unless the page is at fault


def cleaned_in_order(
    items: Iterable[Item], submit: Callable[[Item], Future[Cleaned]], *, ahead: int, page_seconds: float
) -> Iterator[tuple[Item, Cleaned | PageFault]]:
    """Yield each item with its result, in the given order.

    Args:
        items: read as they are needed.
        submit: hands one item to a worker, with its time limit.
        ahead: items handed out before the first result is taken; each may hold its page in memory.
        page_seconds: the limit that ``submit`` sets, for the message.
    """
    upcoming = iter(items)
    running = deque((item, submit(item)) for item in islice(upcoming, max(1, ahead)))
    while running:
        item, future = running.popleft()
        yield item, _result(item, future, page_seconds)
        running += [(item, submit(item)) for item in islice(upcoming, 1)]


def _result(item: object, future: Future[Cleaned], page_seconds: float) -> Cleaned | PageFault:
    try:
        return future.result()
    except PageTimeout:
        return PageFault(Reason.TIME_LIMIT, f"cleaning took longer than {page_seconds:g} s", page_seconds)
    except ProcessExpired as error:
        return PageFault(Reason.UNREADABLE, f"the cleaning process died on this page, exit code {error.exitcode}")
    except Exception as error:
        log.exception("%s: cleaning failed", item)
        return PageFault(Reason.UNREADABLE, f"cleaning failed: {type(error).__name__}: {error}", error=error)
