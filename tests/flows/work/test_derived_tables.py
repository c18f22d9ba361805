"""What follows a commit: publishing and cleaning again bring every derived table in step, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from cleaning.records import Hints
from cleaning.urls import canonical_url
from flows.lake.store import Lake, partition
from flows.orchestration.in_process import InProcess
from flows.work.publish import publish
from flows.work.reclean import reclean
from spiders.frontier.endpoint_kinds import Kind, kind_bits
from spiders.frontier.frontier import DiscoveredUrl, FinishedTask, Frontier, Outcome
from tests.cleaning.duplicates.news import report
from tests.cleaning.duplicates.test_rewrites import event, told
from tests.flows.archive import START, Page, story, write_archive
from tests.flows.rows import tree

POST, QUAY = "the-harbor-post", "quay-news"
WORDS = "The ferry company thanked the harbour master of the islands for the help that the town had given."
# What publishing does not commit with the articles, but makes from what it committed.
DERIVED = ("rewrites", "passages", "edges", "originality", "coverage")


def catalogue(folder: Path, title: str = "The Harbor Post") -> Path:
    """Two sources; another title is a reason to clean the pages of the first again."""
    folder.mkdir(exist_ok=True)
    for name in (POST, QUAY):
        lines = [f'name = "{name}"', f'title = "{title}"', f'home = "http://{name}.localhost/"', 'country = "gb"']
        lines += ['languages = ["en"]', f'hosts = ["{name}.localhost"]', f'site_names = ["{title}"]']
        lines += ['license = "Apache-2.0"', 'timezone = "UTC"']
        (folder / f"{name}.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def sentences(text: str) -> tuple[str, ...]:
    """The words of a text in paragraphs of prose."""
    words = text.split()
    return tuple("Then " + " ".join(words[k : k + 20]) + "." for k in range(0, len(words), 20))


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A raw archive with a copy, a rewrite and a report of each day; all of its URLs were listed and visited."""
    monkeypatch.setenv("NEWSMILL_PUBLISH_WORKERS", "0")
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "lake"
    (root / "state").mkdir(parents=True)
    post = [Page("wire", story(1)), *(Page(f"event-{n}", sentences(told(*event(n), seed=n))) for n in range(12))]
    for day in range(2):
        published = START - timedelta(days=day, hours=3)
        post.append(Page(f"market-{day}", tuple(report(day).split(". ")), published))
    host, later = f"{QUAY}.localhost", START - timedelta(hours=1)
    quay = [Page("copy", (*story(1), WORDS), later, host=host)]
    quay += [Page("again", sentences(told(*event(3), seed=300)), later, host=host)]
    frontier = Frontier(root / "state" / "ledger.sqlite", clock=START.timestamp)
    for source, pages in ((POST, post), (QUAY, quay)):
        write_archive(root, f"r-{source}", pages, source=source)
        feed = kind_bits([Kind.FEED])
        found = [
            DiscoveredUrl(source, p.url, canonical_url(p.url), p.host, Hints(published=p.published), listed_by=feed)
            for p in pages
        ]
        frontier.enqueue(f"r-{source}", found)
        visited = frontier.claim(frontier.leases.begin(f"r-{source}"), source, pages[0].host, len(pages))
        frontier.finish(f"r-{source}", [FinishedTask(one, Outcome.FETCHED, START.timestamp()) for one in visited])
    frontier.close()
    return root


def filled(lake: Path) -> set[str]:
    return {table for table in (*DERIVED, "series") if Lake(lake).read(table).num_rows}


def without_derived_tables(lake: Path) -> None:
    """As an earlier release, or a copy of the tables alone, leaves a lake."""
    store = Lake(lake)
    with store.write_lock():
        store.commit({partition(table, day): None for table in DERIVED for day in store.dates(table)})
    for state in ("rewrites", "reuse", "coverage"):
        (lake / "state" / f"{state}.json").unlink()


def published(lake: Path) -> None:
    publish(InProcess(), str(lake), sources_dir=str(catalogue(lake / "sources")))


def cleaned_again(lake: Path) -> None:
    done = reclean(InProcess(), str(lake), sources_dir=str(catalogue(lake / "sources", "Post of the Harbour")))
    assert done.pages == 17


@pytest.mark.parametrize("work", [published, cleaned_again])
def test_publishing_and_cleaning_again_fill_every_derived_table(lake: Path, work: Callable[[Path], None]) -> None:
    published(lake)
    assert filled(lake) == {*DERIVED, "series"}
    before = {table: Lake(lake).read(table).to_pylist() for table in DERIVED}
    without_derived_tables(lake)
    assert filled(lake) == {"series"}
    work(lake)
    assert {table: Lake(lake).read(table).to_pylist() for table in DERIVED} == before


def test_a_second_publish_changes_no_byte_of_tables_index_and_notes(lake: Path) -> None:
    published(lake)
    before = tree(lake)
    published(lake)
    changed = {
        name for name, file in tree(lake).items() if before.get(name) != file and name.endswith(("json", "parquet"))
    }
    assert changed <= {"state/lake.holder.json"}
