from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cleaning.records import Article
from cleaning.schema.arrow import to_table
from flows.duplicates.rewrites import RewriteWindow, day_rewrites
from flows.duplicates.rewrites_refresh import refresh_rewrites
from flows.lake.store import Lake, partition
from tests.cleaning.duplicates.test_rewrites import event, told
from tests.flows.duplicates.test_detector import START, made


def lake_of(root: Path, articles: list[Article]) -> Lake:
    lake = Lake(root)
    with lake.write_lock():
        for day in {a.published_date for a in articles}:
            rows = [a for a in articles if a.published_date == day]
            lake.commit({partition("articles", day): to_table(Article, rows)})
    return lake


def test_a_rewrite_of_yesterday_is_linked_and_committed_and_no_other(tmp_path: Path) -> None:
    articles = [made(n, told(*event(n), seed=n), day=n % 2) for n in range(60)]
    again = replace(made(200, told(*event(4), seed=300), day=1), source="other")
    lake = lake_of(tmp_path, [*articles, again])
    today = (START + timedelta(days=1)).date()
    files = day_rewrites(tmp_path, today, least=0.58)
    with lake.write_lock():
        lake.commit(files)
    (row,) = lake.read("rewrites").to_pylist()
    assert (row["article_id"], row["rewrite_of"]) == (again.article_id, made(4, "").article_id)
    assert row["source"] == "other"
    assert 0.58 <= row["score"] <= 1
    assert day_rewrites(tmp_path, today, least=0.58)[partition("rewrites", today)] == lake.read("rewrites")


def test_a_day_without_articles_or_rewrites_has_no_partition(tmp_path: Path) -> None:
    lake_of(tmp_path, [made(n, told(*event(n), seed=n)) for n in range(5)])
    for day in (START.date(), (START + timedelta(days=3)).date()):
        assert day_rewrites(tmp_path, day) == {partition("rewrites", day): None}


def test_a_window_that_slides_finds_what_each_day_alone_would(tmp_path: Path) -> None:
    menu = "Read the harbour letter every morning before the ferry leaves."
    articles = []
    for day in range(12):
        for n in range(8):
            # Of some weeks the line is its site's, of others not.
            text = told(*event(n + 8 * day), seed=n)
            articles.append(made(100 * day + n, f"{text}\n\n{menu}" if 3 < day < 9 and n < 2 else text, day=day))
        articles.append(replace(made(9000 + day, told(*event(8 * day), seed=700 + day), day=day), source="other"))
    lake = lake_of(tmp_path, articles)
    window = RewriteWindow(tmp_path)
    days = lake.dates("articles")
    found = {day: window.rewrites(day, least=0.58) for day in days}
    assert found == {day: day_rewrites(tmp_path, day, least=0.58) for day in days}
    assert sum(rows is not None for files in found.values() for rows in files.values()) > 6


def test_a_refresh_commits_many_days_at_once_and_does_nothing_the_second_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = lake_of(tmp_path, [made(n, told(*event(n // 2), seed=n), day=n // 4) for n in range(40)])
    commits: list[int] = []
    honest = lake.commit
    monkeypatch.setattr(lake, "commit", lambda files: commits.append(len(files)) or honest(files))
    refresh_rewrites(lake)
    assert commits == [10]
    refresh_rewrites(lake)
    assert commits == [10]


def test_a_day_that_its_articles_have_left_loses_its_rewrites(tmp_path: Path) -> None:
    articles = [made(n, told(*event(n), seed=n)) for n in range(30)]
    again = replace(made(200, told(*event(4), seed=300), day=1), source="other")
    lake = lake_of(tmp_path, [*articles, again])
    refresh_rewrites(lake)
    assert lake.dates("rewrites") == [again.published_date]
    with lake.write_lock():
        lake.commit({partition("articles", again.published_date): None})
    refresh_rewrites(lake)
    assert lake.dates("rewrites") == []
