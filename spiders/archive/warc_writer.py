"""Writes the raw archive: WARC 1.1 (ISO 28500:2017), one gzip member per record.

Bodies are stored decompressed and de-chunked, with the headers that described the wire format renamed ``X-Crawler-…``,
as Common Crawl does, so that any reader gets the page. newsmill's own facts are named fields ``Newsmill-…`` on the
response.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from isal import isal_zlib

from cleaning.records import Hints, Statement
from spiders.hint_names import names_to_json

# About the size at which Common Crawl and the Internet Archive roll; small enough to copy, large enough to stay few.
ROLL_BYTES = 1_000_000_000
# Files kept open: each holds a buffer of 256 kB, and a process may open 1,024. An archive of others mixes days.
MAX_OPEN = 100
# An fsync of every open file with every batch would take as long as the fetching. SQLite's write-ahead log reaches the
# disk no sooner in the mode that the frontier uses.
SYNC_SECONDS = 2.0
# isal's level 2 takes a ninth of zlib 6's time for 11 % more bytes, measured on 50 kB news pages.
LEVEL = 2
_GZIP_WINDOW = 16 + isal_zlib.MAX_WBITS
# Headers that frame the wire and no longer describe the stored body; and headers that identify a reader, which are
# dropped.
_WIRE = {b"content-encoding", b"transfer-encoding", b"content-length"}
_DROPPED = {b"set-cookie", b"set-cookie2"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")

NO_HINTS = Hints()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its response, as archived."""

    url: str
    fetched_at: datetime  # UTC
    status: int
    reason: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes  # content-encoding removed
    request_headers: tuple[tuple[bytes, bytes], ...] = ()
    ip: str | None = None
    hints: Hints = NO_HINTS
    statements: tuple[Statement, ...] = ()  # what its site said about the use of its pages


@dataclass(frozen=True, slots=True)
class Written:
    """Where a response record was written."""

    raw_file: str  # relative to the lake's root
    raw_offset: int
    digest: str


def payload_digest(body: bytes) -> str:
    """``sha1:`` and Base32, the form that WARC tools compare."""
    return "sha1:" + base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode("ascii")


class WarcWriter:
    """Appends a run's records, one file per source and fetch date, rolled at a size limit.

    Nothing is durable before :meth:`sync`: from then on a record survives the process, and SYNC_SECONDS later a power
    cut.
    """

    def __init__(self, root: Path, run_id: str, *, roll_bytes: int = ROLL_BYTES) -> None:
        self._root = root
        self._run_id = run_id
        self._roll_bytes = roll_bytes
        self._open: dict[tuple[str, str], _File] = {}  # by folder and day
        self._forced_at = time.monotonic()

    def response(self, source: str, exchange: Exchange, *, folder: str | None = None) -> Written:
        """Append a response record and its request, and before them the statements that the file does not hold yet.

        Args:
            source: of the page, noted in the record.
            exchange: what is archived.
            folder: ``source=FOLDER`` is where the file lies; that of the source if None.
        """
        digest = payload_digest(exchange.body)
        record_id = _record_id()
        block = _http_head(exchange) + exchange.body
        fields = [
            ("WARC-Target-URI", exchange.url),
            ("WARC-Date", _date(exchange.fetched_at)),
            ("WARC-Record-ID", record_id),
            ("WARC-IP-Address", exchange.ip),
            ("WARC-Payload-Digest", digest),
            ("WARC-Block-Digest", payload_digest(block)),
            ("Newsmill-Source", source),
            ("Newsmill-Run-Id", self._run_id),
            *_hint_fields(exchange.hints),
        ]
        file = self._file(folder or source, exchange.fetched_at)
        offsets = [file.statement(one) for one in exchange.statements]
        fields.append(("Newsmill-Statements", " ".join(map(str, offsets)) or None))
        offset = file.write(_record("response", "application/http;msgtype=response", fields, block))
        file.write(self._request(exchange, record_id))
        return Written(file.name, offset, digest)

    def revisit(self, source: str, exchange: Exchange, digest: str) -> Written:
        """Append a revisit record: the server said, or the body showed, that nothing changed (WARC 1.1, 6.7)."""
        unmodified = exchange.status == 304
        profile = "server-not-modified" if unmodified else "identical-payload-digest"
        record_id = _record_id()
        fields = [
            ("WARC-Target-URI", exchange.url),
            ("WARC-Date", _date(exchange.fetched_at)),
            ("WARC-Record-ID", record_id),
            ("WARC-IP-Address", exchange.ip),
            ("WARC-Profile", f"http://netpreserve.org/warc/1.1/revisit/{profile}"),
            ("WARC-Payload-Digest", digest),
            ("Newsmill-Source", source),
            ("Newsmill-Run-Id", self._run_id),
        ]
        file = self._file(source, exchange.fetched_at)
        block = _http_head(exchange)
        offset = file.write(_record("revisit", "application/http;msgtype=response", fields, block))
        file.write(self._request(exchange, record_id))
        return Written(file.name, offset, digest)

    def sync(self) -> None:
        """Flush every record written so far to the operating system; every SYNC_SECONDS fsync them as well."""
        force = time.monotonic() - self._forced_at >= SYNC_SECONDS
        for file in self._open.values():
            file.sync() if force else file.flush()
        if force:
            self._forced_at = time.monotonic()

    def close(self) -> None:
        """Fsync and close all files."""
        for file in self._open.values():
            file.close()
        self._open.clear()

    def _request(self, exchange: Exchange, response_id: str) -> bytes:
        path = re.sub(r"^[a-z]+://[^/?#]*", "", exchange.url).partition("#")[0]
        if not path.startswith("/"):
            path = "/" + path
        lines = b"".join(b"%b: %b\r\n" % pair for pair in exchange.request_headers)
        block = b"GET %b HTTP/1.1\r\n%b\r\n" % (path.encode("utf-8"), lines)
        fields = [
            ("WARC-Target-URI", exchange.url),
            ("WARC-Date", _date(exchange.fetched_at)),
            ("WARC-Record-ID", _record_id()),
            ("WARC-Concurrent-To", response_id),
        ]
        return _record("request", "application/http;msgtype=request", fields, block)

    def _file(self, source: str, moment: datetime) -> _File:
        day = moment.astimezone(UTC).date().isoformat()
        file = self._open.pop((source, day), None)
        if file is not None and file.size >= self._roll_bytes:
            file.close()
            file = None
        if file is None:
            while len(self._open) >= MAX_OPEN:
                self._open.pop(next(iter(self._open))).close()
            file = self._begin(source, day)
        self._open[source, day] = file  # the one used last stands last
        return file

    def _begin(self, source: str, day: str) -> _File:
        folder = f"raw/source={source}/date={day}"
        (self._root / folder).mkdir(parents=True, exist_ok=True)
        number = 0
        while True:
            name = f"{folder}/{self._run_id}-{number:05d}.warc.gz"
            try:
                # A killed run that resumes never appends to a file that may end in half a record.
                stream = (self._root / name).open("xb", buffering=1 << 18)
            except FileExistsError:
                number += 1
                continue
            file = _File(stream, name, day)
            file.write(_warcinfo(self._run_id, Path(name).name))
            return file


