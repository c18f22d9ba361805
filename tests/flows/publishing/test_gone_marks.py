"""A page that two visits found gone is marked in its row, and the mark comes off when it is back."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from cleaning.urls import canonical_url
from flows.lake.store import Lake
from flows.publishing.publisher import Publishing, publish_raw
from spiders.frontier.frontier import DiscoveredUrl, FinishedTask, Frontier, Outcome
from tests.flows.archive import START, ExactIndex, Page, story, write_archive
from tests.flows.rows import tree

SOURCE = "the-harbor-post"
DAY = timedelta(days=1)


class Crawl:
    """A frontier with one URL, and visits to it."""

    def __init__(self, root: Path, url: str) -> None:
        self.root = root
        self.frontier = Frontier(root / "state" / "ledger.sqlite", clock=START.timestamp)
        self.frontier.enqueue("r1", [DiscoveredUrl(SOURCE, url, canonical_url(url), "host")])

    def visit(self, run: str, outcome: str, at: datetime) -> None:
        self.frontier.wake([SOURCE], recrawl_all=True)
        [task] = self.frontier.claim(self.frontier.leases.begin(run), SOURCE, "host", 1)
        self.frontier.finish(run, [FinishedTask(task, outcome, at.timestamp(), due_at=START.timestamp())])

    def publish(self) -> list[dict[str, object]]:
        how = Publishing(sources={}, decide=ExactIndex(self.root).decide, workers=0, frontier=self.frontier.engine)
        publish_raw(Lake(self.root), how)
        return [row for name in ("articles", "duplicates") for row in Lake(self.root).read(name).to_pylist()]


def crawl(root: Path) -> Crawl:
    page = Page("a", story(1))
    write_archive(root, "r1", [page])
    made = Crawl(root, page.url)
    made.visit("r1", Outcome.FETCHED, START)
    [row] = made.publish()
    assert row["gone_at"] is None
    return made


def test_two_visits_mark_a_page_as_gone_since_the_first_of_them(tmp_path: Path) -> None:
    made = crawl(tmp_path)
    made.visit("r2", Outcome.GONE, START + DAY)
    assert made.publish()[0]["gone_at"] is None
    made.visit("r3", Outcome.GONE, START + 2 * DAY)
    [row] = made.publish()
    assert row["gone_at"] == START + DAY
    before = tree(tmp_path)
    made.publish()
    assert tree(tmp_path) == before


def test_a_page_that_is_back_loses_its_mark_and_a_timeout_between_changes_nothing(tmp_path: Path) -> None:
    made = crawl(tmp_path)
    for number, outcome in enumerate((Outcome.GONE, Outcome.GONE, Outcome.TIMEOUT), start=1):
        made.visit(f"g{number}", outcome, START + number * DAY)
        made.publish()
    assert made.publish()[0]["gone_at"] == START + DAY
    made.visit("r9", Outcome.UNCHANGED, START + 9 * DAY)
    assert made.publish()[0]["gone_at"] is None


def test_a_mark_survives_that_an_earlier_fetch_is_published_later(tmp_path: Path) -> None:
    made = crawl(tmp_path)
    made.visit("r2", Outcome.GONE, START + DAY)
    made.visit("r3", Outcome.GONE, START + 2 * DAY)
    made.publish()
    write_archive(tmp_path, "r0", [Page("a", story(2), fetched=START - timedelta(hours=1))])
    [row] = made.publish()
    assert row["revision"] == 2
    assert row["gone_at"] == START + DAY
    assert Lake(tmp_path).read("revisions")["gone_at"].to_pylist() == [None]
