"""The write lock is held for a commit alone, and what another writer commits meanwhile counts: nothing is doubled."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cleaning.records import SourceFacts
from flows.crawling.runs import Run, save_run
from flows.date_range import DateRange
from flows.erasure.erase import erase
from flows.erasure.plan import plan_erasure
from flows.lake.index import PublishedAs
from flows.lake.store import Lake, LakeError
from flows.publishing import batches
from flows.publishing.batches import PublishProgress
from flows.publishing.publisher import Publishing, PublishReport, publish_raw
from flows.publishing.read_ahead import ReadAhead
from flows.publishing.recleaner import reclean
from spiders.frontier.frontier import Frontier, default_path
from tests.flows.archive import START, ExactIndex, Page, story, write_archive
from tests.flows.publishing.test_publisher import SITE_LINE, with_line
from tests.flows.rows import tree

pytestmark = pytest.mark.slow

POST = "the-harbor-post"
FACTS = SourceFacts(POST, site_names=("The Harbor Post",))


def publish(
    root: Path, on_progress: Callable[[PublishProgress], None] = lambda _: None, **selection: object
) -> PublishReport:
    how = Publishing(sources={}, decide=ExactIndex(root).decide, workers=0, batch_pages=2, on_progress=on_progress)
    return publish_raw(Lake(root), how, **selection)  # type: ignore[arg-type]


def content(root: Path) -> dict[str, str]:
    return {name: digest for name, (digest, _) in tree(root).items()}


def once(work: Callable[[], object]) -> Callable[[PublishProgress], None]:
    """Does something in the middle of a publish, when its first page is cleaned."""
    done: list[bool] = []

    def tell(_: PublishProgress) -> None:
        if not done:
            done.append(True)
            work()

    return tell


def test_others_can_write_while_pages_are_cleaned(tmp_path: Path) -> None:
    write_archive(tmp_path, "r1", [Page(f"p{n}", story(n)) for n in range(3)])
    entered = []

    def write() -> None:
        with Lake(tmp_path).write_lock(timeout=0):
            entered.append(True)

    publish(tmp_path, once(write))
    assert entered


def test_what_another_writer_published_meanwhile_is_left_out_and_the_bytes_are_those_of_one(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    write_archive(one, "r1", [Page(f"p{n}", story(n)) for n in range(5)])
    shutil.copytree(one, two)
    assert publish(one).pages == 5
    inner: list[int] = []
    outer = publish(two, once(lambda: inner.append(publish(two).pages)))
    assert (inner, outer.pages) == ([5], 0)
    assert content(two) == content(one)


def test_a_site_line_that_another_writer_taught_meanwhile_is_taken_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_archive(tmp_path, "r1", [Page("late", with_line(9))])
    write_archive(tmp_path, "r2", [Page(f"p{n}", with_line(n)) for n in range(4)])
    lake = Lake(tmp_path)
    honest, other = lake.write_lock, []

    def meanwhile(timeout: float = -1) -> object:
        # the second time, since the first is before anything is read
        other.append(len(other))
        if len(other) == 2:
            publish(tmp_path, runs=["r2"])
        return honest(timeout)

    monkeypatch.setattr(lake, "write_lock", meanwhile)
    how = Publishing(sources={}, decide=ExactIndex(tmp_path).decide, workers=0)
    publish_raw(lake, how, runs=["r1"])
    [text] = [r["text"] for r in Lake(tmp_path).read("articles").to_pylist() if r["url"].endswith("/late")]
    assert SITE_LINE not in text


def test_a_page_that_another_writer_cleaned_again_meanwhile_is_not_cleaned_twice(tmp_path: Path) -> None:
    write_archive(tmp_path, "r1", [Page(f"p{n}", story(n)) for n in range(4)])
    publish(tmp_path)
    # None of these is in the catalogue of the first publish, which is a reason to clean them again.
    how = Publishing(sources={POST: FACTS}, decide=ExactIndex(tmp_path).decide, workers=0, batch_pages=2)
    inner: list[int] = []
    outer = replace(how, on_progress=once(lambda: inner.append(reclean(Lake(tmp_path), how).pages)))
    assert reclean(Lake(tmp_path), outer).pages == 0
    assert inner == [4]


def test_what_was_erased_while_it_was_being_cleaned_does_not_come_back(tmp_path: Path) -> None:
    write_archive(tmp_path, "r1", [Page("gone", story(1)), Page("stays", story(2))])
    publish(tmp_path)
    later = START + timedelta(hours=1)
    write_archive(tmp_path, "r2", [Page("gone", story(3), fetched=later), Page("more", story(4), fetched=later)])
    frontier = Frontier(default_path(tmp_path))

    def erase_one() -> None:
        lake = Lake(tmp_path)
        erase(lake, frontier.engine, plan_erasure(lake, frontier.engine, [Page("gone", ()).url]), reason="")

    report = publish(tmp_path, once(erase_one))
    frontier.close()
    assert report.fates[POST] == {PublishedAs.ERASED: 1, PublishedAs.ARTICLE: 1}
    urls = [row["url"] for row in Lake(tmp_path).read("articles").to_pylist()]
    assert sorted(url.rpartition("/")[2] for url in urls) == ["more", "stays"]


def test_an_article_of_other_days_that_two_writers_adopt_is_adopted_once(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    day = START.date()
    save_run(one, Run("r1", (POST,), DateRange(day - timedelta(days=9), day - timedelta(days=8))))
    write_archive(one, "r1", [Page(f"p{n}", story(n)) for n in range(3)])
    publish(one)
    shutil.copytree(one, two)
    days = DateRange(day, day)
    assert publish(one, window=days).pages == 3
    inner: list[int] = []
    outer = publish(two, once(lambda: inner.append(publish(two, window=days).pages)), window=days)
    assert (inner, outer.pages) == ([3], 0)
    assert content(two) == content(one)


def test_a_revision_that_is_published_while_its_article_is_cleaned_again_ends_as_if_one_had_waited(
    tmp_path: Path,
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    write_archive(one, "r1", [Page(f"p{n}", story(n)) for n in range(3)])
    publish(one)
    write_archive(one, "r2", [Page("p1", story(9), fetched=START + timedelta(hours=1))])
    shutil.copytree(one, two)

    def how(root: Path, on_progress: Callable[[PublishProgress], None] = lambda _: None) -> Publishing:
        return Publishing({POST: FACTS}, ExactIndex(root).decide, workers=0, on_progress=on_progress)

    publish_raw(Lake(one), how(one))
    reclean(Lake(one), how(one))
    reclean(Lake(two), how(two, once(lambda: publish_raw(Lake(two), how(two)))))
    assert Lake(two).read("revisions").num_rows == 1
    assert content(two) == content(one)


def test_a_file_that_another_commit_removed_while_it_was_read_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_archive(tmp_path, "r1", [Page("a", story(1))])
    honest, read = batches.edited_lines, []

    def removed_meanwhile(*given: object) -> object:
        read.append(given)
        if len(read) == 1:
            raise LakeError("articles/date=2026-11-20/part-0.parquet: not a whole Parquet file (0 bytes)")
        return honest(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(batches, "edited_lines", removed_meanwhile)
    assert publish(tmp_path).pages == 1


def test_a_file_that_stays_broken_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise LakeError("articles/date=2026-11-20/part-0.parquet: not a whole Parquet file (3 bytes)")

    write_archive(tmp_path, "r1", [Page("a", story(1))])
    monkeypatch.setattr(batches, "edited_lines", broken)
    with pytest.raises(LakeError, match="3 bytes"):
        publish(tmp_path)
    with Lake(tmp_path).write_lock(timeout=0):
        pass


@pytest.mark.slow
def test_the_bytes_are_the_same_whatever_the_number_of_workers(tmp_path: Path) -> None:
    found = []
    write_archive(tmp_path / "raw", "r1", [Page(f"p{n}", with_line(n // 2)) for n in range(9)])
    for workers in (0, 1, 3):
        root = tmp_path / str(workers)
        shutil.copytree(tmp_path / "raw", root)
        publish_raw(Lake(root), Publishing({}, ExactIndex(root).decide, workers=workers, batch_pages=2))
        found.append(content(root))
    assert found[0] == found[1] == found[2]


def test_items_are_produced_ahead_and_no_further_than_may_wait() -> None:
    produced, enough = [], threading.Event()

    def items() -> Iterator[int]:
        for number in range(10):
            produced.append(number)
            if number == 3:
                enough.set()
            yield number

    with ReadAhead(items(), 2) as ahead:
        upcoming = iter(ahead)
        assert next(upcoming) == 0
        assert enough.wait(30)
        assert len(produced) <= 5
        assert list(upcoming) == list(range(1, 10))


def test_an_error_of_the_producer_is_raised_where_its_item_would_come() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("no")

    with ReadAhead(items(), 5) as ahead:
        upcoming = iter(ahead)
        assert next(upcoming) == 1
        with pytest.raises(ValueError, match="no"):
            next(upcoming)


def test_whoever_leaves_early_ends_the_producer() -> None:
    def items() -> Iterator[int]:
        number = 0
        while True:
            yield number
            number += 1

    with ReadAhead(items(), 1) as ahead:
        assert next(iter(ahead)) == 0
    ahead._thread.join(30)
    assert not ahead._thread.is_alive()
