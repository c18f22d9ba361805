"""What the work asks of whoever runs it: a log, steps alone and side by side, and a way to show progress and tables."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
# Percent done, and what that means in words.
Progress = Callable[[float, str], None]
# Rows of a table to show.
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Step:
    """Work that runs beside other work, and is tried again when it fails.

    Attributes:
        key: identifies it among its peers.
        name: for people.
        work: what is done; it may raise.
        retries: further attempts.
        retry_seconds: pause before each.
        final: errors after which no attempt follows.
    """

    key: str
    name: str
    work: Callable[[], None]
    retries: int = 0
    retry_seconds: float = 0.0
    final: tuple[type[BaseException], ...] = ()


class Orchestrator(Protocol):
    """Runs the work of one call."""

    @property
    def log(self) -> logging.Logger | logging.LoggerAdapter[Any]:
        """The log of the flow or task that is at work."""
        ...

    def table(self, rows: Rows, key: str, description: str) -> None:
        """Show a table to whoever looks after the run; ``key`` identifies it from run to run."""
        ...

    def progress(self, description: str) -> Progress:
        """Begin a progress display; returns what updates it."""
        ...

    def step(self, name: str, work: Callable[[], T]) -> T:
        """Do one piece of work, and return its result."""
        ...

    def side_by_side(self, kind: str, steps: Sequence[Step]) -> dict[str, str]:
        """Do all steps at once, each in a thread.

        Args:
            kind: what all of them are.
            steps: with distinct keys.

        Returns:
            key → what went wrong, for the steps that failed for good. An interruption of the caller is raised at once,
            while steps may still be at work: end what they wait for.
        """
        ...
