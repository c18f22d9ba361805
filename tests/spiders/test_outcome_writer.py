"""Outcomes reach the frontier in batches, and only after the bytes that they speak of."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cleaning.records import Hints
from spiders.archive.warc_reader import read_pages
from spiders.archive.warc_writer import Exchange, WarcWriter
from spiders.frontier.frontier import DiscoveredUrl, FinishedTask, Frontier, Outcome, Task
from spiders.outcome_writer import BATCH, OutcomeWriter

HOST = "post.example"
WHEN = datetime(2026, 7, 20, 12, tzinfo=UTC)


class Disk(WarcWriter):
    """A disk that is full from one moment on."""

    full = False

    def sync(self) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        super().sync()


class WatchedFrontier(Frontier):
    """Notes, whenever outcomes are written, which pages a reader finds in the archive at that moment."""

    lake: Path

    def finish(self, run_id: str, ended: Iterable[FinishedTask]) -> None:
        self.readable = pages_of(self.lake)
        super().finish(run_id, ended)


def pages_of(lake: Path) -> set[str]:
    return {page.url for path in (lake / "raw").rglob("*.warc.gz") for page in read_pages(path, root=lake)}


def claimed(frontier: Frontier, count: int) -> list[Task]:
    urls = [f"https://{HOST}/{n}" for n in range(count)]
    frontier.enqueue("r1", [DiscoveredUrl("post", url, url, HOST, Hints()) for url in urls])
    return frontier.claim(frontier.leases.begin("r1"), "post", HOST, count)


def fetch(warc: WarcWriter, task: Task) -> FinishedTask:
    """Archive a page as the crawl does, and say that it was fetched."""
    headers = ((b"Content-Type", b"text/html"),)
    warc.response("post", Exchange(task.url, WHEN, 200, "OK", headers, b"<p>A harbour.</p>"))
    return FinishedTask(task, Outcome.FETCHED, WHEN.timestamp())


def test_the_archive_is_readable_before_the_frontier_says_fetched(tmp_path: Path) -> None:
    frontier, warc = WatchedFrontier(tmp_path / "ledger.sqlite"), WarcWriter(tmp_path, "r1")
    frontier.lake = tmp_path
    tasks = claimed(frontier, 3)
    writer = OutcomeWriter(frontier, warc, "r1")
    writer.add([fetch(warc, task) for task in tasks])
    writer.flush()
    assert frontier.readable == {task.url for task in tasks}
    assert frontier.counts("r1")["post"].fetched == 3


def test_what_the_disk_has_no_room_for_stays_to_be_fetched(tmp_path: Path) -> None:
    frontier, warc = Frontier(tmp_path / "ledger.sqlite"), Disk(tmp_path, "r1")
    writer = OutcomeWriter(frontier, warc, "r1")
    writer.add([fetch(warc, task) for task in claimed(frontier, 2)])
    warc.full = True
    with pytest.raises(OSError, match="No space left"):
        writer.flush()
    counts = frontier.counts("r1")["post"]
    assert (counts.fetched, counts.pending) == (0, 2)


def test_outcomes_wait_for_a_full_batch_or_the_end(tmp_path: Path) -> None:
    frontier, warc = Frontier(tmp_path / "ledger.sqlite"), WarcWriter(tmp_path, "r1")
    tasks = claimed(frontier, BATCH + 1)
    writer = OutcomeWriter(frontier, warc, "r1")
    for number, task in enumerate(tasks, 1):
        writer.add([fetch(warc, task)])
        assert frontier.counts("r1")["post"].fetched == (BATCH if number >= BATCH else 0)
    writer.close()
    assert frontier.counts("r1")["post"].fetched == BATCH + 1
    assert pages_of(tmp_path) == {task.url for task in tasks}
