"""Archives of others are taken in: what is wanted, once, whatever their faults."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from spiders.archive.lenient_reader import blocks, capture_of
from spiders.archive.warc_reader import read_pages
from spiders.catalogue import Source
from spiders.frontier.frontier import DiscoveredUrl, Frontier
from spiders.ingest import IngestProgress, Selection, find_archives, ingest, span_of

SOURCE = Source.model_validate(
    {
        "name": "post",
        "title": "Post",
        "home": "https://post.example/",
        "hosts": ["post.example"],
        "exclude": ["/video/"],
    }
)
PAGE = b"<html lang='en'><p>The harbour wall.</p></html>"


def record(
    url: str,
    body: bytes = PAGE,
    *,
    head: bytes = b"Content-Type: text/html",
    status: bytes = b"200 OK",
    day: str = "2026-07-20T10:00:00Z",
    length: int | None = None,
    kind: str = "response",
) -> bytes:
    content = b"HTTP/1.1 %b\r\n%b\r\n\r\n%b" % (status, head, body)
    fields = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: {day}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {length or len(content)}\r\n\r\n"
    )
    return fields.encode() + content + b"\r\n\r\n"


def chunked(body: bytes) -> bytes:
    return b"5\r\n%b\r\n%x;name=v\r\n%b\r\n0\r\n\r\n" % (body[:5], len(body) - 5, body[5:])


def write(folder: Path, records: Iterable[bytes], name: str = "foreign.warc.gz", *, packed: bool = True) -> Path:
    path = folder / name
    path.write_bytes(b"".join(gzip.compress(one, mtime=0) if packed else one for one in records))
    return path


def take(folder: Path, *paths: Path, run: str = "r1", **selection: object) -> list[IngestProgress]:
    chosen = Selection({"post": SOURCE}, **selection)  # type: ignore[arg-type]
    frontier = Frontier(folder / "lake" / "state" / "ledger.sqlite")
    return ingest(paths, chosen, lake=folder / "lake", frontier=frontier, run_id=run)


def taken(folder: Path) -> dict[str, bytes]:
    files = sorted((folder / "lake").glob("raw/*/*/*.warc.gz"))
    return {page.url: page.body for file in files for page in read_pages(file, root=folder / "lake")}


def test_what_the_catalogue_wants_is_taken_and_the_rest_is_named(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        [
            record("https://post.example/", kind="warcinfo"),
            record("https://post.example/a"),
            record("https://www.post.example/b"),
            record("https://elsewhere.example/c"),
            record("https://post.example/video/d"),
            record("https://post.example/e", status=b"404 Not Found"),
            record("https://post.example/f", head=b"Content-Type: image/png"),
            record("https://post.example:8080/g"),
            record("https://post.example/h", b"<html lang=de><p>Die Mole.</p></html>"),
            record("https://post.example/i", day="2026-07-01T00:00:00Z"),
            record("https://post.example/j", day="not a date"),
        ],
    )
    [told] = take(tmp_path, path, languages=frozenset({"en"}), span=span_of(date(2026, 7, 19), None))
    assert set(taken(tmp_path)) == {"https://post.example/a", "https://www.post.example/b"}
    assert told.done
    assert told.left_out == {
        "other-record": 1,
        "other-host": 1,
        "excluded": 1,
        "other-status": 1,
        "not-html": 1,
        "bad-url": 1,
        "other-language": 1,
        "other-date": 1,
        "unreadable": 1,
    }


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"Content-Type: text/html", PAGE),
        (b"Content-Type: text/html\r\nTransfer-Encoding: chunked", chunked(PAGE)),
        (b"Content-Type: text/html\r\nTransfer-Encoding: chunked", PAGE),  # joined before, header left on
        (b"Content-Type: text/html\r\nContent-Encoding: gzip", gzip.compress(PAGE, mtime=0)),
        (b"Content-Type: text/html\r\nContent-Encoding: gzip", PAGE),  # unpacked before, header left on
        (b"Content-Type: text/html\r\nContent-Encoding: deflate", zlib.compress(PAGE)),
        (
            b"Content-Type: text/html\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip",
            chunked(gzip.compress(PAGE, mtime=0)),
        ),
    ],
)
def test_wire_encodings_are_removed_where_they_are_there(tmp_path: Path, head: bytes, body: bytes) -> None:
    take(tmp_path, write(tmp_path, [record("https://post.example/a", body, head=head)]))
    assert taken(tmp_path) == {"https://post.example/a": PAGE}


@pytest.mark.slow
def test_a_packed_bomb_in_a_record_is_left_out(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(60_000_000))
    path = write(
        tmp_path, [record("https://post.example/a", bomb, head=b"Content-Encoding: gzip\r\nContent-Type: text/html")]
    )
    path.write_bytes(
        path.read_bytes()
        + gzip.compress(bytes(60_000_000))  # no record at all
        + gzip.compress(record("https://post.example/c", bytes(60_000_000)))
        + gzip.compress(record("https://post.example/b"))
    )
    [told] = take(tmp_path, path)
    assert set(taken(tmp_path)) == {"https://post.example/b"}
    assert told.left_out == {"unreadable": 1, "broken": 1, "too-large": 1}


@pytest.mark.parametrize("length", [5, 100_000])
def test_a_wrong_length_costs_no_other_record(tmp_path: Path, length: int) -> None:
    take(tmp_path, write(tmp_path, [record("https://post.example/a", length=length), record("https://post.example/b")]))
    assert taken(tmp_path) == {"https://post.example/a": PAGE, "https://post.example/b": PAGE}


def test_a_broken_record_costs_itself_only_and_a_cut_file_its_last(tmp_path: Path) -> None:
    members = [gzip.compress(record(f"https://post.example/{n}"), mtime=0) for n in range(5)]
    members[2] = members[2][:40] + bytes(20) + members[2][60:]
    path = tmp_path / "foreign.warc.gz"
    path.write_bytes(b"".join(members)[:-30])
    take(tmp_path, path)
    assert {url.rpartition("/")[2] for url in taken(tmp_path)} == {"0", "1", "3"}


def test_an_archive_that_is_not_packed_is_read_too(tmp_path: Path) -> None:
    path = write(tmp_path, [record(f"https://post.example/{n}") for n in range(3)], "foreign.warc", packed=False)
    take(tmp_path, path)
    assert len(taken(tmp_path)) == 3


def test_taking_in_again_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, [record(f"https://post.example/{n}") for n in range(3)])
    take(tmp_path, path)
    archive = tmp_path / "lake" / "raw"
    before = {file: file.read_bytes() for file in archive.rglob("*.warc.gz")}
    take(tmp_path, path, run="r2")
    renamed = path.rename(tmp_path / "renamed.warc.gz")
    [told] = take(tmp_path, renamed, run="r3")
    assert told.left_out == {"known": 3}
    assert {
        file: file.read_bytes() for file in (tmp_path / "lake" / "raw").rglob("*.warc.gz") if file in before
    } == before
    assert len(taken(tmp_path)) == 3


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spiders.ingest.BATCH", 2)
    path = write(tmp_path, [record(f"https://post.example/{n}") for n in range(7)])
    seen: list[int] = []

    def stop(progress: IngestProgress) -> None:
        seen.append(progress.offset)
        if len(seen) == 2:
            raise KeyboardInterrupt

    frontier = Frontier(tmp_path / "lake" / "state" / "ledger.sqlite")
    with pytest.raises(KeyboardInterrupt):
        ingest([path], Selection({"post": SOURCE}), lake=tmp_path / "lake", frontier=frontier, run_id="r1", report=stop)
    assert len(taken(tmp_path)) == 4
    [told] = take(tmp_path, path, run="r2")
    assert told.records == 3
    assert len(taken(tmp_path)) == 7


def test_what_was_taken_in_is_not_crawled_and_an_older_capture_is_no_revision(tmp_path: Path) -> None:
    take(tmp_path, write(tmp_path, [record("https://post.example/a")]))
    older = record("https://post.example/a", PAGE + b"older", day="2026-07-19T10:00:00Z")
    newer = record("https://post.example/a", PAGE + b"newer", day="2026-07-21T10:00:00Z")
    take(tmp_path, write(tmp_path, [older], "older.warc.gz"), run="r2")
    take(tmp_path, write(tmp_path, [newer], "newer.warc.gz"), run="r3")
    frontier = Frontier(tmp_path / "lake" / "state" / "ledger.sqlite")
    assert frontier.counts("r2") == {}
    assert frontier.counts("r3")["post"].outcomes == {"revision": 1}
    assert (
        frontier.enqueue(
            "r4", [DiscoveredUrl("post", "https://post.example/a", "https://post.example/a", "post.example")]
        )
        == 0
    )
    assert frontier.hosts_waiting(["post"]) == []


def test_archives_are_found_by_path_folder_glob_and_list(tmp_path: Path) -> None:
    one, two = write(tmp_path, [], "one.warc.gz"), write(tmp_path, [], "two.warc")
    listed = tmp_path / "list.txt"
    listed.write_text(f"{one}\n\n{two}\n")
    for patterns in ([str(tmp_path)], [str(tmp_path / "*.warc*")], [f"@{listed}"], [str(two), str(one), str(one)]):
        assert find_archives(patterns) == [one, two]
    with pytest.raises(FileNotFoundError, match="no archive there"):
        find_archives([str(tmp_path / "none.warc.gz")])


def test_a_record_knows_where_the_next_begins(tmp_path: Path) -> None:
    path = write(tmp_path, [record(f"https://post.example/{n}") for n in range(3)])
    found = list(blocks(path))
    assert [block.next_offset for block in found[:-1]] == [block.offset for block in found[1:]]
    [last] = blocks(path, found[2].offset)
    capture = capture_of(last, 1_000)
    assert capture is not None
    assert capture.url == "https://post.example/2"


def test_with_any_host_what_the_catalogue_lacks_is_taken_under_its_registered_domain(tmp_path: Path) -> None:
    archive = write(
        tmp_path,
        [
            record("https://news.far-away.co.uk/1", PAGE),
            record("https://far-away.co.uk/2", PAGE),
            record("http://192.0.2.7/3", PAGE),
        ],
    )
    [without] = take(tmp_path / "without", archive)
    assert (without.taken, without.left_out) == (0, {"other-host": 3})
    [progress] = take(tmp_path / "with", archive, any_host=True)
    assert (progress.taken, progress.left_out) == (2, {"other-host": 1})
    # One file for all of them: an archive of the whole web has hundreds of thousands of hosts.
    [file] = (tmp_path / "with" / "lake" / "raw").glob("source=*/date=*/*.warc.gz")
    pages = list(read_pages(file, root=tmp_path / "with" / "lake"))
    assert [page.source for page in pages] == ["far-away-co-uk", "far-away-co-uk"]
