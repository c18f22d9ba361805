"""The daily flow over the sample web, held against what the sample web knows of itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cleaning.schema.arrow import TABLES
from flows.config import open_frontier
from flows.daily import daily
from flows.lake.store import Lake
from flows.publish import publish
from flows.sample.compare import Check, compare
from flows.sample.truth import load
from tests.flows.conftest import Crawled
from tests.flows.rows import tree

pytestmark = pytest.mark.slow

# Its pages drip, swell and never end: 20 s of waiting that only the first crawl needs.
SLOW = "slow-road"


# What is made from the raw archive alone; `coverage` counts what the frontier knows, which is not in it.
FROM_RAW = [name for name in TABLES if name != "coverage"]


def tables_of(root: Path) -> dict[str, dict[str, tuple[str, int]]]:
    return {name: tree(root / name) for name in TABLES}


def checks(root: Path, crawled: Crawled, day: int) -> dict[str, Check]:
    frontier = open_frontier(root)
    try:
        return {c.name: c for c in compare(root, load(crawled.web.port, day), crawled.web.log, frontier)}
    finally:
        frontier.close()


def others(crawled: Crawled) -> list[str]:
    return sorted(p.stem for p in crawled.sources.glob("*.toml") if p.stem != SLOW)


@pytest.fixture(scope="module")
def compared(crawled: Crawled) -> dict[str, Check]:
    return checks(crawled.lake, crawled, 1)


@pytest.mark.parametrize(
    "name",
    [
        "articles, each once",
        "copies, each found",
        "texts, word for word",
        "texts free of boilerplate",
        "titles",
        "authors",
        "dates",
        "languages",
        "pages that are no article",
        "URLs, one right outcome each",
        "URLs never to be asked for",
    ],
)
def test_the_lake_is_what_the_sample_web_knows_of_itself(compared: dict[str, Check], name: str) -> None:
    assert compared[name].total > 0
    assert compared[name].holds, "\n".join(compared[name].wrong)


def test_every_number_of_the_report_is_that_of_the_lake(crawled: Crawled) -> None:
    lake, total = Lake(crawled.lake), crawled.report.total
    assert total.kept == lake.read("articles").num_rows
    assert total.duplicates == len(set(lake.read("duplicates")["article_id"].to_pylist()))
    assert sum(total.rejected.values()) == lake.read("rejected").num_rows
    assert total.discovered == sum(s.discovered for s in crawled.report.sources) > 100
    assert [row["source"] for row in crawled.report.table()][-1] == "all"


def test_coverage_counts_every_url_that_discovery_listed_and_what_became_of_it(crawled: Crawled) -> None:
    lake = Lake(crawled.lake)
    rows = [row for row in lake.read("coverage").to_pylist() if row["way"] == "any"]
    frontier = open_frontier(crawled.lake)
    try:
        ends = frontier.counts()
    finally:
        frontier.close()
    for source, counts in ends.items():
        own = [row for row in rows if row["source"] == source]
        moved = counts.outcomes.get("moved", 0)
        assert sum(row["listed"] for row in own) == sum(counts.outcomes.values()) - moved, source
        assert sum(row["failed"] for row in own) == sum(counts.failed.values()), source
    assert sum(row["articles"] for row in rows) == lake.read("articles").num_rows
    assert sum(row["rejected"] for row in rows) == lake.read("rejected").num_rows
    assert all(row["listed"] == row["fetched"] + row["failed"] + row["never_tried"] for row in rows)


def test_a_second_run_over_the_same_web_changes_no_byte_of_any_table(crawled: Crawled, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    shutil.copytree(crawled.lake, lake)
    before = tables_of(lake)
    report = daily(
        lake=str(lake),
        sources=others(crawled),
        sources_dir=str(crawled.sources),
        allow=crawled.allow,
        recrawl_all=True,
    )
    assert report.total.kept == 0
    assert tables_of(lake) == before


def test_publishing_the_same_raw_archive_again_gives_the_same_bytes(crawled: Crawled, tmp_path: Path) -> None:
    shutil.copytree(crawled.lake / "raw", tmp_path / "raw")
    publish(lake=str(tmp_path), sources_dir=str(crawled.sources))
    hashes = [
        {path: content for path, (content, _) in tables_of(root)[name].items()}
        for root in (tmp_path, crawled.lake)
        for name in FROM_RAW
    ]
    assert hashes[: len(FROM_RAW)] == hashes[len(FROM_RAW) :]


def test_day_two_finds_copies_of_day_one_and_keeps_what_changed_as_a_revision(crawled: Crawled, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    shutil.copytree(crawled.lake, lake)
    first = {r["article_id"] for r in Lake(lake).read("articles", columns=["article_id"]).to_pylist()}
    crawled.web.go_to_day(2)
    try:
        report = daily(
            lake=str(lake),
            sources=others(crawled),
            sources_dir=str(crawled.sources),
            allow=crawled.allow,
            recrawl_all=True,
        )
    finally:
        crawled.web.go_to_day(1)
    found = checks(lake, crawled, 2)
    for name in ("articles, each once", "copies, each found", "texts, word for word"):
        assert found[name].holds, "\n".join(found[name].wrong)
    truth = load(crawled.web.port, 2)
    revised = {a.canonical_url for a in truth.articles.values() if a.revision > 1}
    assert revised
    assert {r["canonical_url"] for r in Lake(lake).read("revisions").to_pylist()} == revised
    assert report.total.revised == len(revised)
    new_copies = [r for r in Lake(lake).read("duplicates").to_pylist() if r["fetched_at"] > max_fetch(crawled.lake)]
    assert any(r["duplicate_of"] in first for r in new_copies)


def max_fetch(root: Path) -> object:
    return max(Lake(root).read("articles", columns=["fetched_at"])["fetched_at"].to_pylist())
