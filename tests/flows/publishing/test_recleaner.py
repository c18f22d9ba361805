"""Cleaning again: what new rules or facts change, they change for what was published long ago too, and nothing else."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from cleaning.boilerplate.rules import RULES_DIR, load_rules
from cleaning.records import LayoutVersion, SourceFacts
from cleaning.schema.arrow import TABLES
from flows.crawling.runs import Run, save_run
from flows.date_range import DateRange
from flows.duplicates.detector import FingerprintIndex
from flows.lake.index import PublishedAs, published_path, published_rows
from flows.lake.store import Lake
from flows.publishing import cleaning_version, recleaner
from flows.publishing.batches import PublishProgress
from flows.publishing.publisher import Publishing, publish_raw
from flows.publishing.recleaner import RecleanReport, preview, reclean, stale
from flows.publishing.workers import cleaning_pool as workers
from flows.publishing.workers import page_worker
from tests.cleaning.duplicates.news import article as news
from tests.flows.archive import START, Page, story, write_archive
from tests.flows.rows import tree

POST, HERALD = "the-harbor-post", "harbor-herald"
LINE = "They heard the harbour bell ring"  # begins a paragraph; no present rule knows it
RULE = f"""
[[rule]]
id = "bell"
scope = "line"
why = "Asks for a call."
patterns = ['{LINE} .*']
must_remove = ['{LINE} 7 times.']
must_keep = ['They rang the bell.']
"""


def with_line(number: int) -> tuple[str, ...]:
    first, *others = story(number)
    return first, f"{LINE} {number} times on Tuesday, and then the ferry left for the islands at last.", *others


CUT_AWAY = SourceFacts(POST, eras=(LayoutVersion(None, None, None, ("//article",)),))


def how(root: Path, *facts: SourceFacts, batch_pages: int = 100) -> Publishing:
    sources = {name: SourceFacts(name) for name in (POST, HERALD)} | {f.name: f for f in facts}
    return Publishing(sources, FingerprintIndex(root).decide, workers=0, batch_pages=batch_pages)


def publish(root: Path, *facts: SourceFacts) -> None:
    publish_raw(Lake(root), how(root, *facts))


def clean_again(root: Path, *facts: SourceFacts) -> RecleanReport:
    return reclean(Lake(root), how(root, *facts))


def rows(root: Path) -> dict[str, list[dict[str, object]]]:
    """Every table but the aliases, which tell of what was before."""
    return {name: Lake(root).read(name).to_pylist() for name in TABLES if name != "aliases"}


@pytest.fixture
def new_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on, rules that take one more line away."""
    folder = tmp_path / "rules"
    shutil.copytree(RULES_DIR, folder)
    with (folder / "en.toml").open("a", encoding="utf-8") as file:
        file.write(RULE)
    for module in (page_worker, workers, cleaning_version):
        monkeypatch.setattr(module, "load_rules", lambda: load_rules(folder))


def archive(root: Path) -> None:
    """Texts with the line and without, a copy, two versions of one URL, and a page that is no article."""
    lined = [Page(f"p{n}", with_line(n)) for n in range(3)]
    plain = [Page("plain", story(7), published=START - timedelta(days=2))]
    copy = [Page("copy", story(1), START - timedelta(hours=1), host="harbor-herald.localhost")]
    changed = [Page("p2", with_line(9), fetched=START + timedelta(days=1))]
    write_archive(root, "r1", [*lined, *plain, Page("gone", ("Not found.",), status=404)])
    write_archive(root, "r2", copy, source=HERALD)
    write_archive(root, "r3", changed)


def test_where_nothing_has_changed_nothing_is_done(tmp_path: Path) -> None:
    archive(tmp_path)
    publish(tmp_path)
    before = tree(tmp_path)
    assert clean_again(tmp_path).pages == 0
    assert tree(tmp_path) == before


