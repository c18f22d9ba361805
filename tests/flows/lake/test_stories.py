"""The largest stories of a range of days, and their page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from typer.testing import CliRunner

from cleaning.records import Article, Rewrite, SeriesMember
from flows.cli.app import app
from flows.lake.partitions import put_rows
from flows.lake.store import Lake
from flows.lake.stories import largest_stories
from flows.reports.html.stories_page import stories_page
from tests.cleaning.duplicates.news import article as news
from tests.flows.duplicates.test_detector import START, made
from tests.flows.duplicates.test_reuse import published

DAY = START.date()


def lake_of(root: Path) -> Lake:
    """A story that four sources have, one that two have, a report of a form that three have, and a follow-up."""

    def text(number: int, story: int, source: str, hours: int) -> Article:
        at = START + timedelta(hours=hours)
        return replace(
            made(number, news(story, 20)),
            source=source,
            host=f"{source}.example",
            title=f"Story <{story}>",
            published_at=at,
        )

    batch = [text(k, 1, f"s{k}", k * 3) for k in range(4)] + [text(10 + k, 2, f"s{k}", k) for k in range(2)]
    form = [text(20 + k, 3, f"s{k}", k) for k in range(3)]
    after = replace(text(30, 4, "s9", 8), title="What came next")
    lake = published(root, *batch, *form, after)
    with lake.write_lock():
        first = batch[0].article_id
        link = Rewrite(after.article_id, first, 0.97, 0.8, 0.6, "s9", DAY, "follow_up")
        lake.commit(put_rows(lake, "rewrites", [link]))
        lake.commit(put_rows(lake, "series", [SeriesMember(form[0].article_id, form[0].article_id, None, None, DAY)]))
    return lake


def test_the_largest_story_comes_first_with_its_first_publisher_and_its_spread(tmp_path: Path) -> None:
    first, second, *rest = largest_stories(lake_of(tmp_path).root, DAY, DAY, 10)
    assert (first.sources, first.copies, first.follow_ups, first.first_source) == (4, 3, 1, "s0")
    assert first.hours == (0, 3, 6, 9)
    assert (second.sources, second.title) == (2, "Story <2>")
    assert [s.title for s in rest] == ["What came next"]


def test_reports_of_a_form_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    root = lake_of(tmp_path).root
    assert "Story <3>" not in {s.title for s in largest_stories(root, DAY, DAY, 10)}
    assert largest_stories(root, DAY, DAY, 10, series=True)[1].title == "Story <3>"


def test_the_page_has_a_picture_and_loads_nothing(tmp_path: Path) -> None:
    [first, *rest] = largest_stories(lake_of(tmp_path).root, DAY, DAY, 10)
    steering = replace(rest[-1], title="\u202egnp.exe and $x_{1}$")
    page = stories_page(tmp_path, [first, *rest[:-1], steering], DAY, DAY, START)
    assert page.count("<svg") == 1
    assert "4 texts of 4 sources" in page
    assert "\u202e" not in page
    assert "$x_{1}$" in page
    assert "Story &lt;1&gt;" in page
    assert "Story <1>" not in page
    assert not re.search(r'<script[^>]+src|<link|(?:src|href)="http(?!://www\.w3\.org)', page)


def test_the_command_prints_the_stories_and_writes_the_page(tmp_path: Path) -> None:
    lake_of(tmp_path)
    file = tmp_path / "page.html"
    days = ["--from", str(DAY), "--to", str(DAY)]
    done = CliRunner().invoke(app, ["stories", *days, "--lake", str(tmp_path), "--html", str(file)])
    assert done.exit_code == 0, done.output
    assert "Story <1>" in done.output
    assert file.read_text(encoding="utf-8").startswith("<!doctype html>")
