"""A source of which nothing could be read is in trouble at once, whatever was read of it earlier."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.crawling.jobs import CrawlJob
from flows.crawling.runs import Run
from flows.reports.listing_failures import listing_failures
from flows.reports.source_failures import source_failures
from spiders.catalogue import Source
from spiders.discovery.endpoints import HOST_WAITS, Endpoint, Endpoints, ListingFault
from spiders.fetching.robots import RobotsFile, RobotsStore, RobotsVerdict
from spiders.frontier.endpoint_kinds import Kind
from spiders.frontier.frontier import Frontier

RUN = "20261121T043000Z-1a2b3c"
BEGUN = datetime(2026, 11, 21, 4, 30, tzinfo=UTC).timestamp()
FEED, SITEMAP = "https://post.example/rss", "https://post.example/sitemap.xml"


@pytest.fixture
def frontier(tmp_path: Path) -> Frontier:
    return Frontier(tmp_path / "ledger.sqlite")


def read(
    frontier: Frontier, url: str, at: float, issue: str | None = None, *, found: int = 0, kind: Kind = Kind.FEED
) -> None:
    """One reading of a listing; a fault is noted under the run."""
    endpoints = Endpoints(frontier.engine)
    endpoints.save(Endpoint("post", url, kind, at, at, at + 3600, issue=issue, found=found))
    if issue is not None:
        endpoints.note_fault(RUN, ListingFault("post", url, issue))


def trouble(frontier: Frontier, tmp_path: Path) -> str:
    job = CrawlJob(Run(RUN, ("post",)), tmp_path, tmp_path)
    return source_failures(frontier, [job], {}).get("post", "")


def test_an_earlier_reading_of_a_listing_that_is_not_due_hides_no_trouble(frontier: Frontier, tmp_path: Path) -> None:
    read(frontier, SITEMAP, BEGUN - 3600, found=40)
    read(frontier, FEED, BEGUN + 5, "http-404")
    assert trouble(frontier, tmp_path) == "no listing could be read: http-404"


def test_a_listing_that_could_be_read_now_is_enough(frontier: Frontier, tmp_path: Path) -> None:
    read(frontier, SITEMAP, BEGUN + 5, found=40)
    read(frontier, FEED, BEGUN + 5, "http-404")
    assert trouble(frontier, tmp_path) == ""


def test_a_broken_listing_that_gave_entries_all_the_same_is_read(frontier: Frontier, tmp_path: Path) -> None:
    read(frontier, FEED, BEGUN + 5, "malformed", found=10)
    assert trouble(frontier, tmp_path) == ""


def test_a_robots_txt_that_cannot_be_read_is_trouble_on_the_first_run(frontier: Frontier, tmp_path: Path) -> None:
    Endpoints(frontier.engine).note_fault(RUN, ListingFault("post", "https://post.example/", "robots-unreachable"))
    assert trouble(frontier, tmp_path) == "no listing could be read: robots-unreachable"


def test_a_source_without_any_listing_says_so(frontier: Frontier, tmp_path: Path) -> None:
    assert "nothing to discover it by" in trouble(frontier, tmp_path)


def test_a_run_in_which_nothing_was_due_is_no_trouble(frontier: Frontier, tmp_path: Path) -> None:
    read(frontier, FEED, BEGUN - 3600, found=10)
    read(frontier, SITEMAP, BEGUN - 3600)
    assert trouble(frontier, tmp_path) == ""


def test_listings_and_robots_files_that_cannot_be_read_stand_among_the_failures_until_they_can(
    frontier: Frontier,
) -> None:
    source = Source(name="post", title="Post", home="https://post.example/", hosts=("post.example",), feeds=(FEED,))
    read(frontier, FEED, BEGUN, HOST_WAITS)
    store = RobotsStore(frontier.engine)
    store.save(RobotsFile("https://post.example", RobotsVerdict.UNREACHABLE, BEGUN + 1, status=503))
    found = listing_failures(frontier, [source])
    assert [(one.what, one.source, one.outcome) for one in found] == [
        ("robots.txt", "post", "robots-unreachable"),
        ("feed", "post", HOST_WAITS),
    ]
    assert [one.what for one in listing_failures(frontier, [source], reason=HOST_WAITS)] == ["feed"]
    assert listing_failures(frontier, [source], source="other") == []
    assert Endpoints(frontier.engine).retry() == 1
    assert Endpoints(frontier.engine).load("post")[FEED].due_at == 0.0
    store.save(RobotsFile("https://post.example", RobotsVerdict.RULES, BEGUN + 2, b""))
    read(frontier, FEED, BEGUN + 2, found=3)
    assert listing_failures(frontier, [source]) == []
