"""Publishing: every page ends once, in whatever order and grouping it comes, and doing it again changes nothing."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from cleaning.schema.arrow import TABLES
from flows.crawling.runs import Run, save_run
from flows.date_range import DateRange
from flows.lake.index import PublishedAs
from flows.lake.store import Lake
from flows.publishing.commit_plan import plan_commit
from flows.publishing.publisher import Publishing, PublishReport, publish_raw
from tests.flows.archive import START, ExactIndex, Page, story, write_archive
from tests.flows.rows import tree

LINEAGE = ["run_id", "raw_file", "raw_offset"]


def publish(root: Path, *, batch_pages: int = 100, **selection: object) -> PublishReport:
    how = Publishing(sources={}, decide=ExactIndex(root).decide, workers=0, batch_pages=batch_pages)
    return publish_raw(Lake(root), how, **selection)  # type: ignore[arg-type]


def tables(root: Path, *, without: tuple[str, ...] = ()) -> dict[str, list[dict[str, object]]]:
    lake = Lake(root)
    return {
        name: lake.read(name).drop_columns([c for c in without if c in lake.read(name).column_names]).to_pylist()
        for name in TABLES
    }


def test_pages_become_articles_copies_and_rejections_and_a_second_publish_changes_no_byte(tmp_path: Path) -> None:
    pages = [
        Page("a", story(1)),
        Page("b", story(1), published=START - timedelta(hours=1)),
        Page("c", story(2), published=START - timedelta(days=1)),
        Page("missing", ("Not found.",), status=404),
    ]
    write_archive(tmp_path, "r1", pages)
    report = publish(tmp_path)
    lake = Lake(tmp_path)
    assert sorted(lake.read("articles")["url"].to_pylist()) == [pages[0].url, pages[2].url]
    assert lake.read("articles")["text"].to_pylist()[0] == "\n\n".join(pages[2].paragraphs)
    copies = lake.read("duplicates").to_pylist()
    assert [(c["url"], c["relation"]) for c in copies] == [(pages[1].url, "exact")]
    assert lake.read("rejected")["url"].to_pylist() == [pages[3].url]
    assert report.fates["the-harbor-post"] == {
        PublishedAs.ARTICLE: 2,
        PublishedAs.DUPLICATE: 1,
        PublishedAs.REJECTED: 1,
    }
    before = tree(tmp_path)
    again = publish(tmp_path)
    assert again.pages == 0
    assert tree(tmp_path) == before


def test_fetching_the_same_text_again_changes_no_byte_of_any_table(tmp_path: Path) -> None:
    pages = [Page("a", story(1)), Page("missing", ("Not found.",), status=404)]
    write_archive(tmp_path, "r1", pages)
    publish(tmp_path)
    before = {name: tree(tmp_path / name) for name in TABLES}
    later = START + timedelta(days=2)
    write_archive(tmp_path, "r2", [Page(p.path, p.paragraphs, p.published, later, status=p.status) for p in pages])
    report = publish(tmp_path)
    assert report.fates["the-harbor-post"] == {PublishedAs.UNCHANGED: 2}
    assert {name: tree(tmp_path / name) for name in TABLES} == before


def test_a_changed_text_is_a_revision_and_moves_partition_with_its_date(tmp_path: Path) -> None:
    write_archive(tmp_path, "r1", [Page("a", story(1), published=START - timedelta(days=2))])
    publish(tmp_path)
    write_archive(tmp_path, "r2", [Page("a", story(2), published=START, fetched=START + timedelta(hours=2))])
    report = publish(tmp_path)
    lake = Lake(tmp_path)
    assert report.fates["the-harbor-post"] == {PublishedAs.REVISION: 1}
    assert lake.dates("articles") == [START.date()]
    [row] = lake.read("articles").to_pylist()
    assert row["revision"] == 2
    assert row["text"] == "\n\n".join(story(2))
    [old] = lake.read("revisions").to_pylist()
    assert (old["revision"], old["text"]) == (1, "\n\n".join(story(1)))
    assert old["superseded_at"] == row["fetched_at"]
    assert old["published_date"] == (START - timedelta(days=2)).date()


@pytest.mark.parametrize(
    "batch_pages", [pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow), 50]
)
def test_order_and_grouping_of_fetches_do_not_matter(tmp_path: Path, batch_pages: int) -> None:
    fetches = [
        Page("a", story(1), fetched=START),
        Page("a", story(1), fetched=START + timedelta(hours=1)),
        Page("a", story(2), fetched=START + timedelta(hours=2), published=START),
        Page("a", story(3), fetched=START + timedelta(hours=3), published=START - timedelta(days=1)),
        Page("b", story(4), fetched=START),
        Page("gone", ("Not found.",), status=404),
        Page("gone", ("Not found.",), status=404, fetched=START + timedelta(days=1)),
    ]
    for n, page in enumerate(fetches):
        write_archive(tmp_path / "together", f"r{n}", [page])
    publish(tmp_path / "together")
    for n, page in reversed(list(enumerate(fetches))):
        write_archive(tmp_path / "backwards", f"r{n}", [page])
        publish(tmp_path / "backwards", batch_pages=batch_pages)
    for n, page in enumerate(fetches):
        write_archive(tmp_path / "batches", f"r{n}", [page])
    publish(tmp_path / "batches", batch_pages=batch_pages)
    together = tables(tmp_path / "together", without=("raw_offset",))
    assert [len(together[t]) for t in ("articles", "revisions", "rejected")] == [2, 2, 1]
    for name, rows in together.items():
        assert tables(tmp_path / "backwards", without=("raw_offset",))[name] == rows
    assert tables(tmp_path / "batches", without=("raw_offset",)) == together


def test_records_in_other_files_give_the_same_rows(tmp_path: Path) -> None:
    pages = [Page(f"p{n}", story(n // 2)) for n in range(8)]
    write_archive(tmp_path / "one", "r1", pages)
    publish(tmp_path / "one")
    write_archive(tmp_path / "two", "r1", pages[5:])
    write_archive(tmp_path / "two", "r2", pages[:5])
    publish(tmp_path / "two")
    assert tables(tmp_path / "one", without=(*LINEAGE,)) == tables(tmp_path / "two", without=(*LINEAGE,))


def test_a_page_that_was_an_article_and_is_rejected_later_stays_an_article(tmp_path: Path) -> None:
    write_archive(tmp_path, "r1", [Page("a", story(1))])
    publish(tmp_path)
    write_archive(tmp_path, "r2", [Page("a", ("Gone.",), status=410, fetched=START + timedelta(days=1))])
    publish(tmp_path)
    assert [len(tables(tmp_path)[t]) for t in ("articles", "rejected")] == [1, 1]


def test_a_backfill_keeps_only_its_range_and_a_later_one_finds_what_was_left_out(tmp_path: Path) -> None:
    days = [date(2026, 11, d) for d in (10, 11, 12)]
    pages = [Page(f"p{d}", story(d.day), published=START.replace(day=d.day)) for d in days]
    save_run(tmp_path, Run("r1", ("the-harbor-post",), DateRange(days[0], days[1])))
    write_archive(tmp_path, "r1", pages)
    report = publish(tmp_path)
    assert Lake(tmp_path).dates("articles") == days[:2]
    assert report.fates["the-harbor-post"][PublishedAs.OUTSIDE_RANGE] == 1
    assert publish(tmp_path).pages == 0
    assert publish(tmp_path, runs=[], window=DateRange(days[2], days[2])).pages == 1
    assert Lake(tmp_path).dates("articles") == days
    assert publish(tmp_path, runs=[], window=DateRange(days[2], days[2])).pages == 0


def test_only_the_runs_and_days_that_are_asked_for_are_read(tmp_path: Path) -> None:
    write_archive(tmp_path, "r1", [Page("a", story(1))])
    write_archive(tmp_path, "r2", [Page("b", story(2))])
    write_archive(tmp_path, "r3", [Page("c", story(3), fetched=START + timedelta(days=4))])
    assert publish(tmp_path, runs=["r2"]).pages == 1
    assert publish(tmp_path, since=START.date() + timedelta(days=1)).pages == 1
    assert publish(tmp_path).pages == 1


def test_planning_writes_nothing(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    before = tree(tmp_path)
    plan_commit(lake, [], ExactIndex(tmp_path).decide, lambda _record, _day: True, str)
    assert tree(tmp_path) == before
    assert isinstance(lake.read("articles"), pa.Table)


SITE_LINE = "This newsroom lives from its readers, so carry a copy of it into your own harbour cafe today."


def with_line(number: int) -> tuple[str, ...]:
    return (*story(number)[:2], SITE_LINE, story(number)[2])


def test_a_line_that_a_site_repeats_is_taken_out_and_accounted_for(tmp_path: Path) -> None:
    write_archive(tmp_path, "r1", [Page(f"p{n}", with_line(n)) for n in range(5)])
    publish(tmp_path)
    lake = Lake(tmp_path)
    assert lake.read("articles").num_rows == 5
    assert not any(SITE_LINE in text for text in lake.read("articles")["text"].to_pylist())
    taken = [r for r in lake.read("removals").to_pylist() if r["text"] == SITE_LINE]
    assert [r["rule"] for r in taken] == ["template/site-line"] * 5


def test_what_a_site_repeats_is_known_from_earlier_days_and_makes_no_revision_of_what_was_published(
    tmp_path: Path,
) -> None:
    write_archive(tmp_path, "r1", [Page("first", with_line(1))])
    publish(tmp_path)
    later = START + timedelta(days=1)
    write_archive(tmp_path, "r2", [Page(f"p{n}", with_line(n), fetched=later) for n in range(2, 5)])
    write_archive(tmp_path, "r3", [Page("first", with_line(1), fetched=later)])
    publish(tmp_path, runs=["r2"])
    report = publish(tmp_path)
    assert report.fates["the-harbor-post"] == {PublishedAs.UNCHANGED: 1}
    texts = {r["url"].rsplit("/", 1)[-1]: r["text"] for r in Lake(tmp_path).read("articles").to_pylist()}
    assert SITE_LINE in texts["first"]
    assert not any(SITE_LINE in texts[f"p{n}"] for n in range(2, 5))


CORRECTION = "Correction: an earlier version of this report gave a wrong number of votes, which has been put right."


def test_the_same_correction_in_several_known_articles_is_text_and_a_revision_of_each(tmp_path: Path) -> None:
    write_archive(tmp_path, "r1", [Page(f"p{n}", story(n)) for n in range(5)])
    publish(tmp_path)
    later = START + timedelta(days=1)
    corrected = [Page(f"p{n}", (*story(n), CORRECTION), fetched=later) for n in range(5)]
    write_archive(tmp_path, "r2", corrected)
    report = publish(tmp_path)
    assert report.fates["the-harbor-post"] == {PublishedAs.REVISION: 5}
    rows = Lake(tmp_path).read("articles").to_pylist()
    assert all(row["text"].endswith(CORRECTION) and row["changed"] == ["text"] for row in rows)


def test_what_new_stories_have_from_the_start_is_the_site_s_line_in_known_articles_too(tmp_path: Path) -> None:
    write_archive(tmp_path, "r1", [Page("known", story(9))])
    publish(tmp_path)
    later = START + timedelta(days=1)
    write_archive(tmp_path, "r2", [Page(f"p{n}", with_line(n), fetched=later) for n in range(4)])
    write_archive(tmp_path, "r3", [Page("known", with_line(9), fetched=later)])
    report = publish(tmp_path)
    assert report.fates["the-harbor-post"] == {PublishedAs.ARTICLE: 4, PublishedAs.UNCHANGED: 1}


def test_another_story_s_teaser_that_is_new_in_a_known_article_is_no_revision(tmp_path: Path) -> None:
    write_archive(tmp_path, "r1", [Page(f"p{n}", story(n)) for n in range(2)])
    publish(tmp_path)
    later = START + timedelta(days=1)
    teaser = " ".join(story(1)[0].split()[:18]) + "…"
    write_archive(tmp_path, "r2", [Page("p0", (*story(0), teaser), fetched=later)])
    assert publish(tmp_path).fates["the-harbor-post"] == {PublishedAs.UNCHANGED: 1}


def test_a_changed_date_alone_is_a_revision_that_says_so(tmp_path: Path) -> None:
    write_archive(tmp_path, "r1", [Page("a", story(1))])
    publish(tmp_path)
    earlier = Page("a", story(1), published=START - timedelta(days=3), fetched=START + timedelta(hours=2))
    write_archive(tmp_path, "r2", [earlier])
    assert publish(tmp_path).fates["the-harbor-post"] == {PublishedAs.REVISION: 1}
    lake = Lake(tmp_path)
    [row] = lake.read("articles").to_pylist()
    assert (row["revision"], row["changed"], row["published_date"]) == (2, ["published_at"], earlier.published.date())
    assert [old["revision"] for old in lake.read("revisions").to_pylist()] == [1]
