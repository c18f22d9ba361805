"""Our own raw archive, spoiled: no more is lost than the record that was hit, and it is named and fetched again."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from cleaning.records import Hints
from flows.lake.store import Lake
from flows.publishing.publisher import Publishing, PublishReport, publish_raw
from flows.sample.server import SampleWeb
from spiders.archive.warc_reader import read_page, read_pages
from spiders.frontier.frontier import DiscoveredUrl, FinishedTask, Frontier, Outcome
from spiders.frontier.tables import urls
from tests.faults.conftest import Attack
from tests.faults.killing import rows_by_url
from tests.flows.archive import ExactIndex, Page, story, write_archive
from tests.spiders.crawling import Crawls, new_crawls
from tests.spiders.oneweb import OneWeb, html, rss

PAGES = 21
# Bits flipped in what crawls of the sample web archived, and sites of it that have no page of another.
FLIPS = int(os.environ.get("NEWSMILL_FLIPS", "2"))
SITES = (
    *("the-harbor-post", "metro-courier", "nordwind-zeitung", "open-ledger", "valley-notebook"),
    *("diario-del-puerto", "le-phare-du-soir", "rechnoy-vestnik", "hamabe-shimbun", "al-mina"),
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("whole")
    write_archive(root, "r1", [Page(f"p{n}", story(n)) for n in range(PAGES)])
    return next(root.rglob("*.warc.gz"))


@pytest.mark.attack("bit flips in our archive", "fault")
def test_a_flipped_bit_costs_at_most_the_page_it_hits(archive: Path, tmp_path: Path, attack: Attack) -> None:
    rng = random.Random(9)
    root = archive.parents[3]
    whole = archive.read_bytes()
    true = {page.raw_offset: page.body for page in read_pages(archive, root=root)}
    assert len(true) == PAGES
    path = tmp_path / archive.relative_to(root)
    path.parent.mkdir(parents=True)
    for number in range(300):
        with attack.case(number):
            spoiled = bytearray(whole)
            spoiled[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
            path.write_bytes(spoiled)
            found = {page.raw_offset: page.body for page in read_pages(path, root=tmp_path)}
            assert len(found) >= PAGES - 1
            assert found.items() <= true.items()
            for offset, body in true.items():
                try:
                    assert read_page(tmp_path, str(path.relative_to(tmp_path)), offset).body == body
                except LookupError:
                    assert offset not in found


def remember(root: Path) -> Frontier:
    """A frontier that knows what was archived, as the crawl that wrote it would have left it."""
    frontier = Frontier(root / "state" / "ledger.sqlite")
    [file] = root.rglob("*.warc.gz")
    for page in read_pages(file, root=root):
        offer = DiscoveredUrl(page.source, page.url, page.url, "the-harbor-post.localhost", Hints())
        [task] = frontier.enter("r1", [offer]).values()
        at = page.fetched_at.timestamp()
        ended = FinishedTask(
            task, Outcome.FETCHED, at, raw_file=page.raw_file, raw_offset=page.raw_offset, etag='"1"', body_digest="x"
        )
        frontier.finish("r1", [ended])
    return frontier


def publish(root: Path, frontier: Frontier) -> PublishReport:
    how = Publishing({}, ExactIndex(root).decide, workers=0, frontier=frontier.engine)
    return publish_raw(Lake(root), how)


@pytest.mark.attack("spoiled, cut and emptied raw files", "fault")
def test_what_was_lost_is_named_and_goes_back_into_the_queue(archive: Path, tmp_path: Path, attack: Attack) -> None:
    rng = random.Random(10)
    size = archive.stat().st_size
    spoil = [("emptied", lambda data: b""), ("cut in the middle", lambda data: data[: size // 2])]
    spoil += [("cut at the end", lambda data: data[:-1]), ("zeros", lambda data: bytes(len(data)))]
    flips = [rng.randrange(size) for _ in range(8)]
    spoil += [
        (f"bit of byte {at}", lambda data, at=at: data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]) for at in flips
    ]
    for number, (name, change) in enumerate(spoil):
        with attack.case(name):
            root = tmp_path / str(number)
            shutil.copytree(archive.parents[3], root)
            frontier = remember(root)
            [file] = root.rglob("*.warc.gz")
            file.write_bytes(change(file.read_bytes()))
            report = publish(root, frontier)
            published = set(Lake(root).read("articles")["url"].to_pylist())
            lost = {record.url for record in report.lost}
            assert len(published) + len(lost) == PAGES
            assert not published & lost
            if name.startswith("bit"):
                assert len(lost) <= 1
            with frontier.engine.connect() as db:
                waiting = {row.url: row for row in db.execute(select(urls).where(urls.c.state == "pending"))}
            assert set(waiting) == lost
            assert all(row.etag is row.body_digest is None for row in waiting.values())
            again = publish(root, frontier)
            assert again.pages == 0
            assert set(Lake(root).read("articles")["url"].to_pylist()) == published
            frontier.close()


def test_a_page_that_was_lost_is_fetched_by_the_next_crawl(tmp_path: Path) -> None:
    with OneWeb({"/a": html("<p>One.</p>"), "/b": html("<p>Two.</p>")}) as web:
        for page in ("/a", "/b"):
            web.pages[page][1]["ETag"] = '"1"'
        web.pages["/rss"] = rss(web.url("/a"), web.url("/b"))
        made = Crawls(tmp_path, web.port)
        web.write_source(made.sources)
        made.run()
        [file] = made.lake.rglob("*.warc.gz")
        whole = bytearray(file.read_bytes())
        first = next(read_pages(file, root=made.lake))
        whole[first.raw_offset + 60] ^= 1
        file.write_bytes(whole)
        frontier = made.frontier()
        assert [record.url for record in publish(made.lake, frontier).lost] == [first.url]
        made.run()
        bodies = [page.url for file in made.lake.rglob("*.warc.gz") for page in read_pages(file, root=made.lake)]
        assert sorted(bodies) == sorted([web.url("/a"), web.url("/b")])
        assert publish(made.lake, frontier).lost == []


@pytest.mark.attack("bit flips in our archive, fetched again", "fault")
def test_what_flipped_bits_cost_is_fetched_again_from_the_sample_web(tmp_path: Path, attack: Attack) -> None:
    """One bit in the raw file of each source, then one crawl that mends them all."""
    rng, sources = random.Random(11), SITES[:FLIPS]
    with SampleWeb(port=0) as web:
        given = new_crawls(tmp_path / "given", web, *sources)
        given.run()
        files = {source: next(given.lake.rglob(f"source={source}/**/*.warc.gz")) for source in sources}
        places = {source: file.relative_to(given.lake) for source, file in files.items()}
        archived = {source: {page.url for page in read_pages(file, root=given.lake)} for source, file in files.items()}
        shutil.copytree(given.lake, tmp_path / "alone")
        publish_lake(tmp_path / "alone")
        expected = rows_by_url(tmp_path / "alone")
        for number in range(0, FLIPS, len(sources)):
            made = Crawls(tmp_path / str(number), web.port)
            shutil.copytree(tmp_path / "given", made.folder)
            for place in places.values():
                spoiled = bytearray((made.lake / place).read_bytes())
                spoiled[rng.randrange(len(spoiled))] ^= 1 << rng.randrange(8)
                (made.lake / place).write_bytes(spoiled)
            lost = {record.url for record in publish_lake(made.lake).lost}
            made.run(run_id="again")
            publish_lake(made.lake)
            rows = rows_by_url(made.lake)
            for source in sources[: FLIPS - number]:
                with attack.case(f"{number}, {source}"):
                    left = {page.url for page in read_pages(made.lake / places[source], root=made.lake)}
                    assert len(archived[source] - left) <= 1
                    assert archived[source] - left == archived[source] & lost
                    assert rows == expected
            shutil.rmtree(made.folder)


def publish_lake(root: Path) -> PublishReport:
    """Publish with the frontier that the crawl used."""
    frontier = Frontier(root / "state" / "ledger.sqlite")
    try:
        return publish(root, frontier)
    finally:
        frontier.close()
