"""A command's own crawls are counted while they run; what ran before is not."""

from __future__ import annotations

import threading
from pathlib import Path

from flows.cli.shared.crawl_progress import watch_crawls
from flows.crawling.runs import Run, save_run
from spiders.frontier.frontier import Frontier, default_path
from spiders.frontier.outcomes import Outcome
from spiders.frontier.records import DiscoveredUrl, FinishedTask

HOST = "post.example"


def crawl(lake: Path, run_id: str, found: int, visited: int) -> None:
    """What a crawl leaves in the frontier: some URLs enqueued, some of them visited."""
    save_run(lake, Run(run_id, ("post",)))
    frontier = Frontier(default_path(lake))
    urls = [f"https://{HOST}/{run_id}/{number}" for number in range(found)]
    frontier.enqueue(run_id, [DiscoveredUrl("post", url, url, HOST) for url in urls])
    tasks = frontier.claim(frontier.leases.begin(run_id), "post", HOST, visited)
    frontier.finish(run_id, [FinishedTask(task, Outcome.FETCHED, 1_000_000.0) for task in tasks])
    frontier.close()


def test_visited_and_known_urls_of_the_crawls_inside_are_told(tmp_path: Path) -> None:
    crawl(tmp_path, "earlier", found=9, visited=9)
    told: list[tuple[int, int]] = []
    seen = threading.Event()

    def tell(visited: int, known: int) -> None:
        told.append((visited, known))
        seen.set()

    with watch_crawls(tmp_path, tell, look_seconds=0.01):
        crawl(tmp_path, "mine", found=5, visited=2)
        seen.clear()
        assert seen.wait(30)
    assert told[-1] == (2, 5)


def test_nothing_is_told_and_nothing_made_where_no_crawl_starts(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    with watch_crawls(tmp_path, lambda *counts: told.append(counts), look_seconds=0.001):
        pass
    assert told == []
    assert list(tmp_path.iterdir()) == []
