"""`kill -9` of what asks servers: done again, it ends as if nothing had been.

``NEWSMILL_KILLS=60 pytest tests/faults/test_kills_network.py`` kills each kind of work 30 times, since starting a crawl
takes seconds.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from datetime import date
from functools import partial
from multiprocessing.context import ForkServerContext
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from flows.cli.sources import add
from flows.duplicates.detector import FingerprintIndex
from flows.lake.store import Lake
from flows.orchestration.in_process import InProcess
from flows.publishing.publisher import Publishing, publish_raw
from flows.sample.server import SampleWeb
from flows.work.backfill import backfill
from spiders.catalogue import read_catalogue
from spiders.frontier.backfill_units import FINISHED
from spiders.frontier.frontier import Frontier
from spiders.frontier.tables import units
from tests.faults.conftest import Attack
from tests.faults.killing import KILLS, Killing, content, processes, rows_by_url
from tests.flows.archive import story
from tests.spiders.crawling import Crawls, new_crawls
from tests.spiders.oneweb import OneWeb, html, rss

# Starting a crawl takes seconds: of those there are fewer kills.
CRAWL_SHARE = 2


# Each kill is followed by the whole work, and the machine may be busy.
pytestmark = pytest.mark.timeout(300 + 60 * KILLS)


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    return processes("tests.faults.test_kills_network")


@pytest.mark.attack("crawl", "kill")
def test_crawl(tmp_path: Path, attack: Attack) -> None:
    chance = Random(attack.family)
    kills = max(1, KILLS // CRAWL_SHARE)
    with OneWeb({}) as web:
        paths = [f"/2026/07/20/story-{number}" for number in range(150)]
        web.pages = {path: html("".join(f"<p>{part}</p>" for part in story(n))) for n, path in enumerate(paths)}
        web.pages["/rss"] = rss(*map(web.url, paths))
        made = Crawls(tmp_path, web.port)
        web.write_source(made.sources, politeness="delay_seconds = 0.03\ntimeout_seconds = 30\n")
        for _ in range(kills):
            process = made.start()
            time.sleep(chance.uniform(0.2, 5.0))
            made.kill(process)
        made.run()
    wanted = set(map(web.url, paths))
    publish_raw(Lake(made.lake), Publishing({}, FingerprintIndex(made.lake).decide, workers=0))
    for kill in range(kills):
        with attack.case(kill):
            assert made.frontier().outcomes() == dict.fromkeys(wanted, "fetched")
            assert rows_by_url(made.lake) == Counter(f"articles: {url}" for url in wanted)


@pytest.mark.attack("backfill from the network", "kill")
def test_backfill(context: ForkServerContext, tmp_path: Path, attack: Attack) -> None:
    """The call is killed, whatever it is at: its crawls end by themselves, and the next call goes on."""
    given = tmp_path / "given"
    given.mkdir()
    with SampleWeb(port=0) as web:
        made = new_crawls(tmp_path, web, "nordwind-zeitung", "metro-courier")
        for file in made.sources.glob("*.toml"):
            file.write_text(file.read_text().replace("delay_seconds = 0.02", "delay_seconds = 0.05"))
        work = partial(fill, made.sources, web.port)
        Killing(given, work, _filled).attack(context, tmp_path, attack, max(1, KILLS // CRAWL_SHARE))


def fill(sources: Path, port: int, root: Path) -> None:
    """What ``newsmill backfill`` does: crawls in processes of their own, then a commit, for each few days."""
    os.environ["NEWSMILL_PUBLISH_WORKERS"] = "0"  # of this process: starting workers costs more than these pages
    days = date(2026, 7, 10), date(2026, 7, 20)
    backfill(InProcess(), *days, None, str(root), str(sources), [f"127.0.0.1:{port}"], wave_days=6)


def _filled(root: Path) -> dict[str, object]:
    """How each URL and each unit ended, and the rows."""
    frontier = Frontier(root / "state" / "ledger.sqlite")
    outcomes = frontier.outcomes()
    with frontier.engine.connect() as db:
        ends = {f"{unit.source} {unit.day}": unit.state for unit in db.execute(select(units))}
    frontier.close()
    assert set(ends.values()) == {FINISHED}
    return {**outcomes, **ends, **rows_by_url(root)}


@pytest.mark.attack("sources add", "kill")
def test_sources_add(context: ForkServerContext, tmp_path: Path, attack: Attack) -> None:
    """A new entry, and one that is written over an older: whole or not there, and the other sources always load."""
    given = tmp_path / "given"
    with SampleWeb(port=0) as web:
        web.write_sources(given)
        names = {path.stem for path in given.glob("*.toml")}
        (given / "al-mina.toml").unlink()
        for site in ("al-mina", "the-harbor-post"):
            work = partial(add_source, web.base(site), web.port, names)
            Killing(given, work, content).attack(context, tmp_path / site, attack, max(1, KILLS // CRAWL_SHARE // 2))


def add_source(url: str, port: int, names: set[str], folder: Path) -> None:
    """What ``newsmill sources add`` does; a kill before must have left each source readable, or the new one absent."""
    sources, faults = read_catalogue(folder)
    assert not faults
    assert len(sources) >= len(names) - 1
    add(url, sources_dir=folder, allow=[f"127.0.0.1:{port}"], json=True, force=True, yes=True)
