"""A lake that is filled day by day has the stories and the series that a file of all its texts gives."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cleaning.records import Article
from flows.duplicates.corpus import dedup_files
from flows.lake.store import Lake
from tests.cleaning.duplicates.news import article as news
from tests.cleaning.duplicates.news import cut, edited, report
from tests.flows.duplicates.test_detector import commit_all, made

pytestmark = pytest.mark.slow


def ten_days() -> dict[int, list[Article]]:
    """Three stories with five versions on one host and copies elsewhere, a daily report with copies, and other news."""
    days: dict[int, list[Article]] = defaultdict(list)
    for story in range(3):
        for version in range(5):
            text = f"{news(story, sentences=14)}\n{news(100 + story, sentences=1 + version)}"
            days[story * 3 + version // 2].append(
                replace(made(story * 10 + version, text, story * 3 + version // 2), host=f"paper{story}.example")
            )
        days[story * 3 + 1].append(made(story * 10 + 7, edited(news(story, sentences=14), 0.03), story * 3 + 1))
        days[story * 3 + 2].append(made(story * 10 + 8, cut(news(story, sentences=14), 0.6), story * 3 + 2))
    for day in range(10):
        days[day] += [made(200 + day, report(day), day), made(400 + day, news(400 + day), day)]
        days[day].append(made(300 + day, f"Elsewhere, too.\n{report(day)}", day))
    return days


def groups(stories: dict[str, str]) -> set[frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for identity, story in stories.items():
        found[story].add(identity)
    return {frozenset(members) for members in found.values()}


def test_stories_and_series_of_a_lake_are_those_of_a_file_whichever_text_is_the_article(tmp_path: Path) -> None:
    days = ten_days()
    everything = [a for batch in days.values() for a in batch]
    stories: dict[str, str] = {}
    for _, batch in sorted(days.items()):
        decisions = commit_all(tmp_path, *batch)
        stories |= {i: i for i in decisions.canonical}
        stories |= {r["article_id"]: r["cluster_id"] for r in decisions.duplicates.to_pylist()}
    names = ("article_id", "text", "host", "published_at")
    columns = {name: [getattr(a, name) for a in everything] for name in names}
    table = pa.table(columns).rename_columns(["id", "text", "host", "date"])
    pq.write_table(table, tmp_path / "all.parquet")
    dedup_files([tmp_path / "all.parquet"], tmp_path / "out", rewrite_score=None)
    rows = pq.read_table(tmp_path / "out" / "clusters.parquet").to_pylist()
    assert groups(stories) == groups({r["id"]: r["cluster_id"] for r in rows})
    in_file = {stories[r["id"]] for r in pq.read_table(tmp_path / "out" / "series.parquet").to_pylist()}
    in_lake = {stories[i] for i in Lake(tmp_path).read("series", columns=["article_id"]).column(0).to_pylist()}
    assert in_lake == in_file == {stories[made(200 + day, "").article_id] for day in range(10)}
