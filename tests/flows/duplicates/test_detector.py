"""The index of the lake: what it decides of a batch, whatever came before."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from cleaning.records import Article
from cleaning.schema.arrow import to_table
from cleaning.text import text_hash
from flows.duplicates.detector import Decisions, FingerprintIndex
from flows.lake.partitions import put_rows, rows_of
from flows.lake.store import Lake
from tests.cleaning.duplicates.news import article as news
from tests.cleaning.duplicates.news import cut, edited, report
from tests.cleaning.duplicates.test_templates import FAMILIES
from tests.flows.rows import article as row

pytestmark = pytest.mark.slow

START = datetime(2026, 11, 1, 8, tzinfo=UTC)


def made(number: int, text: str, day: int = 0) -> Article:
    published = START + timedelta(days=day, minutes=number)
    base = row(number, text=text, published=published)
    return replace(base, text_hash=text_hash(text), host=f"site{number % 7}.example", source=f"site{number % 7}")


def publish(root: Path, *articles: Article, window_days: int = 90) -> Decisions:
    """Decide, and commit what is to be committed, as publishing does."""
    decisions = FingerprintIndex(root, window_days).decide(to_table(Article, articles))
    lake = Lake(root)
    with lake.write_lock():
        lake.commit(decisions.partitions)
    return decisions


def commit_all(root: Path, *articles: Article) -> Decisions:
    """As :func:`publish`, with the rows of ``series``, which the next batch reads."""
    decisions = publish(root, *articles)
    lake = Lake(root)
    with lake.write_lock():
        lake.commit(put_rows(lake, "series", rows_of("series", decisions.series)))
    return decisions


def copies(decisions: Decisions) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for r in decisions.duplicates.to_pylist():
        found.setdefault(r["article_id"], []).append((r["duplicate_of"], r["relation"]))
    return found


def index_bytes(root: Path) -> dict[str, bytes]:
    return {str(f.relative_to(root)): f.read_bytes() for f in sorted((root / "index").rglob("*.parquet"))}


def test_a_copy_of_yesterday_is_found_today_with_what_was_cut_and_the_lag(tmp_path: Path) -> None:
    original = made(1, news(1, sentences=30))
    publish(tmp_path, original, made(2, news(2)))
    copy = made(3, cut(original.text, 0.5), day=1)
    decisions = publish(tmp_path, copy, made(4, news(4), day=1))
    (found,) = decisions.duplicates.to_pylist()
    assert (found["article_id"], found["duplicate_of"], found["cluster_id"]) == (
        copy.article_id,
        original.article_id,
        original.article_id,
    )
    assert found["relation"] == "contained"
    assert found["containment"] == 1.0
    assert found["added_share"] == 0.0
    assert found["cut_share"] == pytest.approx(0.5, abs=0.15)
    assert found["lag_seconds"] == 86_400 + 2 * 60
    assert decisions.canonical == [made(4, "").article_id]


def test_the_same_text_is_found_for_all_time_and_a_near_copy_in_its_window(tmp_path: Path) -> None:
    original = made(1, news(1))
    publish(tmp_path, original)
    same, near = made(2, original.text.upper(), day=200), made(3, edited(original.text, 0.05), day=201)
    decisions = publish(tmp_path, same)
    assert copies(decisions) == {same.article_id: [(original.article_id, "exact")]}
    assert copies(publish(tmp_path, near)) == {
        near.article_id: [(original.article_id, "near")]
    }  # by the copy of day 200
    far = made(4, edited(original.text, 0.05, seed=9), day=600)
    assert not copies(publish(tmp_path, far))


@pytest.mark.parametrize(("days_apart", "linked"), [(90, True), (91, False)])
def test_the_window_holds_within_one_batch_too(tmp_path: Path, days_apart: int, linked: bool) -> None:
    original = made(1, news(1))
    near = made(2, edited(original.text, 0.05), day=days_apart)
    decisions = publish(tmp_path, original, near)
    assert copies(decisions) == ({near.article_id: [(original.article_id, "near")]} if linked else {})


def test_a_backfill_of_old_days_looks_around_its_own_days(tmp_path: Path) -> None:
    new, old = made(1, news(1), day=300), made(2, edited(news(2), 0.05), day=0)
    publish(tmp_path, new, made(3, news(2), day=20))
    decisions = publish(tmp_path, old, made(5, edited(new.text, 0.05), day=1))
    assert copies(decisions) == {old.article_id: [(made(3, "").article_id, "near")]}


def test_the_same_batch_again_gives_the_same_decisions_and_no_file(tmp_path: Path) -> None:
    batch = [
        made(1, news(1)),
        made(2, edited(news(1), 0.05)),
        made(3, news(3)),
        made(4, f"{news(1)}\n{news(3)}", day=1),
    ]
    first = publish(tmp_path, *batch)
    publish(tmp_path, made(9, news(9), day=2), made(10, edited(news(3), 0.05), day=2))
    again = publish(tmp_path, *batch)
    assert again.duplicates == first.duplicates
    assert again.canonical == first.canonical
    assert not again.partitions


def test_rows_of_duplicates_fit_their_table_and_an_empty_batch_is_no_error(tmp_path: Path) -> None:
    decisions = publish(tmp_path, made(1, news(1)), made(2, news(1)))
    lake = Lake(tmp_path)
    with lake.write_lock():
        lake.commit({"duplicates/date=2026-11-01/part-0.parquet": decisions.duplicates})
    assert lake.read("duplicates").column("relation").to_pylist() == ["exact"]
    empty = FingerprintIndex(tmp_path).decide(to_table(Article, []))
    assert (empty.canonical, empty.partitions, len(empty.duplicates)) == ([], {}, 0)


def test_a_round_up_is_linked_to_each_of_its_articles_and_glues_none(tmp_path: Path) -> None:
    one, two = made(1, news(1)), made(2, news(2))
    publish(tmp_path, one, two)
    round_up = made(3, f"{one.text}\n{two.text}", day=1)
    decisions = publish(tmp_path, round_up)
    assert sorted(copies(decisions)[round_up.article_id]) == sorted(
        [(one.article_id, "aggregate"), (two.article_id, "aggregate")]
    )
    assert not len(decisions.aliases)
    later = publish(tmp_path, made(4, edited(one.text, 0.05), day=2), made(5, edited(two.text, 0.05), day=2))
    assert {d[0][0] for d in copies(later).values()} == {one.article_id, two.article_id}


def test_a_round_up_that_came_before_its_articles_takes_no_second_one(tmp_path: Path) -> None:
    one, two = made(1, news(1)), made(2, news(2))
    round_up = made(3, f"{one.text}\n{two.text}", day=1)
    assert publish(tmp_path, round_up).canonical == [round_up.article_id]
    assert copies(publish(tmp_path, one)) == {one.article_id: [(round_up.article_id, "contained")]}
    assert publish(tmp_path, two).canonical == [two.article_id]
    third = publish(tmp_path, made(4, edited(two.text, 0.05), day=2))
    assert copies(third)[made(4, "").article_id][0][0] == two.article_id


def test_an_article_with_a_new_text_stays_an_article_and_is_no_copy_of_itself(tmp_path: Path) -> None:
    original = made(1, news(1))
    copy = made(2, edited(news(1), 0.05), day=1)
    publish(tmp_path, original)
    publish(tmp_path, copy)
    changed = made(1, edited(news(1), 0.02, seed=5))
    decisions = publish(tmp_path, changed)
    assert decisions.canonical == [original.article_id]
    assert not copies(decisions)
    assert index_bytes(tmp_path)["index/documents/date=2026-11-01/part-0.parquet"]
    third = publish(tmp_path, made(3, changed.text, day=3))
    assert copies(third) == {made(3, "").article_id: [(original.article_id, "exact")]}


def test_stories_that_turn_out_to_be_one_keep_their_ids_and_get_an_alias(tmp_path: Path) -> None:
    text = news(1, sentences=24)
    lines = text.split("\n")
    first, last = made(1, "\n".join(lines[:15])), made(2, "\n".join(lines[9:]))
    left, right = made(1, "\n".join(lines[:13])), made(2, "\n".join(lines[11:]), day=1)
    assert publish(tmp_path, left).canonical == [first.article_id]
    assert publish(tmp_path, right).canonical == [last.article_id]
    whole = made(3, text, day=2)
    decisions = publish(tmp_path, whole)
    links = copies(decisions)[whole.article_id]
    if links[0][1] != "aggregate":
        assert links == [(left.article_id, "contained")]
        assert [(a["cluster_id"], a["same_as"]) for a in decisions.aliases.to_pylist()] == [
            (right.article_id, left.article_id)
        ]


@pytest.mark.slow
def test_batches_in_any_order_find_the_same_stories(tmp_path: Path) -> None:
    articles = [made(n, edited(news(n % 15, sentences=10), 0.02 * (n // 15), n), day=n % 9) for n in range(60)]

    def found(order: list[Article], root: Path) -> set[frozenset[str]]:
        members: dict[str, set[str]] = {}
        for k in range(0, len(order), 13):
            decisions = publish(root, *order[k : k + 13])
            for r in decisions.duplicates.to_pylist():
                members.setdefault(r["duplicate_of"], set()).update((r["article_id"], r["duplicate_of"]))
            assert not len(decisions.aliases)
        return {frozenset(m) for m in members.values()}

    straight = found(articles, tmp_path / "straight")
    assert len(straight) == 15
    for seed in range(3):
        shuffled = random.Random(seed).sample(articles, len(articles))
        assert found(shuffled, tmp_path / str(seed)) == straight


def test_lines_of_a_site_count_over_batches(tmp_path: Path) -> None:
    notice = news(99, sentences=10)

    def page(n: int) -> Article:
        return replace(made(n, f"{notice}\n{news(n, sentences=4)}", day=n), host="daily.example")

    publish(tmp_path, page(1))
    for n in (2, 3):
        publish(tmp_path, page(n))
    assert publish(tmp_path, page(4), page(5)).canonical == [page(4).article_id, page(5).article_id]


def test_an_article_given_twice_in_a_batch_is_refused(tmp_path: Path) -> None:
    twice = to_table(Article, [made(1, news(1)), made(1, news(2))])
    with pytest.raises(ValueError, match="twice"):
        FingerprintIndex(tmp_path).decide(twice)


@pytest.mark.slow
def test_the_index_takes_less_than_450_bytes_an_article_and_two_a_word(tmp_path: Path) -> None:
    # day files have a fixed cost of some 10 kB, so a day must hold some thousand articles, as where bytes matter
    articles = [made(n, news(n, sentences=22)) for n in range(2_000)]
    publish(tmp_path, *articles)
    words = sum(len(a.text.split()) for a in articles)
    assert sum(len(b) for b in index_bytes(tmp_path).values()) <= 450 * len(articles) + 2 * words


def test_a_day_reaches_the_files_of_its_own_date(tmp_path: Path) -> None:
    decisions = FingerprintIndex(tmp_path).decide(pa.table(to_table(Article, [made(1, news(1), day=3)])))
    day = date(2026, 11, 4)
    assert sorted(decisions.partitions) == [
        f"index/documents/date={day}/part-0.parquet",
        f"index/fingerprints/date={day}/part-0.parquet",
        "index/keys/month=2026-11/part-0.parquet",
        f"index/site_lines/date={day}/part-0.parquet",
        f"index/words/date={day}/part-0.parquet",
    ]


def test_an_article_whose_day_was_corrected_is_still_found_by_copies_of_its_copies(tmp_path: Path) -> None:
    text = news(1, sentences=30)
    original, copy = made(1, text), made(2, cut(text, 0.6), day=1)
    publish(tmp_path, original, copy)
    moved = replace(original, published_date=original.published_date - timedelta(days=3))
    assert not copies(publish(tmp_path, moved))
    third = made(3, copy.text, day=2)
    assert copies(publish(tmp_path, third)) == {third.article_id: [(original.article_id, "contained")]}


def test_what_is_to_be_decided_again_is_and_what_is_gone_is_found_no_more(tmp_path: Path) -> None:
    original, copy, other = made(1, news(1)), made(2, news(1), day=1), made(3, news(3))
    publish(tmp_path, original, copy, other)
    decisions = FingerprintIndex(tmp_path).decide(
        to_table(Article, [copy]), again={original.article_id, copy.article_id}
    )
    assert decisions.canonical == [copy.article_id]
    lake = Lake(tmp_path)
    with lake.write_lock():
        lake.commit(decisions.partitions)
    late = made(4, news(1), day=2)
    assert copies(publish(tmp_path, late)) == {late.article_id: [(copy.article_id, "exact")]}
    fresh = tmp_path / "fresh"
    publish(fresh, other)
    publish(fresh, copy)
    publish(fresh, late)
    assert index_bytes(tmp_path / "fresh") == {
        name: data for name, data in index_bytes(tmp_path).items() if not name.startswith("fresh")
    }


def test_versions_of_a_story_join_one_by_one_however_many_and_so_does_a_copy_elsewhere(tmp_path: Path) -> None:
    paragraphs = news(5, sentences=14).split("\n")
    ids = []
    for k in range(7):
        version = replace(made(k, "\n".join(paragraphs[: 7 + k])), host="one.example")
        ids.append(version.article_id)
        decisions = publish(tmp_path, version)
        if k:
            assert decisions.duplicates.column("cluster_id").to_pylist() == [ids[0]]
    copy = made(50, "\n".join(paragraphs[:8]), day=1)
    assert publish(tmp_path, copy).duplicates.column("cluster_id").to_pylist() == [ids[0]]


@pytest.mark.parametrize(
    "family", [pytest.param(name, marks=[pytest.mark.slow] * (number > 0)) for number, name in enumerate(FAMILIES)]
)
def test_reports_of_one_form_stay_apart_day_by_day_and_their_copies_are_found(tmp_path: Path, family: str) -> None:
    draw = random.Random(family)
    reports = [FAMILIES[family](draw) for _ in range(6)]
    for k, text in enumerate(reports):
        decisions = publish(tmp_path, made(7 * k, text, day=k))
        assert not len(decisions.duplicates)
    copy = made(3, f"Home > News\n{reports[5]}\n© 2026 The Courier. Call 555 1234 567", day=6)
    assert copies(publish(tmp_path, copy))[copy.article_id][0][0] == made(35, "").article_id


def test_the_same_short_notice_is_the_next_one_on_its_own_host(tmp_path: Path) -> None:
    notice = "Rates were left unchanged after the regular meeting of the council of the bank, a spokesman said today."
    publish(tmp_path, made(1, notice))
    assert not len(publish(tmp_path, made(8, notice, day=9)).duplicates)  # site1 again
    assert len(publish(tmp_path, made(9, notice, day=9)).duplicates) == 1  # site2


def test_an_update_on_the_host_of_its_article_is_a_version_and_a_reprint_elsewhere_is_none(tmp_path: Path) -> None:
    first = made(1, news(1, sentences=20))
    publish(tmp_path, first)
    longer = f"{first.text}\n{news(2, sentences=4)}"
    update = replace(made(8, longer, day=1), host=first.host)
    reprint = made(3, longer, day=1)
    (at_home,) = publish(tmp_path, update).duplicates.to_pylist()
    (elsewhere,) = publish(tmp_path, reprint).duplicates.to_pylist()
    assert at_home["relation"] == "version"
    assert at_home["lag_seconds"] == 86_400 + 7 * 60
    assert at_home["added_share"] == pytest.approx(1 / 6, abs=0.1)
    assert elsewhere["relation"] in ("near", "contained")


def test_reports_of_one_form_are_articles_of_one_series_whatever_batch_they_come_in(tmp_path: Path) -> None:
    reports = [made(k, report(k), day=k) for k in range(5)]
    other = made(9, news(9), day=2)
    commit_all(tmp_path, reports[0], other)
    commit_all(tmp_path, reports[1], reports[2])
    last = commit_all(tmp_path, reports[3], reports[4])
    assert last.canonical == [reports[3].article_id, reports[4].article_id]
    rows = {r["article_id"]: r for r in Lake(tmp_path).read("series").to_pylist()}
    assert set(rows) == {r.article_id for r in reports}
    assert {r["template_id"] for r in rows.values()} == {reports[0].article_id}
    assert [rows[r.article_id]["period_days"] for r in reports] == [None, 1, 1, 1, 1]
    assert rows[reports[4].article_id]["previous"] == reports[3].article_id
