"""What a hostile or broken server sends, each with its own outcome."""

from __future__ import annotations

import gzip
import ssl
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from spiders.archive.warc_reader import read_pages
from tests.spiders.crawling import Crawls
from tests.spiders.oneweb import OneWeb, html, rss

pytestmark = pytest.mark.slow

SIZE = 200_000
# A busy machine needs more than the five seconds that a test site is given otherwise.
POLITE = "delay_seconds = 0\ntimeout_seconds = 30\n"


def crawl(folder: Path, web: OneWeb, *paths: str, **keys: str) -> dict[str, str]:
    """The outcome of each path, offered by the feed."""
    web.pages["/rss"] = rss(*map(web.url, paths))
    made = Crawls(folder, web.port)
    web.write_source(made.sources, **keys)
    made.run()
    outcomes = made.frontier().outcomes()
    return {path: outcomes[web.url(path)] for path in paths}


def test_every_fault_of_a_response_has_its_name(tmp_path: Path) -> None:
    packed = {"Content-Type": "text/html", "Content-Encoding": "gzip"}
    noai = {"Content-Type": "text/html", "X-Robots-Tag": "noai"}
    pages = {
        "/good": html(),
        "/bomb": ("200 OK", packed, gzip.compress(bytes(50_000_000))),
        "/large": html("x" * (SIZE + 1)),
        "/pdf": ("200 OK", {"Content-Type": "application/pdf"}, b"%PDF-1.4"),
        "/image": ("200 OK", {"Content-Type": "image/png"}, b"\x89PNG"),
        "/untyped-page": ("200 OK", {}, b"<html><p>Words.</p></html>"),
        "/untyped-bytes": ("200 OK", {}, b"\x00\x01\x02"),
        "/teapot": ("418 I'm a teapot", {}, b""),
        "/not-implemented": ("501 Not Implemented", {}, b""),
        "/redirect-nowhere": ("302 Found", {}, b""),
        "/redirect-file": ("302 Found", {"Location": "file:///etc/passwd"}, b""),
        "/self": ("302 Found", {"Location": "/self"}, b""),
        "/reserved-header": ("200 OK", noai, b"<html><p>Words.</p></html>"),
        "/reserved-meta": html('<meta name="robots" content="index, noarchive"><p>Words.</p>'),
        **{f"/far/{n}": ("302 Found", {"Location": f"/far/{n + 1}"}, b"") for n in range(9)},
    }
    with OneWeb(pages) as web:
        web.raw["/half"] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\n<p>half"
        web.raw["/silence"] = b""
        web.raw["/no-http"] = b"SSH-2.0-OpenSSH_9.2\r\n\r\n"
        web.raw["/long-header"] = b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 200_000 + b"\r\n\r\n"
        web.raw["/cookie"] = (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nSet-Cookie: id=reader\r\n"
            b"Content-Length: 12\r\n\r\n<p>Words</p>"
        )
        expected = {
            "/good": "fetched",
            "/bomb": "too-large",
            "/large": "too-large",
            "/pdf": "not-html",
            "/image": "not-html",
            "/untyped-page": "fetched",
            "/untyped-bytes": "not-html",
            "/teapot": "http-418",
            "/not-implemented": "http-501",
            "/redirect-nowhere": "http-302",
            "/redirect-file": "bad-url",
            "/self": "redirect-loop",
            "/reserved-header": "opted-out",
            "/reserved-meta": "opted-out",
            "/far/0": "redirect-loop",
            "/half": "truncated",
            "/silence": "connection-error",
            "/no-http": "bad-response",
            "/long-header": "connection-error",
            "/cookie": "fetched",
        }
        polite = "delay_seconds = 0\nobey_tdm = true\ntimeout_seconds = 10\n"
        got = crawl(tmp_path, web, *expected, limits=f"{{max_bytes = {SIZE}}}", politeness=polite)
        assert got == expected
        assert not any("cookie" in headers or "referer" in headers for _, _, headers in web.log)
    [file] = (tmp_path / "lake").glob("raw/*/*/*.warc.gz")
    assert len(list(read_pages(file, root=tmp_path / "lake"))) == 3
    assert b"id=reader" not in gzip.decompress(file.read_bytes())


def test_a_bomb_is_cut_off_while_it_comes(tmp_path: Path) -> None:
    """A server that never ends its answer: only a check on the way can name it before the time is over."""
    packed = gzip.compress(bytes(100_000_000))
    with OneWeb({}) as web:
        head = (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: 9999999\r\n\r\n"
        )
        web.raw["/endless"] = head + packed
        web.linger = 60.0
        assert crawl(tmp_path, web, "/endless") == {"/endless": "too-large"}
        assert web.paths().count("/endless") == 1


def test_headers_without_end_are_cut_off_and_cost_no_memory(tmp_path: Path) -> None:
    line = b"X-Filler: " + b"x" * 8_000 + b"\r\n"
    with OneWeb({"/good": html()}) as web:
        web.endless["/flood"] = b"HTTP/1.1 200 OK\r\n", line
        web.endless["/continued"] = b"HTTP/1.1 200 OK\r\nX: 1\r\n", line.replace(b"X-Filler:", b" ")
        web.endless["/waiting"] = b"", b"HTTP/1.1 102 Processing\r\n\r\n"
        large = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + line * 30
        web.raw["/large"] = large + b"Content-Length: 200000\r\n\r\n" + b"x" * 200_000
        floods = ["/flood", "/continued", "/waiting"]
        web.pages["/rss"] = rss(*map(web.url, [*floods, "/large", "/good"]))
        made = Crawls(tmp_path, web.port)
        web.write_source(made.sources, politeness=POLITE)
        process, most = made.start(), 0
        while process.poll() is None:
            with suppress(psutil.Error):
                most = max(most, psutil.Process(process.pid).memory_info().rss)
            time.sleep(0.05)
        outcomes = made.frontier().outcomes()
        assert {path: outcomes[web.url(path)] for path in floods} == dict.fromkeys(floods, "too-large")
        assert outcomes[web.url("/large")] == outcomes[web.url("/good")] == "fetched"
        assert web.paths().count("/flood") == 1
        assert 50_000_000 < most < 300_000_000


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """A certificate that nobody vouches for."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "post.localhost")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    signed = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("post.localhost")]), False).sign(
        key, hashes.SHA256()
    )
    path = tmp_path / "server.pem"
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM) + key.private_bytes(serialization.Encoding.PEM, *form)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_a_certificate_that_is_not_valid_is_refused(tmp_path: Path, certificate: ssl.SSLContext) -> None:
    with OneWeb({"/rss": rss()}, certificate) as web:
        made = Crawls(tmp_path, web.port)
        web.write_source(made.sources)
        log = made.run()
        assert "tls-error" in log
        assert not web.log


def test_a_crawl_without_a_contact_or_with_a_wrong_argument_is_told_why(tmp_path: Path) -> None:
    with OneWeb({}) as web:
        made = Crawls(tmp_path, web.port)
        web.write_source(made.sources, extra_hosts='["post.example"]')
        for arguments, said in (({}, "NEWSMILL_CONTACT"), ({"source": "nobody"}, "sources list")):
            process: subprocess.Popen[str] = made.start(**arguments)
            _, log = process.communicate(timeout=60)
            assert process.returncode != 0
            assert said in log
        assert not web.log
