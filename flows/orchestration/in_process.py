"""Runs the work in this process: no server, no database, no start-up. What a flow would show goes to the log."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

from flows.orchestration.orchestrator import Progress, Rows, Step

T = TypeVar("T")
# Exit status that a shell reports for a process that SIGTERM ended.
TERMINATED = 128 + signal.SIGTERM


class InProcess:
    """An :class:`~flows.orchestration.orchestrator.Orchestrator` that needs nothing but this process."""

    log = logging.getLogger("flows")

    def table(self, rows: Rows, key: str, description: str) -> None:
        """Nothing: whoever called prints the result."""

    def progress(self, description: str) -> Progress:
        """Nothing: a terminal draws a bar of its own."""
        return lambda percent, words: None

    def step(self, name: str, work: Callable[[], T]) -> T:
        """Do it."""
        return work()

    def side_by_side(self, kind: str, steps: Sequence[Step]) -> dict[str, str]:
        """See :meth:`Orchestrator.side_by_side`."""
        if not steps:
            return {}
        stopping, failed = threading.Event(), {}
        # The threads only wait for what their step started, which limits itself.
        threads = ThreadPoolExecutor(len(steps), thread_name_prefix=kind)
        try:
            futures = {step.key: threads.submit(self._attempt, step, stopping) for step in steps}
            for key, future in futures.items():
                error = future.exception()
                if error is not None:
                    failed[key] = str(error) or type(error).__name__
                    self.log.error("%s: %s", key, failed[key])
        except BaseException:
            stopping.set()
            threads.shutdown(wait=False, cancel_futures=True)
            raise
        threads.shutdown()
        return failed

    def _attempt(self, step: Step, stopping: threading.Event) -> None:
        """Do a step, and again after a pause where it failed and may be tried again."""
        for left in range(step.retries, -1, -1):
            try:
                step.work()
                return
            except Exception as error:
                if not left or isinstance(error, step.final) or stopping.is_set():
                    raise
                self.log.warning("%s: %s; trying again in %.0f s", step.name, error, step.retry_seconds)
                if stopping.wait(step.retry_seconds):
                    raise


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Within, SIGTERM raises SystemExit(143) in the main thread, so that children are ended and files closed.

    It has no effect outside the main thread, where Python delivers no signal.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(TERMINATED)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
