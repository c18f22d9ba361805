"""Before a backfill: how many pages it will fetch, how long that takes, how much disk, and what stands in the way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from cleaning.records import Hints
from flows.reports.backfill_outlook import PAGE_BYTES, WAVE_SECONDS, Outlook, SourceOutlook, backfill_outlook
from spiders.catalogue import Source
from spiders.discovery.endpoints import Endpoint, Endpoints
from spiders.frontier.backfill_units import FINISHED, Unit
from spiders.frontier.endpoint_kinds import Kind
from spiders.frontier.frontier import DiscoveredUrl, FinishedTask, Frontier, Outcome
from spiders.frontier.tables import hosts

POST = "the-harbor-post"
HOST = "post.localhost"
FIRST = date(2026, 7, 1)
# Of each of ten days three articles are listed; all but those of the last two days were visited, one every 4 s.
DAYS = [FIRST + timedelta(days=n) for n in range(10)]
PAGE_SECONDS = 4.0


def source(**changed: object) -> Source:
    facts = {"name": POST, "title": "Post", "home": f"https://{HOST}/", "hosts": (HOST,)}
    facts |= {"feeds": (f"https://{HOST}/feed",), "sitemaps": (f"https://{HOST}/map.xml",), "robots_sitemaps": False}
    return Source.model_validate({**facts, **changed})


def units(days: list[date], state: str = "planned") -> list[Unit]:
    return [Unit(POST, day, state) for day in days]


@pytest.fixture
def frontier(tmp_path: Path) -> Iterator[Frontier]:
    opened = Frontier(tmp_path / "ledger.sqlite")
    offers = []
    for day in DAYS:
        for n in range(3):
            url = f"https://{HOST}/{day}/{n}"
            offers.append(
                DiscoveredUrl(
                    POST, url, url, HOST, Hints(published=datetime(day.year, day.month, day.day, 8, tzinfo=UTC))
                )
            )
    opened.enqueue("r1", offers)
    tasks = opened.claim(opened.leases.begin("r1"), POST, HOST, 100)
    older = sorted((task for task in tasks if task.url < f"https://{HOST}/{DAYS[8]}"), key=lambda task: task.url)
    ended = [FinishedTask(task, Outcome.FETCHED, 1e9 + PAGE_SECONDS * n, raw_file="f") for n, task in enumerate(older)]
    opened.finish("r1", ended)
    yield opened
    opened.close()


def outlook(frontier: Frontier, root: Path, days: list[date], **changed: object) -> tuple[Outlook, SourceOutlook]:
    found = backfill_outlook(root, frontier.engine, {POST: source(**changed)}, units(days), wave_days=7)
    [one] = found.sources
    return found, one


def test_what_is_listed_and_not_visited_yet_is_to_be_fetched(frontier: Frontier, tmp_path: Path) -> None:
    found, one = outlook(frontier, tmp_path, DAYS)
    assert (one.known, one.visited, one.to_fetch) == (30, 24, 6)
    assert one.basis == "what its lists name"
    assert one.seconds is not None
    assert one.seconds.middle == pytest.approx(6 * PAGE_SECONDS)
    assert found.bytes == 6 * PAGE_BYTES
    assert "about 6 pages to fetch" in found.headline


def test_days_of_which_nothing_is_listed_count_at_the_pace_of_the_source(frontier: Frontier, tmp_path: Path) -> None:
    before = [FIRST - timedelta(days=n) for n in range(1, 5)]
    _, one = outlook(frontier, tmp_path, before)
    assert (one.known, one.to_fetch) == (0, 12)
    assert "3.0 a day on 4 of 4 days" in one.basis


def test_finished_days_cost_nothing(frontier: Frontier, tmp_path: Path) -> None:
    mixed = [*units(DAYS[:9], FINISHED), *units(DAYS[9:])]
    found = backfill_outlook(tmp_path, frontier.engine, {POST: source()}, mixed, wave_days=7)
    assert [(one.days, one.to_fetch) for one in found.sources] == [(1, 3)]
    done = backfill_outlook(tmp_path, frontier.engine, {POST: source()}, units(DAYS, FINISHED), wave_days=7)
    assert (done.sources, done.to_fetch) == ((), 0)


def test_sources_are_asked_side_by_side_and_each_wave_starts_processes(frontier: Frontier, tmp_path: Path) -> None:
    found, one = outlook(frontier, tmp_path, DAYS)
    waves = len({day.toordinal() // 7 for day in DAYS})
    assert one.seconds is not None
    assert found.hours.middle == pytest.approx((one.seconds.middle + waves * WAVE_SECONDS) / 3600)
    assert found.hours.low <= found.hours.middle <= found.hours.high


def test_of_a_source_that_was_never_crawled_nothing_is_claimed(tmp_path: Path) -> None:
    empty = Frontier(tmp_path / "ledger.sqlite")
    found, one = outlook(empty, tmp_path, DAYS)
    assert (one.to_fetch, one.seconds) == (None, None)
    assert found.unknown == (POST,)
    assert "no estimate" in found.headline
    assert found.rows()[0]["to fetch"] == "?"
    empty.close()


def test_a_host_that_asks_to_wait_is_named(frontier: Frontier, tmp_path: Path) -> None:
    with frontier.engine.begin() as db:
        db.execute(insert(hosts).values(host=HOST, blocked_until=time.time() + 7200, block_reason="http-429"))
    assert f"{HOST} asks to wait" in outlook(frontier, tmp_path, DAYS)[1].obstacle
    with frontier.engine.begin() as db:
        db.execute(update(hosts).values(blocked_until=time.time() - 1))
    assert outlook(frontier, tmp_path, DAYS)[1].obstacle == ""


def test_lists_that_could_not_be_read_are_in_the_way(frontier: Frontier, tmp_path: Path) -> None:
    endpoints = Endpoints(frontier.engine)
    endpoints.save(Endpoint(POST, f"https://{HOST}/map.xml", Kind.SITEMAP, 0, 0, 0, issue="http-503"))
    assert "http-503" in outlook(frontier, tmp_path, DAYS)[1].obstacle
    endpoints.save(Endpoint(POST, f"https://{HOST}/feed", Kind.FEED, 0, 0, 0))
    assert outlook(frontier, tmp_path, DAYS)[1].obstacle == ""


def test_a_source_with_feeds_alone_does_not_reach_days_before_what_they_named(
    frontier: Frontier, tmp_path: Path
) -> None:
    before = [FIRST - timedelta(days=30)]
    assert f"nothing before {FIRST}" in outlook(frontier, tmp_path, before, sitemaps=())[1].obstacle
    assert outlook(frontier, tmp_path, DAYS, sitemaps=())[1].obstacle == ""
    assert outlook(frontier, tmp_path, before)[1].obstacle == ""
