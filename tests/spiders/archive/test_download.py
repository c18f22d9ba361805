"""Archives named by address become files, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from spiders.archive.download import DownloadError, addresses, download
from spiders.ingest import find_archives
from tests.spiders.oneweb import OneWeb

DATA = bytes(range(256)) * 40


def url(web: OneWeb, path: str) -> str:
    return f"http://127.0.0.1:{web.port}{path}"


def test_an_archive_is_fetched_once(tmp_path: Path) -> None:
    with OneWeb({"/crawl/a.warc.gz": ("200 OK", {}, DATA)}) as web:
        first = download(url(web, "/crawl/a.warc.gz"), tmp_path, "newsmill/0.1 (+me)", loopback=True)
        assert first.read_bytes() == DATA
        assert download(url(web, "/crawl/a.warc.gz"), tmp_path, "newsmill/0.1 (+me)", loopback=True) == first
        assert web.paths() == ["/crawl/a.warc.gz"]
        assert web.log[0][2]["user-agent"] == "newsmill/0.1 (+me)"


def test_a_fetch_that_broke_off_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with OneWeb({}) as web:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(DATA)
        web.raw["/a.warc.gz"] = head + DATA[:4_000]
        with pytest.raises(DownloadError, match="resume"):
            download(url(web, "/a.warc.gz"), tmp_path, "me", loopback=True)
        del web.raw["/a.warc.gz"]
        web.pages["/a.warc.gz"] = ("206 Partial Content", {}, DATA[4_000:])
        assert download(url(web, "/a.warc.gz"), tmp_path, "me", loopback=True).read_bytes() == DATA
        assert web.log[-1][2]["range"] == "bytes=4000-"


def test_no_private_address_is_asked_and_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    with OneWeb({}) as web:
        web.pages["/..%2F..%2Fevil"] = ("200 OK", {}, DATA)
        with pytest.raises(DownloadError, match="not public"):
            download(url(web, "/a.warc.gz"), tmp_path, "me")
        assert not web.log
        assert download(url(web, "/..%2F..%2Fevil"), tmp_path / "in", "me", loopback=True).parent == tmp_path / "in"
        with pytest.raises(DownloadError, match="404"):
            download(url(web, "/none.warc.gz"), tmp_path, "me", loopback=True)


def test_a_list_may_mix_paths_and_addresses(tmp_path: Path) -> None:
    archive = tmp_path / "a.warc.gz"
    archive.touch()
    listed = tmp_path / "list"
    listed.write_text(f"https://data.example/b.warc.gz\n{archive}\nhttps://data.example/b.warc.gz\n")
    assert addresses([f"@{listed}", "https://data.example/c.warc.gz"]) == [
        "https://data.example/b.warc.gz",
        "https://data.example/c.warc.gz",
    ]
    assert find_archives([f"@{listed}", "https://data.example/c.warc.gz"]) == [archive]
