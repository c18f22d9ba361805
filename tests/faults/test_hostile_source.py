"""A hostile source beside healthy ones: theirs are all fetched, and the crawl stays small."""

from __future__ import annotations

from pathlib import Path

import pytest

from spiders.frontier.outcomes import is_outcome
from tests.faults.conftest import Attack
from tests.faults.hostile_site import EVIL, HEALTHY, add_healthy, add_hostile, measure, write_sources
from tests.spiders.crawling import Crawls
from tests.spiders.oneweb import OneWeb

PEAK_BYTES = 600_000_000


@pytest.mark.attack("a hostile source beside five healthy ones", "hostile input")
def test_it_costs_the_others_no_page_and_the_machine_little_memory(tmp_path: Path, attack: Attack) -> None:
    sites = [f"s{number}" for number in range(HEALTHY)]
    with OneWeb({}) as web:
        add_healthy(web, 8)
        add_hostile(web)
        made = Crawls(tmp_path, web.port)
        write_sources(web, made.sources, [*sites, EVIL], 0.1)
        got = measure(made)
    for url, outcome in got.outcomes.items():
        with attack.case(url):
            assert is_outcome(outcome)
            assert outcome != "internal-error"
            if f"//{EVIL}." not in url:
                assert outcome == "fetched"
    assert len([url for url in got.outcomes if f"//{EVIL}." not in url]) == 8 * HEALTHY
    assert 50_000_000 < got.peak_bytes < PEAK_BYTES
