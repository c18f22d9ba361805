"""What a site said about its pages is archived beside them, once a file, and comes back with each page."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from cleaning.records import Statement
from spiders.archive.warc_reader import WarcWriter, read_page, read_pages
from tests.spiders.archive.test_warc_reader import WHEN, exchange

ROBOTS = Statement("robots.txt", "https://post.example/robots.txt", WHEN - timedelta(hours=2), "User-agent: *\nä: b\n")
TDM = Statement("tdmrep.json", "https://post.example/.well-known/tdmrep.json", WHEN, "[]")


def test_each_page_comes_back_with_its_statements_and_the_headers_about_rights(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path, "run-1")
    done = [writer.response("post", exchange(n, statements=(ROBOTS, TDM))) for n in range(3)]
    done.append(writer.response("post", exchange(3)))
    writer.close()
    pages = list(read_pages(tmp_path / done[0].raw_file, root=tmp_path))
    assert [page.statements for page in pages] == [(ROBOTS, TDM)] * 3 + [()]
    assert read_page(tmp_path, done[2].raw_file, done[2].raw_offset).statements == (ROBOTS, TDM)
    assert pages[0].headers == (("x-robots-tag", "noai"), ("x-robots-tag", "noimageai"), ("tdm-reservation", "1"))


def test_a_statement_is_written_once_a_file_as_a_record_that_other_tools_read(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path, "run-1", roll_bytes=1)
    for n in range(2):
        writer.response("post", exchange(n, statements=(ROBOTS,)))
    for n in range(2):
        writer.response("other", exchange(n, statements=(ROBOTS, TDM)))
    writer.close()
    for file in tmp_path.glob("raw/*/*/*.warc.gz"):
        with file.open("rb") as stream:
            kinds = [record.rec_type for record in ArchiveIterator(stream)]
        assert kinds.count("resource") == (1 if "post" in str(file) else 2)
    assert len(list(tmp_path.glob("raw/*/*/*.warc.gz"))) == 4


def test_the_file_is_valid(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path, "run-1")
    place = writer.response("post", exchange(1, statements=(ROBOTS, TDM)))
    writer.close()

    class Asked:
        inputs = (str(tmp_path / place.raw_file),)
        verbose = False

    assert Checker(Asked).process_all() == 0
