"""Archives that others made: every record is taken or counted under a named reason, and the archive always goes on."""

from __future__ import annotations

import gzip
import random
import time
from pathlib import Path

import pytest

from spiders.archive.download import download
from spiders.archive.lenient_reader import blocks, capture_of
from spiders.archive.pinned_connection import DownloadError
from spiders.catalogue import Source
from spiders.frontier.frontier import Frontier
from spiders.ingest import IngestProgress, Selection, ingest
from tests.faults.conftest import Attack
from tests.spiders.oneweb import OneWeb

GOOD = 40
SOURCE = Source.model_validate(
    {"name": "post", "title": "Post", "home": "https://post.example/", "hosts": ["post.example"]}
)
DATE = "2026-07-20T12:00:00Z"


def record(
    path: str, *, status: str = "HTTP/1.1 200 OK", date: str = DATE, fields: str = "", body: bytes = b"", warc: str = ""
) -> bytes:
    body = body or b"<!doctype html><html><p>Words of " + path.encode("utf-8", "replace") + b".</p></html>"
    http = f"{status}\r\nContent-Type: text/html\r\n{fields}\r\n".encode() + body
    head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://post.example{path}\r\nWARC-Date: {date}\r\n"
    head += f"{warc}Content-Length: {len(http)}\r\n\r\n"
    return head.encode("utf-8", "surrogateescape") + http + b"\r\n\r\n"


def taken(folder: Path, archive: bytes, name: str = "a.warc.gz") -> IngestProgress:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(archive)
    frontier = Frontier(folder / "f.sqlite", clock=lambda: 1_800_000_000.0)
    try:
        [progress] = ingest([path], Selection({"post": SOURCE}), lake=folder / "lake", frontier=frontier, run_id="r1")
    finally:
        frontier.close()
    return progress


CHUNKED = "Transfer-Encoding: chunked\r\n"
HUGE = "9" * 5_000
POISON = {
    "chunk size -6": record("/p", fields=CHUNKED, body=b"-6\r\n<html>\r\n"),
    "chunk size 0x5": record("/p", fields=CHUNKED, body=b"0x5\r\n<html>\r\n0\r\n\r\n"),
    "chunk size 1_0": record("/p", fields=CHUNKED, body=b"1_0\r\n<html>\r\n0\r\n\r\n"),
    "chunk size of 5,000 digits": record("/p", fields=CHUNKED, body=HUGE.encode() + b"\r\n<html>"),
    "status of 5,000 digits": record("/p", status=f"HTTP/1.1 {HUGE} OK"),
    "status -200": record("/p", status="HTTP/1.1 -200 OK"),
    "status in other digits": record("/p", status="HTTP/1.1 ２００ OK"),
    "date past the calendar": record("/p", date="9999-12-31T23:59:59-14:00"),
    "date before the calendar": record("/p", date="0001-01-01T00:00:00+14:00"),
    "date of the year 9999": record("/p", date="9999-12-31T23:59:59Z"),
    "date of next year": record("/p", date="2028-12-31T23:59:59Z"),
    "date that is none": record("/p", date="yesterday"),
    "length of 5,000 digits": record("/p", warc=f"Content-Length: {HUGE}\r\n"),
    "length below zero": record("/p", warc="Content-Length: -1\r\n"),
    "no HTTP": record("/p").replace(b"HTTP/1.1 200 OK", b"GOPHER"),
    "address with a bracket": record("//["),
    "address of another host": record("/p").replace(b"post.example", b"evil.example"),
    "address with a port": record(":99999999/p"),
    "address of surrogates": record("/\udcff\udcfe"),
    "no fields": b"WARC/1.0\r\n\r\n",
    "no record": b"nothing of the kind\r\n\r\n",
    "empty": b"",
    "br that is none": record("/p", fields="Content-Encoding: br\r\n", body=b"\xff" * 2_000),
    "gzip bomb": record("/p", fields="Content-Encoding: gzip\r\n", body=gzip.compress(bytes(60_000_000))),
    "deflate that is none": record("/p", fields="Content-Encoding: deflate\r\n", body=b"\x00" * 2_000),
    "header without end": record("/p").replace(b"\r\n\r\n", b"\r\n"),
    "NUL everywhere": record("/p\0", warc="X: \0\r\n"),
    "media type that lies": record("/p", fields="Content-Type: image/png\r\n"),
}


