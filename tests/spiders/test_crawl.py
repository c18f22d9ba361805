"""Whole crawls of the sample web, as processes: outcomes, politeness, recovery, second runs, backfills."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from cleaning.urls import canonical_url
from flows.sample import truth
from flows.sample.faults import Break, Fault
from flows.sample.server import SampleWeb
from spiders.archive.warc_reader import read_page, read_pages
from spiders.discovery.endpoints import Endpoints
from spiders.frontier.frontier import Frontier
from spiders.frontier.tables import urls, visits
from tests.spiders.crawling import ROOT, Crawls

pytestmark = pytest.mark.slow

Make = Callable[..., Crawls]

ROUGH = "rough-road"
HARBOR = "the-harbor-post"
HARBOR_HOST = "the-harbor-post.localhost"


def canonical_outcomes(frontier: Frontier) -> dict[str, str]:
    return {canonical_url(url): outcome for url, outcome in frontier.outcomes().items()}


def run_ids(frontier: Frontier) -> list[str]:
    with frontier.engine.connect() as db:
        return [str(run) for (run,) in db.execute(select(visits.c.run_id).distinct())]


def pages_of(crawls: Crawls) -> list[str]:
    files = sorted(crawls.lake.glob("raw/*/*/*.warc.gz"))
    return [page.url for file in files for page in read_pages(file, root=crawls.lake)]


def requests(web: SampleWeb, host: str) -> list[tuple[float, str, int]]:
    return [(entry.time, entry.path, entry.status) for entry in web.log if entry.host == host]


def test_every_url_that_is_offered_ends_in_the_outcome_that_is_right(whole: tuple[Crawls, SampleWeb]) -> None:
    made, web = whole
    known = truth.load(web.port)
    got = canonical_outcomes(made.frontier())
    expected = {canonical_url(url): right for url, right in known.outcomes.items() if "//slow-road." not in url}
    wrong = {url: (got.get(url), right) for url, right in expected.items() if got.get(url) not in right}
    assert not wrong
    asked = {f"http://{entry.host}:{web.port}{entry.path}" for entry in web.log}
    assert not asked & known.forbidden
    assert set(Counter(pages_of(made)).values()) == {1}


def test_a_row_of_the_frontier_leads_to_its_bytes(whole: tuple[Crawls, SampleWeb]) -> None:
    made, _ = whole
    kept = select(urls.c.url, visits).join(visits, visits.c.url_id == urls.c.id).where(visits.c.outcome == "fetched")
    with made.frontier().engine.connect() as db:
        rows = db.execute(kept).all()
    assert rows
    for row in rows:
        page = read_page(made.lake, row.raw_file, row.raw_offset)
        assert canonical_url(page.url) == canonical_url(row.url)
        assert (page.source, page.run_id) == (row.source, "run-001")


def test_a_second_run_fetches_no_article_again_and_asks_conditionally(whole: tuple[Crawls, SampleWeb]) -> None:
    made, web = whole
    before = len(web.log)
    archive = {file: file.stat().st_size for file in made.lake.glob("raw/*/*/*")}
    made.run()
    again = [entry for entry in web.log[before:] if entry.host == HARBOR_HOST]
    assert again
    assert {entry.status for entry in again} == {304}
    assert not any(entry.path == "/robots.txt" for entry in web.log[before:])
    assert {file: file.stat().st_size for file in made.lake.glob("raw/*/*/*")} == archive


def test_what_changed_becomes_a_revision_and_what_did_not_is_unchanged(whole: tuple[Crawls, SampleWeb]) -> None:
    made, web = whole
    first = made.frontier().counts("run-001")
    web.go_to_day(2)
    made.run(revisit="all")
    frontier = made.frontier()
    counts = frontier.counts(max(run_ids(frontier)))
    changed = {a.source for a in truth.load(web.port, day=2).articles.values() if a.earlier_text is not None}
    assert changed <= {name for name, count in counts.items() if count.outcomes.get("revision")}
    outcomes = counts[HARBOR].outcomes
    assert outcomes["unchanged"] + outcomes.get("revision", 0) == first[HARBOR].fetched


def test_slow_and_oversized_answers_are_cut_off(crawls: Make, web: SampleWeb) -> None:
    made = crawls("slow-road")
    made.run()
    outcomes = {url.rpartition("/")[2]: outcome for url, outcome in made.frontier().outcomes().items()}
    assert outcomes["thirty-megabytes"] == "too-large"
    assert outcomes["drip"] == "timeout"
    # On a busy machine the sample web needs longer to pack its bomb than the source's four seconds.
    assert outcomes["bomb"] in ("too-large", "timeout")


def test_passing_faults_are_outlasted_and_the_whole_host_waits_for_retry_after(crawls: Make, web: SampleWeb) -> None:
    made = crawls(HARBOR)
    web.faults.burst(HARBOR_HOST, 503, times=2, path="/2026/07/20/quay-nine-crane-returns")
    web.faults.breaking(HARBOR_HOST, Break.RESET, path="/feed.xml", times=1)
    web.faults.breaking(HARBOR_HOST, Break.HALF_BODY, path="/news-sitemap.xml", times=1)
    web.faults.add(Fault(HARBOR_HOST, "/sitemap.xml", 429, {"retry-after": "2"}, times=1))
    made.run()
    seen = requests(web, HARBOR_HOST)
    [refused] = [moment for moment, _, status in seen if status == 429]
    assert min(moment for moment, _, _ in seen if moment > refused) >= refused + 2
    counts = made.frontier().counts()[HARBOR]
    assert not counts.failed
    assert counts.pending == 0
    assert set(Counter(pages_of(made)).values()) == {1}


def test_the_delay_is_kept_between_any_two_requests_of_two_runs_at_once(crawls: Make, web: SampleWeb) -> None:
    made = crawls(HARBOR)
    path = made.sources / f"{HARBOR}.toml"
    path.write_text(path.read_text().replace("delay_seconds = 0.02", "delay_seconds = 0.15"))
    first, second = made.start(), made.start()
    for process in (first, second):
        _, log = process.communicate(timeout=120)
        assert process.returncode == 0, log
    moments = sorted(moment for moment, path, _ in requests(web, HARBOR_HOST) if path != "/robots.txt")
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert min(gaps) >= 0.15
    assert set(Counter(pages_of(made)).values()) == {1}


def test_robots_that_cannot_be_had_forbids_until_it_answers(crawls: Make, web: SampleWeb) -> None:
    made = crawls(HARBOR)
    web.faults.robots(HARBOR_HOST, status=503)
    made.run()
    assert {path for _, path, _ in requests(web, HARBOR_HOST)} == {"/robots.txt"}
    # and the run knows that it has seen no listing: a backfill that met this is not complete
    faults = Endpoints(made.frontier().engine).faults("run-001")[HARBOR]
    assert faults
    assert all(fault.is_passing for fault in faults)
    web.faults.clear()
    made.run()
    assert made.frontier().counts()[HARBOR].fetched > 0


def test_a_crawl_killed_at_random_moments_loses_nothing_and_doubles_nothing(crawls: Make, web: SampleWeb) -> None:
    alone = {url for url, right in truth.load(web.port).outcomes.items() if f"//{HARBOR_HOST}" in url}
    made = crawls(HARBOR)
    dice = random.Random(20)
    for _ in range(4):
        process = made.start()
        before = len(web.log)
        deadline = time.monotonic() + 30
        wanted = dice.randint(1, 9)
        while len(web.log) - before < wanted and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        made.kill(process)
    made.run()
    outcomes = made.frontier().outcomes()
    assert {canonical_url(url) for url in alone} <= {canonical_url(url) for url in outcomes}
    assert set(outcomes.values()) == {"fetched"}
    asked = Counter(path for _, path, _ in requests(web, HARBOR_HOST))
    # What was on the wire or in the last batch at one of the kills may be asked for again, no more.
    assert all(times <= 5 for times in asked.values())
    for file in made.lake.glob("raw/*/*/*.warc.gz"):
        list(read_pages(file, root=made.lake))


def test_a_backfill_offers_only_what_may_be_of_its_days(crawls: Make, web: SampleWeb) -> None:
    made = crawls(HARBOR)
    made.run(start="2026-07-14", end="2026-07-15")
    days = {url.split("/")[5] for url in pages_of(made) if "/2026/07/" in url}
    # A day either side, for the zones; the flows keep the days that were asked for.
    assert {"14", "15"} <= days <= {"13", "14", "15", "16"}


def test_sigint_ends_a_crawl_soon_and_leaves_its_urls_in_the_queue(crawls: Make, web: SampleWeb) -> None:
    made = crawls(HARBOR)
    web.faults.latency(20.0, HARBOR_HOST)
    process = made.start()
    deadline = time.monotonic() + 30
    while "spider opened" not in (line := process.stderr.readline().lower()) and time.monotonic() < deadline:
        assert line
    time.sleep(1.0)
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=15)
    assert time.monotonic() - begun < 10
    assert process.returncode == 130


def test_a_crawl_ends_with_its_parent(crawls: Make, web: SampleWeb, tmp_path: Path) -> None:
    made = crawls(HARBOR)
    web.faults.latency(30.0, HARBOR_HOST)
    command = made.command()
    script = (
        f"import subprocess, time; p = subprocess.Popen({command!r}, cwd={str(ROOT)!r}, stderr=subprocess.DEVNULL);"
        "print(p.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    deadline = time.monotonic() + 30
    while not (made.lake / "state" / "ledger.sqlite").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    parent.kill()
    parent.communicate()
    while time.monotonic() < deadline:
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("the crawl outlived its parent")


def test_a_fault_of_our_own_is_told_by_the_exit_code(crawls: Make, web: SampleWeb) -> None:
    made = crawls(HARBOR)
    process = made.start(frontier="sqlite:////dev/null/ledger.sqlite")
    process.communicate(timeout=60)
    assert process.returncode == 1
