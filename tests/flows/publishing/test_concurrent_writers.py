"""The write lock is held for a commit alone, and what another writer commits meanwhile counts: nothing is doubled."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flows.lake.store import Lake
from flows.publishing.batches import PublishProgress
from flows.publishing.publisher import Publishing, PublishReport, publish_raw
from flows.publishing.read_ahead import ReadAhead
from flows.publishing.recleaner import reclean
from tests.flows.archive import ExactIndex, Page, story, write_archive
from tests.flows.publishing.test_publisher import SITE_LINE, with_line
from tests.flows.rows import tree


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
    how = Publishing(sources={"the-harbor-post": facts()}, decide=ExactIndex(tmp_path).decide, workers=0, batch_pages=2)
    inner: list[int] = []
    outer = replace(how, on_progress=once(lambda: inner.append(reclean(Lake(tmp_path), how).pages)))
    assert reclean(Lake(tmp_path), outer).pages == 0
    assert inner == [4]


def facts() -> object:
    from cleaning.records import SourceFacts

    return SourceFacts("the-harbor-post", site_names=("The Harbor Post",))


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
