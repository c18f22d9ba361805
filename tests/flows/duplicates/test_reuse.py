"""What follows from the links of a day: passages, edges, and how much of a source's week is its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cleaning.records import Article, Duplicate
from cleaning.schema.arrow import to_table
from flows.duplicates.detector import FingerprintIndex
from flows.duplicates.reuse_refresh import STATE, refresh_reuse
from flows.lake.partitions import put_rows, rows_of
from flows.lake.store import Lake
from tests.cleaning.duplicates.news import article as news
from tests.cleaning.duplicates.news import cut
from tests.flows.duplicates.test_detector import START, made


def published(root: Path, *batch: Article) -> Lake:
    """The lake after a batch: decided, and written as publishing does."""
    decisions = FingerprintIndex(root).decide(to_table(Article, batch))
    lake = Lake(root)
    copies: list[Duplicate] = rows_of("duplicates", decisions.duplicates)
    with lake.write_lock():
        articles = [a for a in batch if a.article_id in decisions.canonical]
        lake.commit({**put_rows(lake, "articles", articles), **decisions.partitions})
        lake.commit(put_rows(lake, "duplicates", copies))
    return lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A wire's article, and three reprints: whole and credited, cut, and cut with a line of its own."""
    wire = replace(made(1, news(1, sentences=20), day=1), source="wire", agency="AP", word_count=280)
    whole = replace(made(2, wire.text, day=2), source="paper", agency="AP", word_count=280)
    short = replace(made(3, cut(wire.text, 0.5), day=2), source="paper", word_count=140)
    own = replace(made(4, f"{news(7, sentences=3)}\n{cut(wire.text, 0.5)}", day=2), source="post", word_count=182)
    alone = replace(made(5, news(5), day=1), source="paper", word_count=168)
    return published(tmp_path, wire, whole, short, own, alone)


def test_passages_say_to_the_character_what_each_copy_has_from_its_article(lake: Lake) -> None:
    refresh_reuse(lake)
    texts = {r["article_id"]: r["text"] for t in ("articles", "duplicates") for r in lake.read(t).to_pylist()}
    rows = lake.read("passages").to_pylist()
    assert {r["article_id"] for r in rows} == {made(n, "").article_id for n in (2, 3, 4)}
    for r in rows:
        here = texts[r["article_id"]][r["start"] : r["start"] + r["length"]]
        there = texts[r["other_id"]][r["other_start"] : r["other_start"] + r["other_length"]]
        assert here == there
        assert len(here.split()) == r["words"]
    (own,) = [r for r in rows if r["article_id"] == made(4, "").article_id]
    assert own["start"] == len(news(7, sentences=3)) + 1


def test_edges_say_who_took_how_much_from_whom_and_who_credits_it(lake: Lake) -> None:
    refresh_reuse(lake)
    paper, post = lake.read("edges").to_pylist()
    assert (paper["from_source"], paper["to_source"], paper["articles"], paper["credited"]) == ("wire", "paper", 2, 1)
    assert paper["agency"] == "AP"
    assert paper["kept_share"] == pytest.approx(0.75, abs=0.1)
    assert paper["kept_share"] + paper["cut_share"] == pytest.approx(1)
    assert paper["median_lag_seconds"] == 86_400 + 60
    assert (post["to_source"], post["credited"]) == ("post", 0)
    assert post["added_share"] == pytest.approx(0.23, abs=0.1)


def test_a_week_is_original_but_for_copies_and_what_an_agency_wrote(lake: Lake) -> None:
    refresh_reuse(lake)
    rows = {r["source"]: r for r in lake.read("originality").to_pylist()}
    assert {r["published_date"] for r in rows.values()} == {START.date() + timedelta(days=1)}
    assert rows["wire"]["originality"] == 0.0
    assert (rows["paper"]["texts"], rows["paper"]["copies"], rows["paper"]["agency_texts"]) == (3, 2, 1)
    assert rows["paper"]["originality"] == pytest.approx(168 / (168 + 280 + 140), abs=0.03)
    assert 0.1 < rows["post"]["originality"] < 0.4


def test_a_second_refresh_changes_nothing_and_a_lost_state_gives_the_same_bytes(lake: Lake) -> None:
    assert refresh_reuse(lake)
    assert refresh_reuse(lake) == []
    (lake.root / STATE).unlink()
    assert refresh_reuse(lake) == []


def test_what_leaves_the_tables_leaves_passages_and_edges(lake: Lake) -> None:
    refresh_reuse(lake)
    with lake.write_lock():
        lake.commit({f"duplicates/date={d}/part-0.parquet": None for d in lake.dates("duplicates")})
    refresh_reuse(lake)
    assert not len(lake.read("passages"))
    assert not len(lake.read("edges"))
