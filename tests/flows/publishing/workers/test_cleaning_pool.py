"""A page that hurts ends alone: the others of its batch are cleaned, and nothing hangs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from multiprocessing.forkserver import _forkserver  # type: ignore[attr-defined]
from pathlib import Path

import pytest

from cleaning.records import Article, Cleaned, Reason, Rejection
from flows.lake.store import Lake
from flows.publishing.unpublished import Record, raw_files, unpublished
from flows.publishing.workers.cleaning_pool import CleaningError, CleaningPool
from tests.flows.archive import START, Page, story, write_archive

pytestmark = pytest.mark.slow

# What a worker does instead of cleaning, by a word in the page's path; worker processes load it as their sitecustomize.
SABOTAGE = """
import os, time
import flows.publishing.workers.page_worker
honest = flows.publishing.workers.page_worker.PageWorker.clean

def clean(self, raw_file, raw_offset, templates):
    cleaned = honest(self, raw_file, raw_offset, templates)
    if "/slow" in cleaned.result.url:
        time.sleep(60)
    if "/deadly" in cleaned.result.url:
        os._exit(9)
    if "/faulty" in cleaned.result.url:
        raise ValueError("a fault of ours")
    return cleaned

flows.publishing.workers.page_worker.PageWorker.clean = clean
"""


def records_of(root: Path) -> list[Record]:
    return [r for group in unpublished(Lake(root), raw_files(root)) for r in group.records]


@pytest.fixture
def sabotaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(SABOTAGE)
    root = Path(__file__).parents[4]
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'site'}:{root}")
    # One that other tests started knows nothing of it, and one that knows of it is of no use to others.
    _forkserver._stop()
    yield
    _forkserver._stop()


@pytest.mark.usefixtures("sabotaged")
def test_slow_deadly_and_faulty_pages_are_rejected_and_the_rest_is_cleaned(tmp_path: Path) -> None:
    paths = ["a", "slow", "b", "deadly", "c", "faulty", "d"]
    write_archive(tmp_path, "r1", [Page(p, story(n)) for n, p in enumerate(paths)])
    with CleaningPool(tmp_path, {}, workers=2, page_seconds=4) as pool:
        cleaned = {r.url.rsplit("/", 1)[-1]: c for r, c in pool.clean(records_of(tmp_path), {})}
    assert {name for name, c in cleaned.items() if isinstance(c.result, Article)} == {"a", "b", "c", "d"}
    assert reason(cleaned["slow"]) == (Reason.TIME_LIMIT, "cleaning took longer than 4 s")
    assert reason(cleaned["deadly"])[0] == Reason.UNREADABLE
    assert "a fault of ours" in reason(cleaned["faulty"])[1]


def reason(cleaned: Cleaned) -> tuple[str, str]:
    assert isinstance(cleaned.result, Rejection)
    return cleaned.result.reason, cleaned.result.detail


@pytest.mark.usefixtures("sabotaged")
def test_cleaning_that_is_broken_stops_before_anything_is_published(tmp_path: Path) -> None:
    write_archive(tmp_path, "r1", [Page(f"faulty{n}", story(n)) for n in range(12)])
    with CleaningPool(tmp_path, {}, workers=1) as pool, pytest.raises(CleaningError, match="a fault of ours"):
        list(pool.clean(records_of(tmp_path), {}))


def test_records_come_back_in_the_order_of_publication_then_url(tmp_path: Path) -> None:
    pages = [Page("b", story(1)), Page("a", story(2)), Page("z", story(3), published=START - timedelta(days=3))]
    write_archive(tmp_path, "r1", pages)
    with CleaningPool(tmp_path, {}, workers=0) as pool:
        urls = [r.url.rsplit("/", 1)[-1] for r, _ in pool.clean(records_of(tmp_path), {})]
    assert urls == ["z", "a", "b"]
