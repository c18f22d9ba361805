"""Signals reach the table ``rights`` with each page that is published, and a rebuild gives the same."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from cleaning.records import Statement
from flows.lake.store import Lake
from flows.publishing.publisher import Publishing, publish_raw
from flows.publishing.recleaner import reclean
from spiders.archive.warc_reader import Exchange, WarcWriter
from tests.flows.archive import START, ExactIndex, Page, story
from tests.flows.rows import tree

ROBOTS = Statement(
    "robots.txt",
    "http://the-harbor-post.localhost/robots.txt",
    START - timedelta(hours=1),
    "User-agent: *\nContent-Signal: ai-train=no\n",
)


def write(root: Path, pages: list[Page], *, headers: tuple[tuple[bytes, bytes], ...] = (), said: bool = True) -> None:
    writer = WarcWriter(root, "run-1")
    for page in pages:
        kind = ((b"Content-Type", b"text/html"), *headers)
        statements = (ROBOTS,) if said else ()
        exchange = Exchange(page.url, page.fetched, page.status, "", kind, page.body, statements=statements)
        writer.response("the-harbor-post", exchange)
    writer.close()


def how(root: Path) -> Publishing:
    return Publishing(sources={}, decide=ExactIndex(root).decide, workers=0)


def test_rows_carry_what_is_left_and_the_table_says_why(tmp_path: Path) -> None:
    write(tmp_path, [Page("a", story(1)), Page("gone", (), status=402)], headers=((b"X-Robots-Tag", b"noindex"),))
    publish_raw(Lake(tmp_path), how(tmp_path))
    lake = Lake(tmp_path)
    (article,) = lake.read("articles").to_pylist()
    assert article["rights"] == ["research"]
    assert article["training_opt_out"]
    assert article["license"] is None
    rows = lake.read("rights").to_pylist()
    mine = [row for row in rows if row["article_id"] == article["article_id"]]
    assert [(row["signal"], row["where"], row["forbids"]) for row in mine] == [
        ("noindex", "header", ["search"]),
        ("content-signal", "robots.txt", ["train"]),
    ]
    assert {(row["raw_file"], row["raw_offset"]) for row in mine} == {(article["raw_file"], article["raw_offset"])}
    assert mine[1]["seen_at"] == ROBOTS.fetched_at
    assert [row["signal"] for row in rows if row not in mine][:1] == ["noindex"]
    assert "payment-required" in [row["signal"] for row in rows if row not in mine]


def test_a_rebuild_from_the_raw_archive_gives_the_same_bytes(tmp_path: Path) -> None:
    pages = [Page(str(n), story(n)) for n in range(6)]
    for root in (tmp_path / "one", tmp_path / "two"):
        write(root, pages, headers=((b"TDM-Reservation", b"1"),))
    # Offsets and record ids differ from one archive to the next: the second is a copy of the first.
    for file in (tmp_path / "one").glob("raw/*/*/*"):
        (tmp_path / "two" / file.relative_to(tmp_path / "one")).write_bytes(file.read_bytes())
    publish_raw(Lake(tmp_path / "one"), how(tmp_path / "one"))
    publish_raw(Lake(tmp_path / "two"), Publishing({}, ExactIndex(tmp_path / "two").decide, 0, batch_pages=2))
    one, two = (tree(tmp_path / name / "rights") for name in ("one", "two"))
    assert {path: digest for path, (digest, _) in one.items()} == {path: digest for path, (digest, _) in two.items()}
    assert len(Lake(tmp_path / "one").read("rights")) == 12


def test_cleaning_again_replaces_the_signals_of_a_page(tmp_path: Path) -> None:
    from dataclasses import replace

    from cleaning.records import SourceFacts

    write(tmp_path, [Page("a", story(1))])
    publish_raw(Lake(tmp_path), how(tmp_path))
    before = Lake(tmp_path).read("rights")
    licensed = replace(how(tmp_path), sources={"the-harbor-post": SourceFacts("the-harbor-post", license="CC-BY-4.0")})
    assert reclean(Lake(tmp_path), licensed).pages == 1
    assert Lake(tmp_path).read("rights").equals(before)
    (article,) = Lake(tmp_path).read("articles").to_pylist()
    assert (article["license"], article["rights"]) == ("CC-BY-4.0", ["search", "research"])
