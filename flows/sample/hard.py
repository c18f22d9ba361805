"""Pages that are hard for a crawler: the list (hard.toml), and how each behaves on the wire."""

from __future__ import annotations

import asyncio
import struct
import time
import tomllib
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.responses import Response, StreamingResponse

from cleaning.records import Reason
from flows.sample.content import DATA, Strict

MEGABYTE = 1 << 20
CHUNK = 64 * 1024
# One byte per second, for longer than any crawler should wait.
DRIP_SECONDS = 3600
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"
# RFC 1952: magic, deflate, no flags, no time, best compression, unknown system.
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
# Bytes that are text in no encoding: a PNG's signature, then every byte from 0 to 255.
BINARY = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


class HardPage(Strict):
    """One entry of sites/NAME/hard.toml: an address, what it does, and the result it must have."""

    path: str
    does: str  # status, redirect, story, pdf, binary, empty, huge, bomb, drip
    outcome: tuple[str, ...]  # acceptable outcomes in the frontier
    reason: Reason | None = None  # the rejection if it is fetched and is not an article
    status: int = 200
    to: str = ""  # target of a redirect: "/path", or a whole URL in which {port} stands for the server's
    story: str = ""  # slug of the story served here, or that it leads to in the end
    content_type: str = "text/html; charset=utf-8"
    encoding: str = "utf-8"  # of the bytes sent, whatever the header says
    meta: str = "utf-8"  # the encoding that the page itself declares
    retry_after: int | None = None  # seconds that the response asks to wait
    heals: str = ""  # "second": the second attempt gets the story; "wait": any attempt after retry_after seconds
    megabytes: int = 0
    listed: bool = True  # whether the site's lists include it
    forbidden: bool = False  # must never be requested


def read_hard_pages(site: str, data: Path = DATA) -> list[HardPage]:
    """The hard pages of a site; empty if it has no hard.toml."""
    path = data / "sites" / site / "hard.toml"
    if not path.exists():
        return []
    return [HardPage.model_validate(p) for p in tomllib.loads(path.read_text("utf-8"))["page"]]


class Healing:
    """How often, and since when, each healing page was requested; one instance per running server."""

    def __init__(self) -> None:
        self._first: dict[str, float] = {}

    def healed(self, url: str, page: HardPage) -> bool:
        """Whether this request for `url` finally gets the story."""
        if not page.heals:
            return False
        now = time.monotonic()
        first = self._first.setdefault(url, now)
        if page.heals == "second":
            return first != now
        return now - first >= (page.retry_after or 0)


def answer(page: HardPage, port: int) -> Response:
    """The response of a hard page that has no story to show."""
    html = "text/html; charset=utf-8"
    response: Response
    match page.does:
        case "status":
            body = f"<html><head><title>{page.status}</title></head><body><h1>Error {page.status}</h1></body></html>"
            headers = {"retry-after": str(page.retry_after)} if page.retry_after is not None else {}
            response = Response(body, page.status, headers, html)
        case "redirect":
            target = page.to.replace("{port}", str(port))
            response = Response(status_code=page.status, headers={"location": target})
        case "empty":
            response = Response(b"", media_type=html)
        case "pdf":
            response = Response(PDF, media_type="application/pdf")
        case "binary":
            response = Response(BINARY, media_type=html)
        case "huge":
            response = StreamingResponse(_huge(page.megabytes), media_type=html)
        case "bomb":
            response = StreamingResponse(_bomb(page.megabytes), 200, {"content-encoding": "gzip"}, html)
        case "drip":
            response = StreamingResponse(_drip(), media_type=html)
        case unknown:
            raise ValueError(f"hard.toml: {page.path}: does = {unknown!r} is not known; see HardPage")
    return response


async def _huge(megabytes: int) -> AsyncIterator[bytes]:
    paragraph = b"<p>The page goes on and on, and says the same thing every time it does.</p>\n"
    chunk = paragraph * (CHUNK // len(paragraph))
    yield b"<!doctype html><html><head><title>A very long page</title></head><body><article>"
    for _ in range(megabytes * MEGABYTE // len(chunk) + 1):
        yield chunk
    yield b"</article></body></html>"


async def _bomb(megabytes: int) -> AsyncIterator[bytes]:
    # A full flush makes each megabyte a self-contained block, so one is compressed and sent again and again.
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    start = b"<!doctype html><html><body><p>"
    zeros = bytes(MEGABYTE)
    head = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    yield GZIP_HEADER + head
    checksum = zlib.crc32(start)
    for _ in range(megabytes):
        checksum = zlib.crc32(zeros, checksum)
        yield block
    size = (len(start) + megabytes * MEGABYTE) & 0xFFFFFFFF
    yield packer.flush() + struct.pack("<II", checksum, size)


async def _drip() -> AsyncIterator[bytes]:
    yield b"<!doctype html><html><body><p>"
    for _ in range(DRIP_SECONDS):
        yield b"."
        await asyncio.sleep(1)