def test_a_new_rule_gives_the_rows_that_publishing_with_it_would_have_given(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    old, fresh = tmp_path / "old", tmp_path / "fresh"
    archive(old)
    shutil.copytree(old, fresh)
    publish(old)
    texts = Lake(old).read("articles").column("text").to_pylist()
    assert sum(LINE in text for text in texts) == 3
    stories = Lake(old).read("articles", columns=["article_id", "cluster_id"]).to_pylist()
    request.getfixturevalue("new_rule")
    report = clean_again(old)
    publish(fresh)
    assert rows(old) == rows(fresh)
    assert Lake(old).read("articles", columns=["article_id", "cluster_id"]).to_pylist() == stories
    texts = Lake(old).read("articles").column("text").to_pylist()
    assert not any(LINE in text for text in texts)
    assert report.pages == 7
    assert report.changes[POST] == {"another text": 4, "the same text": 1, "rejected as before": 1}
    assert report.changes[HERALD] == {"the same text": 1}
    after = tree(old)
    assert clean_again(old).pages == 0
    assert tree(old) == after
    publish(old)
    assert tree(old) == after


@pytest.mark.parametrize("all_are_stale", [False, True])
def test_an_article_that_is_one_no_more_leaves_its_story_to_its_copies(
    tmp_path: Path, request: pytest.FixtureRequest, all_are_stale: bool
) -> None:
    write_archive(tmp_path, "r1", [Page("a", story(1)), Page("b", story(2))])
    copies = [
        Page(n, story(1), START - timedelta(hours=h), host="harbor-herald.localhost") for n, h in (("x", 2), ("y", 1))
    ]
    write_archive(tmp_path, "r2", copies, source=HERALD)
    publish(tmp_path)
    (lost,) = (r for r in Lake(tmp_path).read("articles").to_pylist() if r["url"].endswith("/a"))
    assert Lake(tmp_path).read("duplicates").column("duplicate_of").to_pylist() == [lost["article_id"]] * 2
    if all_are_stale:
        request.getfixturevalue("new_rule")
    clean_again(tmp_path, CUT_AWAY)
    lake = Lake(tmp_path)
    (heir,) = lake.read("articles").to_pylist()
    assert heir["url"] == copies[0].url
    assert [d["duplicate_of"] for d in lake.read("duplicates").to_pylist()] == [heir["article_id"]]
    assert {r["url"].rsplit("/", 1)[1] for r in lake.read("rejected").to_pylist()} == {"a", "b"}
    (alias,) = lake.read("aliases").to_pylist()
    assert (alias["cluster_id"], alias["same_as"]) == (lost["article_id"], heir["article_id"])
    # and the index agrees: a further copy goes to the heir
    write_archive(tmp_path, "r3", [Page("z", story(1), host="quay-news.localhost")], source="quay-news")
    publish(tmp_path, CUT_AWAY)
    assert {d["duplicate_of"] for d in Lake(tmp_path).read("duplicates").to_pylist()} == {heir["article_id"]}


@pytest.mark.parametrize("earlier", ["first", "second"])
def test_the_earliest_copy_inherits_a_story_whose_copies_have_nothing_in_common(tmp_path: Path, earlier: str) -> None:
    halves = {"first": tuple(news(1).split("\n")), "second": tuple(news(2).split("\n"))}
    write_archive(tmp_path, "r1", [Page("whole", halves["first"] + halves["second"], START - timedelta(days=2))])
    pages = [
        Page(name, half, START - timedelta(hours=2 if name == earlier else 1), host="harbor-herald.localhost")
        for name, half in halves.items()
    ]
    write_archive(tmp_path, "r2", pages, source=HERALD)
    publish(tmp_path)
    lake = Lake(tmp_path)
    [lost] = lake.read("articles").to_pylist()
    assert set(lake.read("duplicates").column("duplicate_of").to_pylist()) == {lost["article_id"]}
    clean_again(tmp_path, CUT_AWAY)
    by_name = {r["url"].rpartition("/")[2]: r["article_id"] for r in lake.read("articles").to_pylist()}
    assert set(by_name) == set(halves)
    aliases = [(a["cluster_id"], a["same_as"]) for a in lake.read("aliases").to_pylist()]
    assert aliases == [(lost["article_id"], by_name[earlier])]


@pytest.mark.slow
def test_a_page_that_was_rejected_becomes_the_article_that_it_is(tmp_path: Path) -> None:
    old, fresh = tmp_path / "old", tmp_path / "fresh"
    archive(old)
    shutil.copytree(old, fresh)
    publish(old, CUT_AWAY)
    assert {r["source"] for r in Lake(old).read("articles").to_pylist()} == {HERALD}
    clean_again(old)
    publish(fresh)
    mine, theirs = rows(old), rows(fresh)
    assert mine["rejected"] == theirs["rejected"]
    # the herald's copy was the article when nothing else was: what is an article stays one
    assert {r["url"] for t in ("articles", "duplicates") for r in mine[t]} == {
        r["url"] for t in ("articles", "duplicates") for r in theirs[t]
    }
    assert {r["source"] for r in mine["duplicates"]} == {POST}
    assert mine["revisions"] == theirs["revisions"]


def test_a_page_whose_bytes_are_gone_stays_as_it_is(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    write_archive(tmp_path, "r1", [Page("a", with_line(1))])
    publish(tmp_path)
    before = rows(tmp_path)
    next((tmp_path / "raw").rglob("*.warc.gz")).unlink()
    request.getfixturevalue("new_rule")
    report = clean_again(tmp_path)
    assert +report.left == {"its raw file is gone": 1}
    assert rows(tmp_path) == before


def test_a_source_that_the_catalogue_has_lost_is_not_cleaned_without_its_facts(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    write_archive(tmp_path, "r1", [Page("a", with_line(1))], source="quay-news")
    publish(tmp_path)
    before = rows(tmp_path)
    request.getfixturevalue("new_rule")
    assert +clean_again(tmp_path).left == {"its source is not in the catalogue": 1}
    assert rows(tmp_path) == before


def test_a_preview_tells_what_would_change_and_writes_nothing(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    archive(tmp_path)
    publish(tmp_path)
    request.getfixturevalue("new_rule")
    before = tree(tmp_path)
    told = preview(Lake(tmp_path), how(tmp_path, SourceFacts(HERALD, eras=CUT_AWAY.eras)))
    assert told == {
        "another text": 4,
        "the same text": 1,
        "rejected as before": 1,
        "no longer an article: empty": 1,
    }
    assert tree(tmp_path) == before


@pytest.mark.slow
def test_what_a_backfill_left_out_stays_out(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    days = [date(2026, 11, 10), date(2026, 11, 11)]
    save_run(tmp_path, Run("r1", (POST,), DateRange(days[0], days[0])))
    write_archive(tmp_path, "r1", [Page(f"p{d}", story(d.day), published=START.replace(day=d.day)) for d in days])
    publish(tmp_path)
    request.getfixturevalue("new_rule")
    clean_again(tmp_path)
    assert Lake(tmp_path).dates("articles") == days[:1]
    fates = [r.fate for r in published_rows(Lake(tmp_path).read_file(published_path("2026-11-20")))]
    assert sorted(fates) == [PublishedAs.ARTICLE, PublishedAs.OUTSIDE_RANGE]


@pytest.mark.slow
def test_stopped_halfway_it_goes_on_where_it_was(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    archive(whole)
    publish(whole)
    shutil.copytree(whole, stopped)
    request.getfixturevalue("new_rule")
    clean_again(whole)

    class Stop(Exception):
        pass

    def stop(progress: PublishProgress) -> None:
        if progress.done == 5:
            raise Stop

    halfway = replace(how(stopped, batch_pages=2), on_progress=stop)
    with pytest.raises(Stop):
        reclean(Lake(stopped), halfway)
    assert sum(len(left) for _, left in stale(stopped, {})) == 3
    report = reclean(Lake(stopped), how(stopped, batch_pages=2))
    assert report.pages == 3
    assert rows(stopped) == rows(whole)


@pytest.mark.slow
def test_only_the_sources_and_days_that_are_asked_for(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    archive(tmp_path)
    publish(tmp_path)
    request.getfixturevalue("new_rule")
    lake = Lake(tmp_path)
    assert recleaner.reclean(lake, how(tmp_path), sources={HERALD}).pages == 1
    assert recleaner.reclean(lake, how(tmp_path), fetched=DateRange(date(2026, 11, 21), date(2026, 11, 30))).pages == 1
    assert clean_again(tmp_path).pages == 5
