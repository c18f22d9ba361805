"""How far the crawls of a command are, read from the frontier while they run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LOOK_SECONDS = 1.0
# Counting takes the longer the more URLs a frontier holds: it may use a twentieth of the time.
REST = 19.0


@contextmanager
def watch_crawls(lake: Path, tell: Callable[[int, int], None], *, look_seconds: float = LOOK_SECONDS) -> Iterator[None]:
    """Call ``tell`` from a thread, about once a second, for the crawls that start in a lake inside the ``with`` block.

    Args:
        lake: root folder.
        tell: called with the number of URLs visited, and that of all known so far, which grows with discovery.
        look_seconds: shortest time between two calls.
    """
    ended = threading.Event()
    thread = threading.Thread(
        target=_watch, args=(lake, _runs(lake), ended, tell, look_seconds), name="crawl-progress", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _watch(
    lake: Path, earlier: set[str], ended: threading.Event, tell: Callable[[int, int], None], look_seconds: float
) -> None:
    from sqlalchemy.exc import SQLAlchemyError

    from flows.config import open_frontier

    frontier = None
    pause = look_seconds
    try:
        while not ended.wait(pause):
            started = time.monotonic()
            runs = _runs(lake) - earlier
            if not runs:
                continue
            try:
                frontier = frontier or open_frontier(lake)
                counts = [count for run in sorted(runs) for count in frontier.counts(run).values()]
            except SQLAlchemyError:
                continue  # the crawl meets the same database, and reports what is wrong with it
            visited = sum(sum(count.outcomes.values()) for count in counts)
            tell(visited, visited + sum(count.pending for count in counts))
            pause = max(look_seconds, REST * (time.monotonic() - started))
    finally:
        if frontier is not None:
            frontier.close()


def _runs(lake: Path) -> set[str]:
    return {file.stem for file in (lake / "state" / "runs").glob("*.json")}