@pytest.mark.attack("poison records", "hostile input")
def test_a_poison_record_costs_itself_alone_packed_or_not(tmp_path: Path, attack: Attack) -> None:
    for number, (name, poison) in enumerate(POISON.items()):
        for form in ("packed", "plain"):
            with attack.case((name, form)):
                records = [record(f"/{n}") for n in range(GOOD)]
                records.insert(GOOD // 2, poison)
                begun = time.process_time()
                if form == "packed":
                    progress = taken(tmp_path / f"{number}", b"".join(map(gzip.compress, records)))
                else:
                    progress = taken(tmp_path / f"{number}-plain", b"".join(records), "a.warc")
                assert time.process_time() - begun < 10
                # Without members only the announced length tells where a record ends: a wrong one may hide the next.
                assert progress.taken >= (GOOD if form == "packed" else GOOD - 1), progress
                assert progress.done
                assert progress.taken + progress.left_out.total() == progress.records
                assert "internal-error" not in progress.left_out, progress.left_out


def noise(rng: random.Random) -> dict[str, bytes]:
    member = gzip.compress(record("/lost"))
    return {
        "a run of magic bytes": b"\x1f\x8b\x08" * 20_000,
        "magic and every flag": b"".join(bytes([0x1F, 0x8B, 8, flag]) + rng.randbytes(12) for flag in range(256)),
        "a name without end": b"\x1f\x8b\x08\x08" + bytes(6) + b"a" * 300_000,
        "an extra field to the end": b"\x1f\x8b\x08\x04" + bytes(6) + b"\xff\xff" + b"b" * 100,
        "random bytes": rng.randbytes(200_000),
        "zeros": bytes(200_000),
        "half a member": member[: len(member) // 2],
        "a member without its end": member[:-6],
        "a member with a wrong sum": member[:-8] + bytes(8),
        "gzip of something else": gzip.compress(b"no record " * 1_000),
        "gzip of nothing": gzip.compress(b""),
        "text": b"<html>502 Bad Gateway</html>" * 100,
    }


@pytest.mark.attack("noise between records", "hostile input")
def test_noise_between_records_swallows_none_of_them(tmp_path: Path, attack: Attack) -> None:
    for place in (0, GOOD // 2, GOOD):
        for name, what in noise(random.Random(6)).items():
            with attack.case((name, place)):
                members = [gzip.compress(record(f"/{n}")) for n in range(GOOD)]
                members.insert(place, what)
                if place == 0 and not what.startswith(b"\x1f\x8b\x08"):
                    continue  # an archive that begins so is none that is packed record by record
                begun = time.process_time()
                progress = taken(tmp_path / f"{place}-{name}", b"".join(members))
                assert time.process_time() - begun < 20
                assert progress.taken == GOOD, progress
                assert progress.left_out["broken"] + progress.left_out["cut"] >= 1
                assert progress.taken + progress.left_out.total() == progress.records


@pytest.mark.attack("bit flips in archives", "fault")
def test_a_flipped_bit_costs_at_most_the_record_it_hits(tmp_path: Path, attack: Attack) -> None:
    rng = random.Random(7)
    whole = b"".join(gzip.compress(record(f"/{n}"), mtime=0) for n in range(GOOD))
    for number in range(150):
        with attack.case(number):
            spoiled = bytearray(whole)
            at = rng.randrange(24, len(whole))
            spoiled[at] ^= 1 << rng.randrange(8)
            path = tmp_path / "a.warc.gz"
            path.write_bytes(spoiled)
            read = list(blocks(path))
            captures = [c for c in (capture_of(block, 10_000_000) for block in read) if c is not None]
            assert len(captures) >= GOOD - 1
            assert len({c.url for c in captures}) == len(captures)


REDIRECTS = [
    "http://127.0.0.1:1/a",
    "http://localhost/a",
    "http://[::1]/a",
    "http://169.254.169.254/latest/meta-data/",
    "http://0x7f000001/a",
    "http://2130706433/a",
    "http://10.0.0.1/a",
    "http://[::ffff:127.0.0.1]/a",
    "ftp://ftp.example/a",
    "file:///etc/passwd",
    "gopher://x/",
    "//127.0.0.1:1/a",
    "http://user:secret@127.0.0.1/a",
    "http://[",
    "http://127.0.0.1:99999999/a",
    "\x00",
]


@pytest.mark.attack("redirects of archives", "hostile input")
def test_an_archive_s_address_leads_to_no_private_one(
    tmp_path: Path, attack: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first server is taken for a public one; what it redirects to is not."""
    from spiders.archive import pinned_connection

    real = pinned_connection._resolve
    with OneWeb({"/latest/meta-data/": ("200 OK", {}, b"secret")}) as web:

        def resolve(host: str, port: int, loopback: bool) -> str:
            return "127.0.0.1" if host == "public.example" else real(host, port, loopback)

        monkeypatch.setattr(pinned_connection, "_resolve", resolve)
        for number, target in enumerate(REDIRECTS):
            with attack.case(target):
                web.raw[f"/{number}"] = (
                    f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
                )
                with pytest.raises(DownloadError):
                    download(f"http://public.example:{web.port}/{number}", tmp_path, "me")
                assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size]
        assert [path for path in web.paths() if path not in {f"/{n}" for n in range(len(REDIRECTS))}] == []


@pytest.mark.attack("downloads that broke off", "fault")
def test_a_download_killed_at_any_byte_is_whole_after_the_next_call(tmp_path: Path, attack: Attack) -> None:
    data = random.Random(8).randbytes(10_000)
    with OneWeb({}) as web:
        address = f"http://127.0.0.1:{web.port}/a.warc.gz"
        name = download_name(tmp_path, web, address, data)
        for have in (0, 1, 5_000, 9_999, 10_000, 10_001, 20_000):
            with attack.case(have):
                part = tmp_path / f"{name}.part"
                (tmp_path / name).unlink(missing_ok=True)
                part.write_bytes((data * 3)[:have])
                if have < len(data):
                    fields = {"Content-Range": f"bytes {have}-9999/10000"} if have else {}
                    web.pages["/a.warc.gz"] = ("206 Partial Content" if have else "200 OK", fields, data[have:])
                elif have == len(data):
                    web.pages["/a.warc.gz"] = ("416 Range Not Satisfiable", {"Content-Range": "bytes */10000"}, b"")
                else:
                    web.pages["/a.warc.gz"] = ("200 OK", {}, data)  # a server that knows no ranges
                assert download(address, tmp_path, "me", loopback=True).read_bytes() == data


def download_name(folder: Path, web: OneWeb, address: str, data: bytes) -> str:
    web.pages["/a.warc.gz"] = ("200 OK", {}, data)
    return download(address, folder, "me", loopback=True).name


def test_an_archive_that_does_not_fit_is_refused_before_it_is_fetched(tmp_path: Path) -> None:
    with OneWeb({}) as web:
        for size, told in ((10**18, "larger"), (49_000_000_000, "free")):
            web.raw["/a.warc.gz"] = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\nabc" % size
            import shutil
            from unittest.mock import patch

            usage = shutil.disk_usage(tmp_path)._replace(free=2_000_000_000)
            with patch("shutil.disk_usage", return_value=usage), pytest.raises(DownloadError, match=told):
                download(f"http://127.0.0.1:{web.port}/a.warc.gz", tmp_path, "me", loopback=True)
