"""A backfill does each unit once, shows its plan first, and is killed and called again without loss."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from cleaning.urls import canonical_url
from flows.backfill import backfill
from flows.config import open_frontier
from flows.crawling.jobs import CrawlJob
from flows.crawling.runs import Run
from flows.date_range import DateRange
from flows.lake.store import Lake
from flows.reports.presentation import CrawlError
from flows.reports.source_failures import source_failures
from flows.sample.server import SampleWeb
from flows.sample.truth import load
from flows.work.backfill import plan, waves_of
from spiders.discovery.endpoints import HOST_WAITS, Endpoints, ListingFault
from spiders.frontier.backfill_units import FAILED, FINISHED, Unit
from spiders.frontier.frontier import DiscoveredUrl
from tests.flows.conftest import REPOSITORY

START, END = date(2026, 7, 13), date(2026, 7, 19)
SOURCES = ["metro-courier", "nordwind-zeitung", "wire-mirror"]
WAIT_SECONDS = 120.0
# Starting worker processes costs more than cleaning these few pages; test_truth.py uses them.
IN_PROCESS = "NEWSMILL_PUBLISH_WORKERS", "0"

CALL = """
import sys
from datetime import date
from flows.backfill import backfill
if __name__ == "__main__":
    start, end, lake, sources_dir, allow, *sources = sys.argv[1:]
    backfill(date.fromisoformat(start), date.fromisoformat(end), sources, lake, sources_dir, [allow], wave_days=3)
"""


def units_of(lake: Path) -> list[Unit]:
    frontier = open_frontier(lake)
    try:
        return frontier.units.list(SOURCES, START, END)
    finally:
        frontier.close()


def test_a_plan_is_every_source_on_every_day_and_waves_hold_what_is_left_oldest_first(tmp_path: Path) -> None:
    frontier = open_frontier(tmp_path)
    units = plan(frontier, ["a", "b"], START, END)
    assert [(u.source, u.day) for u in units] == [(s, START + timedelta(days=n)) for s in ("a", "b") for n in range(7)]
    frontier.units.finish("a", [START, START + timedelta(days=1)])
    waves = waves_of(plan(frontier, ["a", "b"], START, END), 3)
    left = [(u.source, u.day) for wave in waves for u in wave.units]
    assert len(left) == 12
    assert ("a", START) not in left
    assert [w.days for w in waves] == sorted(w.days for w in waves)
    again = waves_of(plan(frontier, ["a", "b"], START + timedelta(days=1), END), 3)
    assert [w.days.last for w in again] == [w.days.last for w in waves if w.days.last > START]
    frontier.close()


@pytest.mark.parametrize(
    ("issue", "is_complete"),
    [
        ("http-503", False),  # may list the days that were asked for, and nobody has read it
        (HOST_WAITS, False),
        ("internal-error", False),
        ("http-404", True),  # gone for good; another listing was read
    ],
)
def test_a_backfill_whose_listings_could_not_all_be_read_is_not_complete(
    tmp_path: Path, issue: str, is_complete: bool
) -> None:
    frontier = open_frontier(tmp_path)
    job = CrawlJob(Run("r1", ("a-b",), DateRange(START, END)), tmp_path, tmp_path, None, ())
    offer = DiscoveredUrl("a-b", "http://a.localhost/1", "https://a.localhost/1", "a.localhost")
    frontier.enqueue("r1", [offer])
    Endpoints(frontier.engine).note_fault("r1", ListingFault("a-b", "http://a.localhost/map.xml", issue))
    told = source_failures(frontier, [job], {})
    assert told == ({} if is_complete else {"a-b": f"listings could not be read: {issue}"})
    frontier.close()


def test_a_range_that_ends_before_it_begins_is_refused(engine: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="swap"):
        backfill(END, START, lake=str(tmp_path))


def test_killed_half_way_and_called_again_it_does_the_rest_and_no_unit_twice(
    engine: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(*IN_PROCESS)
    engine = {**engine, IN_PROCESS[0]: IN_PROCESS[1]}
    lake, sources = tmp_path / "lake", tmp_path / "sources"
    with SampleWeb(port=0) as web:
        web.write_sources(sources)
        allow = f"127.0.0.1:{web.port}"
        words = [START.isoformat(), END.isoformat(), str(lake), str(sources), allow, *SOURCES]
        call = subprocess.Popen([sys.executable, "-c", CALL, *words], env=engine, cwd=REPOSITORY)
        deadline = time.monotonic() + WAIT_SECONDS
        while call.poll() is None and not any(u.state == FINISHED for u in units_of(lake)):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        call.send_signal(signal.SIGKILL)
        call.wait()
        before = {(u.source, u.day): u.attempts for u in units_of(lake) if u.state == FINISHED}
        assert 0 < len(before) < 21
        fetched = sum(1 for r in web.log if r.path.endswith(".html"))

        report = backfill(START, END, SOURCES, str(lake), str(sources), [allow], wave_days=3)

        after = units_of(lake)
        assert {u.state for u in after} == {FINISHED}
        assert {(u.source, u.day): u.attempts for u in after if (u.source, u.day) in before} == before
        assert report.total.fetched > 0
        pages = [r.url for r in web.log if r.status == 200 and r.path.endswith(".html")]
        assert len(pages) >= fetched
        truth = load(web.port)
        wanted = {u for u, a in truth.between(START, END).items() if a.source in SOURCES}
        table = Lake(lake)
        rows = [r for t in ("articles", "duplicates") for r in table.read(t).to_pylist()]
        assert {canonical_url(r["canonical_url"]) for r in rows} == {canonical_url(u) for u in wanted}
        assert len(rows) == len({r["article_id"] for r in rows})

        asked = len(web.log)
        done = backfill(START, END, SOURCES, str(lake), str(sources), [allow], wave_days=3)
        assert (done.total.fetched, len(web.log)) == (0, asked)


def test_a_source_whose_listings_fail_is_not_finished_and_does_not_hinder_the_others(
    engine: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(*IN_PROCESS)
    with SampleWeb(port=0) as web:
        web.write_sources(tmp_path / "sources")
        broken = (tmp_path / "sources" / "metro-courier.toml").read_text()
        shutil.copytree(tmp_path / "sources", tmp_path / "dead")
        port = str(web.port)
        (tmp_path / "dead" / "metro-courier.toml").write_text(broken.replace(port, "1"))
        allow = [f"127.0.0.1:{port}", "127.0.0.1:1"]
        lake = str(tmp_path / "lake")
        day = date(2026, 7, 16)
        report = backfill(day, day, ["metro-courier", "nordwind-zeitung"], lake, str(tmp_path / "dead"), allow)
        states = {u.source: u.state for u in units_of(tmp_path / "lake")}
        assert states == {"metro-courier": FAILED, "nordwind-zeitung": FINISHED}
        assert "metro-courier" in {s.source for s in report.sources if s.trouble}
        with pytest.raises(CrawlError, match="metro-courier"):
            backfill(day, day, ["metro-courier"], lake, str(tmp_path / "dead"), allow)
