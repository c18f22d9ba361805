"""The frontier: each URL once, claimed by one, ended once, and back in the queue when its process dies."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, update

from cleaning.records import Hints
from spiders.discovery.endpoints import Endpoint, Endpoints
from spiders.frontier.bookkeeping.coverage_records import CoverageRecords
from spiders.frontier.bookkeeping.gone_pages import gone_pages
from spiders.frontier.endpoint_kinds import Kind, kind_bits, kinds_of
from spiders.frontier.frontier import DiscoveredUrl, FinishedTask, Frontier, Outcome, Task
from spiders.frontier.outcomes import MEANING, http_outcome, is_outcome, is_passing, meaning
from spiders.frontier.tables import leases

HOST = "post.example"
JULY = datetime(2026, 7, 20, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def frontier(tmp_path: Path, clock: Clock) -> Frontier:
    return Frontier(tmp_path / "state" / "ledger.sqlite", clock=clock)


def offer(name: str, **hints: object) -> DiscoveredUrl:
    url = f"https://{HOST}/{name}"
    return DiscoveredUrl("post", url, url, HOST, Hints(**hints))  # type: ignore[arg-type]


def claim(frontier: Frontier, limit: int = 10, run: str = "r1", span: str = "") -> list[Task]:
    return frontier.claim(frontier.leases.begin(run), "post", HOST, limit, span)


def end(task: Task, outcome: str, **facts: object) -> FinishedTask:
    return FinishedTask(task, outcome, 1_000_000.0, **facts)  # type: ignore[arg-type]


def test_a_url_is_entered_once_per_source(frontier: Frontier) -> None:
    assert frontier.enqueue("r1", [offer("a"), offer("b"), offer("a")]) == 2
    assert frontier.enqueue("r2", [offer("b"), offer("c")]) == 1
    assert frontier.counts()["post"].discovered == 3
    assert frontier.counts("r2")["post"].discovered == 1


def test_every_kind_of_endpoint_that_lists_a_url_is_remembered(frontier: Frontier) -> None:
    feed, sitemap = (replace(offer("a"), listed_by=kind_bits([kind])) for kind in (Kind.FEED, Kind.SITEMAP))
    frontier.enqueue("r1", [feed])
    frontier.enqueue("r2", [sitemap])
    frontier.enqueue("r3", [feed])
    [task] = claim(frontier)
    assert kinds_of(task.listed_by) == {Kind.FEED, Kind.SITEMAP}
    frontier.enqueue("r4", [replace(offer("b"), listed_by=one.listed_by) for one in (feed, sitemap)])
    assert kinds_of(claim(frontier)[0].listed_by) == {Kind.FEED, Kind.SITEMAP}


def test_a_frontier_of_an_earlier_release_gets_the_columns_it_lacks_and_the_kind_of_its_first_listing(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ledger.sqlite"
    old = Frontier(path)
    old.enqueue("r1", [offer("a", via="https://post.example/rss"), offer("b")])
    Endpoints(old.engine).save(Endpoint("post", "https://post.example/rss", Kind.FEED, 0.0, 0.0, 0.0))
    with old.engine.begin() as db:
        for name in ("urls_counted", "urls_uncounted", "visits_url"):
            db.exec_driver_sql(f"DROP INDEX {name}")
        for name in ("listed_by", "counted_day", "uncounted"):
            db.exec_driver_sql(f"ALTER TABLE urls DROP COLUMN {name}")
    old.close()
    tasks = {task.url.rpartition("/")[2]: kinds_of(task.listed_by) for task in claim(Frontier(path))}
    assert tasks == {"a": {Kind.FEED}, "b": set()}
    assert len(next(CoverageRecords(Frontier(path).engine).uncounted())) == 2


def test_a_visit_that_is_due_in_months_is_not_due_now(frontier: Frontier, clock: Clock) -> None:
    frontier.enqueue("r1", [offer("sampled")])
    months = 137 * 86_400.0
    frontier.finish("r1", [end(task, Outcome.UNCHANGED, due_at=clock.now + months) for task in claim(frontier)])
    assert frontier.wake(["post"]) == 0
    clock.now += months
    assert frontier.wake(["post"]) == 1


def test_a_url_is_claimed_by_one_process_and_the_newest_goes_first(frontier: Frontier) -> None:
    frontier.enqueue(
        "r1", [offer("old", published=datetime(2020, 1, 1, tzinfo=UTC)), offer("none"), offer("new", published=JULY)]
    )
    first = claim(frontier, 2)
    assert [task.url.rpartition("/")[2] for task in first] == ["new", "old"]
    assert [task.url.rpartition("/")[2] for task in claim(frontier)] == ["none"]
    assert claim(frontier) == []


def test_hints_come_back_as_they_were_told(frontier: Frontier) -> None:
    hints = {"title": "Harbour wall", "published": JULY, "modified": JULY, "via": "https://post.example/rss"}
    frontier.enqueue("r1", [offer("a", **hints)])
    [task] = claim(frontier)
    assert task.hints == Hints(**hints)  # type: ignore[arg-type]


def test_each_url_ends_in_one_outcome_and_is_counted(frontier: Frontier) -> None:
    frontier.enqueue("r1", [offer(name) for name in "abcd"])
    a, b, c, _ = claim(frontier)
    frontier.finish(
        "r1", [end(a, Outcome.FETCHED), end(b, http_outcome(404), detail="answered 404"), end(c, Outcome.TIMEOUT)]
    )
    counts = frontier.counts("r1")["post"]
    assert counts.fetched == 1
    assert counts.failed == {"http-404": 1, "timeout": 1}
    assert counts.pending == 1
    assert {f.outcome for f in frontier.failures("post")} == {"http-404", "timeout"}
    assert [f.url for f in frontier.failures(reason="http-404")] == [b.url]


def test_failures_are_retried_on_demand(frontier: Frontier) -> None:
    frontier.enqueue("r1", [offer("a"), offer("b")])
    a, b = claim(frontier)
    frontier.finish("r1", [end(a, http_outcome(404)), end(b, Outcome.FETCHED)])
    assert frontier.retry("post", "timeout") == 0
    assert frontier.retry("post") == 1
    assert [task.url for task in claim(frontier, run="r2")] == [a.url]
    assert not frontier.failures()


def test_an_offer_may_end_at_once(frontier: Frontier) -> None:
    off_site = DiscoveredUrl(
        "post", "https://evil.example/", "https://evil.example/", "", Hints(), Outcome.OFF_SITE, "no host"
    )
    frontier.enqueue("r1", [off_site, offer("a")])
    assert frontier.counts("r1")["post"].outcomes == {"off-site": 1}
    assert len(claim(frontier)) == 1


def test_what_is_due_is_looked_at_again_and_nothing_else(frontier: Frontier, clock: Clock) -> None:
    frontier.enqueue("r1", [offer("soon"), offer("never")])
    soon, never = claim(frontier)
    frontier.finish("r1", [end(soon, Outcome.FETCHED, due_at=clock.now + 60, etag='"1"'), end(never, Outcome.FETCHED)])
    assert frontier.wake(["post"]) == 0
    clock.now += 61
    assert frontier.wake(["post"]) == 1
    [task] = claim(frontier, run="r2")
    assert (task.url, task.etag) == (soon.url, '"1"')
    frontier.finish("r2", [end(task, Outcome.UNCHANGED)])
    assert frontier.wake(["post"], recrawl_all=True) == 2


def test_a_later_date_of_change_makes_a_page_due(frontier: Frontier) -> None:
    frontier.enqueue("r1", [offer("a", modified=JULY)])
    frontier.finish("r1", [end(claim(frontier)[0], Outcome.FETCHED)])
    frontier.enqueue("r2", [offer("a", modified=JULY)])
    assert frontier.wake(["post"]) == 0
    frontier.enqueue("r2", [offer("a", modified=datetime(2026, 7, 21, tzinfo=UTC))])
    assert frontier.wake(["post"]) == 1


def test_a_backfill_has_a_queue_of_its_own(frontier: Frontier) -> None:
    frontier.enqueue("r1", [offer("a"), offer("b")], span="2026-07-01..2026-07-02")
    assert claim(frontier) == []
    frontier.enqueue("r2", [offer("b")])
    assert len(claim(frontier)) == 1
    assert len(claim(frontier, span="2026-07-01..2026-07-02")) == 1


def test_what_a_dead_process_held_goes_back_and_what_a_living_one_holds_does_not(frontier: Frontier) -> None:
    frontier.enqueue("r1", [offer("a"), offer("b")])
    mine = frontier.leases.begin("r1")
    assert len(frontier.claim(mine, "post", HOST, 1)) == 1
    theirs = frontier.leases.begin("r2")
    assert len(frontier.claim(theirs, "post", HOST, 1)) == 1
    dead = subprocess.Popen([sys.executable, "-c", "pass"])
    dead.wait()
    with frontier.engine.begin() as db:
        db.execute(update(leases).where(leases.c.id == theirs).values(pid=dead.pid, process_started="1"))
    assert frontier.leases.recover() == 1
    assert len(claim(frontier)) == 1
    assert frontier.leases.recover() == 0


def test_a_process_on_another_machine_is_dead_when_its_heart_stops(frontier: Frontier, clock: Clock) -> None:
    frontier.enqueue("r1", [offer("a")])
    lease = frontier.leases.begin("r1")
    frontier.claim(lease, "post", HOST, 1)
    with frontier.engine.begin() as db:
        db.execute(update(leases).where(leases.c.id == lease).values(machine="elsewhere"))
    clock.now += 30
    assert frontier.leases.recover() == 0
    frontier.leases.beat(lease)
    clock.now += 59
    assert frontier.leases.recover() == 0
    clock.now += 2
    assert frontier.leases.recover() == 1


def test_a_redirect_s_target_is_claimed_once(frontier: Frontier) -> None:
    frontier.enqueue("r1", [offer("a"), offer("known")])
    lease = frontier.leases.begin("r1")
    [task] = [t for t in frontier.claim(lease, "post", HOST, 9) if t.url.endswith("/a")]
    target = f"https://{HOST}/b"
    followed = frontier.follow("r1", lease, task, target, target, HOST)
    assert followed is not None
    assert frontier.follow("r1", lease, task, target, target, HOST) is None
    assert frontier.follow("r1", lease, task, f"https://{HOST}/known", f"https://{HOST}/known", HOST) is None


def test_units_are_planned_once_and_finished_once(frontier: Frontier) -> None:
    days = [date(2026, 7, 1), date(2026, 7, 2)]
    wanted = [("post", day) for day in days]
    assert frontier.units.plan(wanted) == 2
    assert frontier.units.plan(wanted) == 0
    frontier.units.start("post", days, "r1")
    frontier.units.finish("post", days[:1])
    frontier.units.fail("post", days[1:], "the host was down")
    states = {unit.day: (unit.state, unit.attempts) for unit in frontier.units.list(["post"], *days)}
    assert states == {days[0]: ("finished", 1), days[1]: ("failed", 1)}


def test_every_outcome_has_a_meaning_and_passing_ones_are_told() -> None:
    assert set(MEANING) == set(Outcome)
    assert meaning("http-404") == "The server answered 404."
    assert is_passing("http-503")
    assert is_passing("http-429")
    assert is_passing(Outcome.TIMEOUT)
    assert not is_passing("http-404")
    assert not is_passing("http-501")
    assert not is_passing(Outcome.ROBOTS)
    assert not is_outcome("lost")
    assert "--retry" in meaning("lost")


def test_the_first_date_of_change_that_a_listing_states_is_news_if_it_is_after_the_last_visit(
    frontier: Frontier, clock: Clock
) -> None:
    frontier.enqueue("r1", [offer("seen"), offer("edited")])
    frontier.finish("r1", [end(task, Outcome.FETCHED, body_digest="d") for task in claim(frontier)])
    visited = datetime.fromtimestamp(clock.now, UTC)
    frontier.enqueue("r2", [offer("seen", modified=visited - timedelta(hours=1))])
    frontier.enqueue("r2", [offer("edited", modified=visited + timedelta(hours=1))])
    clock.now += 7_200
    frontier.wake(["post"])
    assert [task.url.rpartition("/")[2] for task in claim(frontier, run="r2")] == ["edited"]


def test_visits_that_find_a_page_gone_are_counted_until_one_finds_it(frontier: Frontier) -> None:
    frontier.enqueue("r1", [offer("a")])
    seen: list[int] = []
    for number, outcome in enumerate((Outcome.FETCHED, Outcome.GONE, Outcome.TIMEOUT, Outcome.GONE, Outcome.REVISION)):
        [task] = claim(frontier, run=f"r{number}")
        seen.append(task.gone_visits)
        frontier.finish(f"r{number}", [end(task, outcome, body_digest="d")])
        frontier.wake(["post"], recrawl_all=True)
    [task] = claim(frontier, run="last")
    assert [*seen, task.gone_visits] == [0, 0, 1, 1, 2, 0]


def test_names_that_changed_in_a_listing_are_those_of_the_next_visit_and_none_take_none_away(
    frontier: Frontier,
) -> None:
    frontier.enqueue("r1", [offer("a", authors=("Ada Quill",))])
    frontier.enqueue("r2", [offer("a", authors=("Ben Weir",))])
    frontier.enqueue("r3", [offer("a")])
    [task] = claim(frontier)
    assert task.hints.authors == ("Ben Weir",)


def test_a_listing_of_known_urls_costs_a_few_statements_whatever_its_length(frontier: Frontier) -> None:
    names = [f"story-{number}" for number in range(400)]
    frontier.enqueue("r1", [replace(offer(name), listed_by=kind_bits([Kind.FEED])) for name in names])
    said: list[str] = []
    event.listen(frontier.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    listed = kind_bits([Kind.SITEMAP])
    frontier.enqueue("r2", [replace(offer(name, modified=JULY), listed_by=listed) for name in names], span="a..b")
    frontier.enter("r3", [replace(offer(name), listed_by=kind_bits([Kind.IMPORT])) for name in names])
    assert len(said) < 20
    [task, *others] = claim(frontier, 500, span="a..b")
    assert len(others) == len(names) - 1
    assert kinds_of(task.listed_by) == {Kind.FEED, Kind.SITEMAP, Kind.IMPORT}
    assert task.hints.modified == JULY


def test_examples_of_articles_are_what_listings_of_articles_named_on_any_page_of_theirs(frontier: Frontier) -> None:
    listed = {"page-2": Kind.FEED, "post": Kind.API, "about": Kind.SITEMAP, "link": Kind.SECTION}
    frontier.enqueue(
        "r1",
        [
            replace(offer(name, via=f"https://post.example/{name}?paged=2"), listed_by=kind_bits([kind]))
            for name, kind in listed.items()
        ],
    )
    assert [url.rpartition("/")[2] for url in frontier.articles("post", 10)] == ["post", "page-2"]


def test_what_changed_and_what_is_gone_is_found_without_looking_through_all_urls(frontier: Frontier) -> None:
    said: list[str] = []
    event.listen(frontier.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    assert list(CoverageRecords(frontier.engine).uncounted()) == []
    assert gone_pages(frontier.engine) == []
    asked = [statement for statement in said if "FROM urls" in statement]
    assert len(asked) == 3
    with frontier.engine.connect() as db:
        for statement in asked:
            values = (0,) * statement.count("?")
            plan = db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            assert "USING INDEX urls_" in str(plan), plan