class _File:
    """One open archive file that counts its own bytes, because tell() would flush."""

    def __init__(self, stream: BinaryIO, name: str, day: str) -> None:
        self._stream = stream
        self.name = name
        self.day = day
        self.size = 0
        self._synced = 0
        self._statements: dict[Statement, int] = {}

    def statement(self, statement: Statement) -> int:
        """The offset of a statement's record, which is written once into each file: a file needs no other."""
        if statement not in self._statements:
            fields = [
                ("WARC-Target-URI", statement.url),
                ("WARC-Date", _date(statement.fetched_at)),
                ("WARC-Record-ID", _record_id()),
                ("Newsmill-Statement", statement.kind),
            ]
            block = statement.text.encode("utf-8")
            self._statements[statement] = self.write(_record("resource", "text/plain; charset=utf-8", fields, block))
        return self._statements[statement]

    def write(self, record: bytes) -> int:
        packer = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, _GZIP_WINDOW)
        member = packer.compress(record) + packer.flush()
        offset = self.size
        self._stream.write(member)
        self.size += len(member)
        return offset

    def flush(self) -> None:
        self._stream.flush()

    def sync(self) -> None:
        if self._synced != self.size:
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._synced = self.size

    def close(self) -> None:
        self.sync()
        self._stream.close()


def _record_id() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _field(value: str) -> str:
    """A value that cannot break its line: titles come from feeds."""
    return _CONTROL.sub(" ", value)


def _record(kind: str, content_type: str, fields: Iterable[tuple[str, str | None]], block: bytes) -> bytes:
    lines = [f"WARC/1.1\r\nWARC-Type: {kind}\r\n"]
    lines += [f"{name}: {_field(value)}\r\n" for name, value in fields if value]
    lines.append(f"Content-Type: {content_type}\r\nContent-Length: {len(block)}\r\n\r\n")
    return b"".join(("".join(lines).encode("utf-8", "replace"), block, b"\r\n\r\n"))


def _warcinfo(run_id: str, name: str) -> bytes:
    text = f"software: newsmill\r\nformat: WARC File Format 1.1\r\nisPartOf: {run_id}\r\n"
    fields = [
        ("WARC-Date", _date(datetime.now(UTC))),
        ("WARC-Record-ID", _record_id()),
        ("WARC-Filename", name),
    ]
    return _record("warcinfo", "application/warc-fields", fields, text.encode())


def _http_head(exchange: Exchange) -> bytes:
    lines = [f"HTTP/1.1 {exchange.status} {_field(exchange.reason)}".rstrip().encode("latin-1", "replace")]
    for name, value in exchange.headers:
        lower = name.lower()
        if lower in _DROPPED:
            continue
        prefix = b"X-Crawler-" if lower in _WIRE else b""
        lines.append(b"%b%b: %b" % (prefix, name, value))
    if exchange.status != 304:
        lines.append(b"Content-Length: %d" % len(exchange.body))
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _hint_fields(hints: Hints) -> Iterator[tuple[str, str | None]]:
    yield "Newsmill-Hint-Title", hints.title
    yield "Newsmill-Hint-Published", hints.published.isoformat() if hints.published else None
    yield "Newsmill-Hint-Modified", hints.modified.isoformat() if hints.modified else None
    yield "Newsmill-Hint-Via", hints.via
    yield "Newsmill-Hint-Names", names_to_json(hints)
