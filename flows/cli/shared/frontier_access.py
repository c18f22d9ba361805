"""Opens the frontier of a lake for commands that only read it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flows.cli.shared.console import UsageError, need_lake

if TYPE_CHECKING:
    from spiders.frontier.frontier import Frontier


@contextmanager
def existing_frontier(lake: Path) -> Iterator[Frontier | None]:
    """The frontier of a lake; None if nothing was crawled into it: a command that only reads must not create one."""
    from flows.config import open_frontier, read_settings
    from spiders.frontier.frontier import default_path

    settings = read_settings()
    if settings.frontier is None and not default_path(lake).is_file():
        yield None
        return
    frontier = open_frontier(lake, settings)
    try:
        yield frontier
    finally:
        frontier.close()


@contextmanager
def need_frontier(lake: Path) -> Iterator[Frontier]:
    """The frontier of a lake. Raises UsageError if nothing was crawled into it."""
    with existing_frontier(lake) as frontier:
        if frontier is None:
            need_lake(lake)
            raise UsageError(f"{lake}: nothing was crawled into this lake; name another with --lake, or: newsmill run")
        yield frontier
