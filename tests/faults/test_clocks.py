"""A clock that was wrong once stops nothing later: no stored time is believed beyond the longest delay it can mean."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Float, insert, update

from cleaning.records import Hints
from spiders.discovery.feeds import iso_moment, read_feed
from spiders.discovery.listing import Child, Listing, ListingEntry, Span, recent
from spiders.fetching.host_budget import HostBudget
from spiders.fetching.rate_limiter import Pace, RateLimiter
from spiders.fetching.robots import RobotsFile, RobotsVerdict
from spiders.frontier.clock_bounds import BLOCK_MAX, NEXT_REQUEST_MAX, REVISIT_MAX
from spiders.frontier.frontier import DiscoveredUrl, Frontier
from spiders.frontier.recrawl_schedule import ARTICLE_INTERVAL_MAX, WAY_INTERVAL_MAX
from spiders.frontier.tables import hosts, leases, metadata, urls
from tests.faults.conftest import Attack
from tests.spiders.crawling import Crawls
from tests.spiders.oneweb import OneWeb, html, rss

NOW = 1_800_000_000.0
DAY = 86_400.0
AHEAD = [2.5 * BLOCK_MAX, 3 * DAY, 30 * DAY, 3_650 * DAY, 1e12, 1e300, float("inf")]

# Every instant that the frontier stores, and what bounds it. A new one must be looked over, and named here.
LOOKED_OVER = {
    "urls.rank": "an order, never waited for",
    "urls.first_seen": "min() with the visit's own time",
    "urls.ended_at": "shown; SKEW_MAX where due_at is judged by it",
    "urls.fetched_at": "shown",
    "urls.changed_at": "compared by archives, up to now",
    "urls.interval": "seconds; recrawl_schedule bounds it",
    "urls.due_at": "REVISIT_MAX where the visit before was itself ahead of the clock",
    "urls.gone_since": "shown",
    "visits.ended_at": "shown",
    "leases.heartbeat": "SKEW_MAX",
    "leases.ended_at": "null or not",
    "hosts.next_at": "NEXT_REQUEST_MAX",
    "hosts.blocked_until": "BLOCK_MAX",
    "hosts.held_until": "HOLD_MAX",
    "robots.checked_at": "SKEW_MAX",
    "statements.checked_at": "SKEW_MAX",
    "statements.fetched_at": "SKEW_MAX",
    "erased.erased_at": "shown",
    "ways.checked_at": "shown",
    "ways.changed_at": "a difference that is negative is no wait",
    "ways.due_at": "REVISIT_MAX",
    "archives.read_at": "shown",
    "units.planned_at": "shown",
    "units.started_at": "shown",
    "units.finished_at": "shown",
}


def test_every_stored_instant_was_looked_over() -> None:
    stored = {f"{t.name}.{c.name}" for t in metadata.tables.values() for c in t.columns if isinstance(c.type, Float)}
    assert stored == set(LOOKED_OVER)
    assert max(ARTICLE_INTERVAL_MAX, WAY_INTERVAL_MAX) <= REVISIT_MAX


@pytest.fixture
def frontier(tmp_path: Path) -> Frontier:
    return Frontier(tmp_path / "f.sqlite", clock=lambda: NOW)


@pytest.mark.attack("clocks", "fault")
def test_a_host_s_turn_that_lies_far_ahead_is_taken_for_free(frontier: Frontier, attack: Attack) -> None:
    lease = frontier.leases.begin("r1")
    other = frontier.leases.begin("r2")
    budget = HostBudget(frontier.engine, lease, lambda: NOW)
    for ahead in AHEAD:
        for column in ("next_at", "blocked_until", "held_until"):
            with attack.case((column, ahead)):
                host = f"{column}-{ahead}"
                stored = {"next_at": 0.0, "blocked_until": 0.0, "held_until": 0.0, column: NOW + ahead}
                with frontier.engine.begin() as db:
                    db.execute(insert(hosts).values(host=host, lease=other, **stored))
                    if column != "held_until":
                        db.execute(update(hosts).where(hosts.c.host == host).values(lease=None))
                assert host not in budget.blocked()
                assert budget.take(host, delay=1.0, hold=30.0, exclusive=True) == 0.0
                budget.give(host, NOW + 1.0, strikes=0)
                assert budget.take(host, delay=1.0, hold=30.0, exclusive=True) == pytest.approx(1.0)
                budget.block(host, NOW + 60.0, "answered 429", 1)
                assert budget.blocked()[host].blocked_until == NOW + 60.0


def test_what_may_be_meant_is_still_waited_for(frontier: Frontier) -> None:
    budget = HostBudget(frontier.engine, frontier.leases.begin("r1"), lambda: NOW)
    with frontier.engine.begin() as db:
        db.execute(insert(hosts).values(host="slow", next_at=NOW + NEXT_REQUEST_MAX, blocked_until=0.0, held_until=0.0))
        db.execute(insert(hosts).values(host="asked", next_at=0.0, blocked_until=NOW + BLOCK_MAX, held_until=0.0))
    assert budget.take("slow", delay=1.0, hold=30.0, exclusive=True) == NEXT_REQUEST_MAX
    assert budget.take("asked", delay=1.0, hold=30.0, exclusive=True) == BLOCK_MAX
    assert set(budget.blocked()) == {"asked"}


@pytest.mark.attack("clocks", "fault")
def test_a_clock_set_back_during_a_run_hangs_nothing(frontier: Frontier, attack: Attack) -> None:
    for back in AHEAD[:4]:
        with attack.case(back):
            moment = [NOW + back]
            budget = HostBudget(frontier.engine, frontier.leases.begin("r1"), lambda moment=moment: moment[0])  # type: ignore[misc]
            limiter = RateLimiter(budget, 4, clock=lambda moment=moment: moment[0])  # type: ignore[misc]

            async def ask(limiter: RateLimiter = limiter, moment: list[float] = moment) -> None:
                async with limiter.slot("post.example", Pace(delay=60.0)) as slot:
                    slot.status = 200
                moment[0] = NOW
                async with limiter.slot("post.example", Pace(delay=60.0)) as slot:
                    slot.status = 200

            asyncio.run(asyncio.wait_for(ask(), 20))


@pytest.mark.attack("clocks", "fault")
def test_revisits_leases_and_robots_of_a_clock_ahead_are_not_waited_for(frontier: Frontier, attack: Attack) -> None:
    for number, ahead in enumerate(AHEAD):
        url = f"https://post.example/{number}"
        frontier.enqueue("r1", [DiscoveredUrl("post", url, url, "post.example", Hints())])
        with attack.case(("due_at", ahead)):
            with frontier.engine.begin() as db:
                db.execute(update(urls).where(urls.c.url == url).values(state="done", due_at=NOW + ahead))
            assert frontier.wake(["post"]) == 1
        with attack.case(("heartbeat", ahead)):
            with frontier.engine.begin() as db:
                row = {
                    "run_id": "r1",
                    "machine": "elsewhere",
                    "pid": 1,
                    "process_started": "1",
                    "heartbeat": NOW + ahead,
                }
                lease = db.execute(insert(leases).values(**row)).inserted_primary_key[0]  # type: ignore[index]
                db.execute(update(urls).where(urls.c.url == url).values(state="claimed", lease=lease))
            assert frontier.leases.recover() == 1
        with attack.case(("checked_at", ahead)):
            assert not RobotsFile("o", RobotsVerdict.RULES, NOW + ahead).is_fresh(NOW)
            assert RobotsFile("o", RobotsVerdict.RULES, NOW - 5).is_fresh(NOW)


@pytest.mark.attack("dates in listings", "hostile input")
def test_dates_at_the_ends_of_the_calendar_break_no_listing(attack: Attack) -> None:
    today = date(2026, 7, 20)
    dates = [
        "9999-12-31T23:59:59-14:00", "9999-12-31", "0001-01-01T00:00:00+14:00", "0001-01-01", "2999-01-01",
        "1599-12-31",         "2026-02-30", "2026-07-20T25:00:00Z", "20260720", "Mon, 31 Dec 9999 23:59:59 -1400",
        "99999999999999", "-1",
    ]  # fmt: skip
    honest = ListingEntry("https://post.example/a", published=datetime(2026, 7, 18, tzinfo=UTC))
    for text in dates:
        with attack.case(text):
            told = iso_moment(text)
            feed = f"<rss version='2.0'><channel><item><link>https://post.example/x</link><pubDate>{text}</pubDate></item></channel></rss>"
            [entry] = read_feed(feed.encode(), "https://post.example/rss").entries
            for moment in (told, entry.published):
                listing = Listing(
                    (honest, ListingEntry("/b", published=moment, modified=moment)), (Child("/c", moment),)
                )
                span = recent(listing, 30, today)
                assert span is not None
                assert span.start <= date(2026, 6, 22)
                assert span.may_hold(honest)
                for one in (span, Span(date.min), Span(date.max), Span(date.min, date.max)):
                    one.may_hold(listing.entries[1])
                    one.may_list(listing.children[0])
    numbered = Listing(
        children=(Child("/sitemap-2026-07.xml"), Child("/sitemap-2050.xml"), Child("/sitemap-2099-12.xml"))
    )
    span = recent(numbered, 30, today)
    assert span is not None
    assert span.may_list(numbered.children[0])


def test_a_crawl_after_one_whose_clock_was_three_days_ahead_does_all_its_work(tmp_path: Path) -> None:
    with OneWeb({"/a": html(), "/b": html()}) as web:
        web.pages["/rss"] = rss(web.url("/a"))
        made = Crawls(tmp_path, web.port)
        web.write_source(made.sources, politeness="delay_seconds = 0.1\ntimeout_seconds = 5\n")
        made.run()
        with made.frontier().engine.begin() as db:
            for table in metadata.tables.values():
                ahead = {c.name: c + 3 * DAY for c in table.columns if isinstance(c.type, Float) and c.name != "rank"}
                if ahead:
                    db.execute(update(table).values(**ahead))
            db.execute(update(leases).values(ended_at=None, machine="elsewhere"))
            db.execute(
                update(hosts).values(lease=1, held_until=time.time() + 3 * DAY, blocked_until=time.time() + 3 * DAY)
            )
        web.pages["/rss"] = rss(web.url("/a"), web.url("/b"))
        made.run()  # ends within its two minutes
        assert set(made.frontier().outcomes().values()) <= {"fetched", "unchanged"}
        assert web.paths().count("/b") == 1
        assert web.paths().count("/robots.txt") == 2
