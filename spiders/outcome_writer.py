"""Writes outcomes to the frontier: in batches, and never before the archived bytes they refer to are written."""

from __future__ import annotations

from collections.abc import Iterable

from spiders.archive.warc_writer import WarcWriter
from spiders.frontier.frontier import FinishedTask, Frontier

# A transaction and an fsync cost milliseconds; shared by this many URLs they cost each page little. A kill makes a
# crawl fetch at most one such batch again, plus the requests in flight.
BATCH = 32


class OutcomeWriter:
    """Collects the results of fetches."""

    def __init__(self, frontier: Frontier, warc: WarcWriter, run_id: str) -> None:
        self._frontier = frontier
        self._warc = warc
        self._run_id = run_id
        self._waiting: list[FinishedTask] = []

    def add(self, ended: Iterable[FinishedTask]) -> None:
        """Add finished tasks; a full batch is written."""
        self._waiting += ended
        if len(self._waiting) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write everything: first the archive, then the frontier."""
        if self._waiting:
            batch, self._waiting = self._waiting, []
            self._warc.sync()
            self._frontier.finish(self._run_id, batch)

    def close(self) -> None:
        """Write everything and close the archive."""
        self.flush()
        self._warc.close()
