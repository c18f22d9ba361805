"""The ledger: each URL once, claimed by one, ended once, and back in the queue when its process dies."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from cleaning.records import Hints
from spiders.frontier.frontier import Ended, Ledger, Offer, Outcome, Task
from spiders.frontier.outcomes import MEANING, http_outcome, is_passing, meaning
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
def ledger(tmp_path: Path, clock: Clock) -> Ledger:
    return Ledger(tmp_path / "state" / "ledger.sqlite", clock=clock)


def offer(name: str, **hints: object) -> Offer:
    url = f"https://{HOST}/{name}"
    return Offer("post", url, url, HOST, Hints(**hints))  # type: ignore[arg-type]


def claim(ledger: Ledger, limit: int = 10, run: str = "r1", span: str = "") -> list[Task]:
    return ledger.claim(ledger.leases.begin(run), "post", HOST, limit, span)


def end(task: Task, outcome: str, **facts: object) -> Ended:
    return Ended(task, outcome, 1_000_000.0, **facts)  # type: ignore[arg-type]


def test_a_url_is_entered_once_per_source(ledger: Ledger) -> None:
    assert ledger.offer("r1", [offer("a"), offer("b"), offer("a")]) == 2
    assert ledger.offer("r2", [offer("b"), offer("c")]) == 1
    assert ledger.counts()["post"].discovered == 3
    assert ledger.counts("r2")["post"].discovered == 1


def test_a_url_is_claimed_by_one_process_and_the_newest_goes_first(ledger: Ledger) -> None:
    ledger.offer(
        "r1", [offer("old", published=datetime(2020, 1, 1, tzinfo=UTC)), offer("none"), offer("new", published=JULY)]
    )
    first = claim(ledger, 2)
    assert [task.url.rpartition("/")[2] for task in first] == ["new", "old"]
    assert [task.url.rpartition("/")[2] for task in claim(ledger)] == ["none"]
    assert claim(ledger) == []


def test_hints_come_back_as_they_were_told(ledger: Ledger) -> None:
    hints = {"title": "Harbour wall", "published": JULY, "modified": JULY, "via": "https://post.example/rss"}
    ledger.offer("r1", [offer("a", **hints)])
    [task] = claim(ledger)
    assert task.hints == Hints(**hints)  # type: ignore[arg-type]


def test_each_url_ends_in_one_outcome_and_is_counted(ledger: Ledger) -> None:
    ledger.offer("r1", [offer(name) for name in "abcd"])
    a, b, c, _ = claim(ledger)
    ledger.finish(
        "r1", [end(a, Outcome.FETCHED), end(b, http_outcome(404), detail="answered 404"), end(c, Outcome.TIMEOUT)]
    )
    counts = ledger.counts("r1")["post"]
    assert counts.fetched == 1
    assert counts.failed == {"http-404": 1, "timeout": 1}
    assert counts.pending == 1
    assert {f.outcome for f in ledger.failures("post")} == {"http-404", "timeout"}
    assert [f.url for f in ledger.failures(reason="http-404")] == [b.url]


def test_failures_are_retried_on_demand(ledger: Ledger) -> None:
    ledger.offer("r1", [offer("a"), offer("b")])
    a, b = claim(ledger)
    ledger.finish("r1", [end(a, http_outcome(404)), end(b, Outcome.FETCHED)])
    assert ledger.retry("post", "timeout") == 0
    assert ledger.retry("post") == 1
    assert [task.url for task in claim(ledger, run="r2")] == [a.url]
    assert not ledger.failures()


def test_an_offer_may_end_at_once(ledger: Ledger) -> None:
    off_site = Offer("post", "https://evil.example/", "https://evil.example/", "", Hints(), Outcome.OFF_SITE, "no host")
    ledger.offer("r1", [off_site, offer("a")])
    assert ledger.counts("r1")["post"].outcomes == {"off-site": 1}
    assert len(claim(ledger)) == 1


def test_what_is_due_is_looked_at_again_and_nothing_else(ledger: Ledger, clock: Clock) -> None:
    ledger.offer("r1", [offer("soon"), offer("never")])
    soon, never = claim(ledger)
    ledger.finish("r1", [end(soon, Outcome.FETCHED, due_at=clock.now + 60, etag='"1"'), end(never, Outcome.FETCHED)])
    assert ledger.wake(["post"]) == 0
    clock.now += 61
    assert ledger.wake(["post"]) == 1
    [task] = claim(ledger, run="r2")
    assert (task.url, task.etag) == (soon.url, '"1"')
    ledger.finish("r2", [end(task, Outcome.UNCHANGED)])
    assert ledger.wake(["post"], everything=True) == 2


def test_a_later_date_of_change_makes_a_page_due(ledger: Ledger) -> None:
    ledger.offer("r1", [offer("a", modified=JULY)])
    ledger.finish("r1", [end(claim(ledger)[0], Outcome.FETCHED)])
    ledger.offer("r2", [offer("a", modified=JULY)])
    assert ledger.wake(["post"]) == 0
    ledger.offer("r2", [offer("a", modified=datetime(2026, 7, 21, tzinfo=UTC))])
    assert ledger.wake(["post"]) == 1


def test_a_backfill_has_a_queue_of_its_own(ledger: Ledger) -> None:
    ledger.offer("r1", [offer("a"), offer("b")], span="2026-07-01..2026-07-02")
    assert claim(ledger) == []
    ledger.offer("r2", [offer("b")])
    assert len(claim(ledger)) == 1
    assert len(claim(ledger, span="2026-07-01..2026-07-02")) == 1


def test_what_a_dead_process_held_goes_back_and_what_a_living_one_holds_does_not(ledger: Ledger) -> None:
    ledger.offer("r1", [offer("a"), offer("b")])
    mine = ledger.leases.begin("r1")
    assert len(ledger.claim(mine, "post", HOST, 1)) == 1
    theirs = ledger.leases.begin("r2")
    assert len(ledger.claim(theirs, "post", HOST, 1)) == 1
    dead = subprocess.Popen([sys.executable, "-c", "pass"])
    dead.wait()
    with ledger.engine.begin() as db:
        db.execute(update(leases).where(leases.c.id == theirs).values(pid=dead.pid, process_started="1"))
    assert ledger.leases.recover() == 1
    assert len(claim(ledger)) == 1
    assert ledger.leases.recover() == 0


def test_a_process_on_another_machine_is_dead_when_its_heart_stops(ledger: Ledger, clock: Clock) -> None:
    ledger.offer("r1", [offer("a")])
    lease = ledger.leases.begin("r1")
    ledger.claim(lease, "post", HOST, 1)
    with ledger.engine.begin() as db:
        db.execute(update(leases).where(leases.c.id == lease).values(machine="elsewhere"))
    clock.now += 30
    assert ledger.leases.recover() == 0
    ledger.leases.beat(lease)
    clock.now += 59
    assert ledger.leases.recover() == 0
    clock.now += 2
    assert ledger.leases.recover() == 1


def test_a_redirect_s_target_is_claimed_once(ledger: Ledger) -> None:
    ledger.offer("r1", [offer("a"), offer("known")])
    lease = ledger.leases.begin("r1")
    [task] = [t for t in ledger.claim(lease, "post", HOST, 9) if t.url.endswith("/a")]
    target = f"https://{HOST}/b"
    followed = ledger.follow("r1", lease, task, target, target, HOST)
    assert followed is not None
    assert ledger.follow("r1", lease, task, target, target, HOST) is None
    assert ledger.follow("r1", lease, task, f"https://{HOST}/known", f"https://{HOST}/known", HOST) is None


def test_units_are_planned_once_and_finished_once(ledger: Ledger) -> None:
    days = [date(2026, 7, 1), date(2026, 7, 2)]
    wanted = [("post", day) for day in days]
    assert ledger.units.plan(wanted) == 2
    assert ledger.units.plan(wanted) == 0
    ledger.units.start("post", days, "r1")
    ledger.units.finish("post", days[:1])
    ledger.units.fail("post", days[1:], "the host was down")
    states = {unit.day: (unit.state, unit.attempts) for unit in ledger.units.list(["post"], *days)}
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
    with pytest.raises(KeyError):
        meaning("lost")
