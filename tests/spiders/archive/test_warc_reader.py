"""The raw archive is valid, readable by others, and survives a cut."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from cleaning.records import Hints
from spiders.archive.warc_reader import Exchange, WarcWriter, Written, read_page, read_pages

WHEN = datetime(2026, 7, 20, 10, 30, tzinfo=UTC)


def exchange(number: int, **changes: object) -> Exchange:
    facts: dict[str, object] = {
        "url": f"https://post.example/{number}?q=ä",
        "fetched_at": WHEN,
        "status": 200,
        "reason": "OK",
        "headers": (
            (b"Content-Type", b"text/html; charset=utf-8"),
            (b"Content-Encoding", b"gzip"),
            (b"Content-Length", b"5"),
            (b"Set-Cookie", b"id=reader"),
            (b"X-Robots-Tag", b"noai"),
            (b"X-Robots-Tag", b"noimageai"),
            (b"TDM-Reservation", b"1"),
        ),
        "body": f"<p>Wörter {number}</p>".encode() * number,
        "request_headers": ((b"Host", b"post.example"), (b"User-Agent", b"newsmill/0.1")),
        "ip": "93.184.216.34",
        "hints": Hints("A title\r\nWARC-Type: fake", WHEN, WHEN, "https://post.example/rss"),
    }
    return Exchange(**{**facts, **changes})  # type: ignore[arg-type]


@pytest.fixture
def written(tmp_path: Path) -> list[Written]:
    writer = WarcWriter(tmp_path, "run-1")
    done = [writer.response("post", exchange(number)) for number in range(5)]
    writer.revisit("post", exchange(1, status=304, reason="Not Modified", body=b""), done[1].digest)
    writer.close()
    return done


def test_pages_come_back_as_they_were_written(tmp_path: Path, written: list[Written]) -> None:
    pages = list(read_pages(tmp_path / written[0].raw_file, root=tmp_path))
    assert [page.raw_offset for page in pages] == [place.raw_offset for place in written]
    page = pages[3]
    assert page.body == exchange(3).body
    assert page.url == exchange(3).url
    assert page.fetched_at == WHEN
    assert (page.source, page.run_id) == ("post", "run-1")
    assert page.content_type == "text/html; charset=utf-8"
    assert page.robots_tag == "noai, noimageai"
    assert page.tdm_reservation == "1"
    assert page.hints == Hints("A title WARC-Type: fake", WHEN, WHEN, "https://post.example/rss")
    assert page.raw_file == "raw/source=post/date=2026-07-20/run-1-00000.warc.gz"


def test_a_page_is_found_by_its_offset_and_a_wrong_one_is_told(tmp_path: Path, written: list[Written]) -> None:
    place = written[2]
    assert read_page(tmp_path, place.raw_file, place.raw_offset).body == exchange(2).body
    with pytest.raises(LookupError, match="no complete response"):
        read_page(tmp_path, place.raw_file, 10**9)


def test_reading_goes_on_from_an_offset(tmp_path: Path, written: list[Written]) -> None:
    path = tmp_path / written[0].raw_file
    assert len(list(read_pages(path, root=tmp_path, start=written[3].raw_offset))) == 2


def test_other_readers_find_it_valid(
    tmp_path: Path, written: list[Written], capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / written[0].raw_file
    with path.open("rb") as stream:
        kinds = [record.rec_type for record in ArchiveIterator(stream)]
    assert kinds == ["warcinfo", *["response", "request"] * 5, "revisit", "request"]

    class Command:
        inputs = (str(path),)
        verbose = True

    assert Checker(Command()).process_all() == 0
    told = capsys.readouterr().out
    assert told.count("digest pass") == 5
    assert "fail" not in told


def test_a_file_cut_anywhere_is_read_to_its_last_whole_record(tmp_path: Path, written: list[Written]) -> None:
    data = (tmp_path / written[0].raw_file).read_bytes()
    cut = tmp_path / "cut.warc.gz"
    ends = [*(place.raw_offset for place in written[1:]), len(data)]
    for length in range(0, len(data), 41):
        cut.write_bytes(data[:length])
        whole = sum(end <= length for end in ends[:-1])
        assert whole <= len(list(read_pages(cut, root=tmp_path))) <= whole + 1


def test_files_are_rolled_and_a_run_that_goes_on_begins_a_new_one(tmp_path: Path) -> None:
    for _ in range(2):
        writer = WarcWriter(tmp_path, "run-1", roll_bytes=500)
        for number in range(2):
            writer.response("post", exchange(number))
        writer.response("other", exchange(1, fetched_at=datetime(2026, 7, 21, tzinfo=UTC)))
        writer.close()
    names = sorted(path.relative_to(tmp_path / "raw").as_posix() for path in tmp_path.rglob("*.warc.gz"))
    assert names == [
        *(f"source=other/date=2026-07-21/run-1-{n:05d}.warc.gz" for n in range(2)),
        *(f"source=post/date=2026-07-20/run-1-{n:05d}.warc.gz" for n in range(4)),
    ]


def test_nothing_is_promised_that_another_process_cannot_read(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path, "run-1")
    place = writer.response("post", exchange(1))
    writer.sync()
    assert read_page(tmp_path, place.raw_file, place.raw_offset).body == exchange(1).body
    writer.close()
