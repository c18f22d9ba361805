"""Reads archives made by others despite their faults: truncated records, wrong lengths, encodings left in place.

An archive with one gzip member per record (as the standard recommends) is read member by member, so that a wrong length
or a broken record costs that record alone. Any other layout goes through fastwarc's lenient mode.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import brotli  # type: ignore[import-untyped]
from fastwarc.warc import ArchiveIterator, WarcRecordType
from isal import isal_zlib

_MAGIC = b"\x1f\x8b\x08"
_PIECE = 1 << 18
# A record is decompressed up to this size: twice the default page limit, with room for its headers.
RECORD_MAX = 25_000_000
_GZIP_WINDOW = 16 + isal_zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One record of an archive: its position and its bytes."""

    offset: int
    next_offset: int  # where to resume
    head: dict[str, str]  # WARC fields, names in lower case; empty if the record is broken
    content: bytes
    fault: str | None = None  # broken, cut, too-large


@dataclass(frozen=True, slots=True)
class Capture:
    """A page stored in a record."""

    url: str
    captured_at: datetime
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes  # transfer and content encodings removed

    def header(self, name: str) -> str | None:
        """The first value of a header, case-insensitively."""
        wanted = name.lower().encode("ascii")
        found = next((value for key, value in self.headers if key.lower() == wanted), None)
        return found.decode("latin-1") if found is not None else None


def blocks(path: Path, start: int = 0) -> Iterator[RawRecord]:
    """The records of an archive from a byte offset on; a broken one is yielded as such, and reading resyncs at the
    next."""
    with path.open("rb") as stream:
        packed = stream.read(3) == _MAGIC
        stream.seek(start)
        yield from _members(stream, start) if packed else _lenient(stream, start)


def _members(stream: BinaryIO, start: int) -> Iterator[RawRecord]:
    offset, data = start, stream.read(_PIECE)
    while data:
        if not data.startswith(_MAGIC):
            # Damage: look for the next member. Magic bytes within data fail their check and are skipped too.
            found = data.find(_MAGIC, 1)
            while found < 0:
                more = stream.read(_PIECE)
                if not more:
                    return
                offset, data = offset + len(data) - 2, data[-2:] + more
                found = data.find(_MAGIC)
            offset, data = offset + found, data[found:]
        record, used, data, fault = _unpack(stream, data)
        if fault == "broken":
            data = stream_tail(stream, offset + 1)
            yield RawRecord(offset, offset + 1, {}, b"", fault)
            offset += 1
            continue
        head, content = _split(record)
        yield RawRecord(offset, offset + used, head, content, fault)
        offset += used


def stream_tail(stream: BinaryIO, offset: int) -> bytes:
    """The first piece of a stream, from an offset on."""
    stream.seek(offset)
    return stream.read(_PIECE)


def _unpack(stream: BinaryIO, data: bytes) -> tuple[bytes, int, bytes, str | None]:
    """(record, compressed bytes used, remaining data, fault) of the member that ``data`` begins with."""
    unpacker = isal_zlib.decompressobj(_GZIP_WINDOW)
    parts: list[bytes] = []
    size = used = 0
    fault: str | None = None
    while True:
        try:
            part = unpacker.decompress(data)
        except isal_zlib.IsalError:  # type: ignore[misc]  # its stub lacks the base class
            return b"", used, data, "broken"
        size += len(part)
        if size <= RECORD_MAX:
            parts.append(part)
        else:
            fault = "too-large"
        used += len(data) - len(unpacker.unused_data)
        if unpacker.eof:
            left = unpacker.unused_data or stream.read(_PIECE)
            return b"".join(parts), used, left, fault
        data = stream.read(_PIECE)
        if not data:
            return b"".join(parts), used, b"", "cut"


def _split(record: bytes) -> tuple[dict[str, str], bytes]:
    """The WARC fields of a record and its block; the block's length is what is there, whatever the fields declare."""
    if not record.startswith(b"WARC/"):
        return {}, b""
    end = record.find(b"\r\n\r\n")
    gap = 4
    if end < 0:
        end, gap = record.find(b"\n\n"), 2
    if end < 0:
        return {}, b""
    fields = {}
    for line in record[:end].decode("utf-8", "replace").split("\n")[1:]:
        name, colon, value = line.partition(":")
        if colon:
            fields[name.strip().lower()] = value.strip()
    content = record[end + gap :]
    return fields, content.removesuffix(b"\r\n\r\n")


def _lenient(stream: BinaryIO, start: int) -> Iterator[RawRecord]:
    records = iter(ArchiveIterator(stream, record_types=WarcRecordType.any_type, parse_http=False, quirks_mode=True))
    last = start
    while True:
        try:
            record = next(records)
            content = record.reader.read(RECORD_MAX)
        except StopIteration:
            return
        except OSError as error:
            yield RawRecord(last, last, {}, b"", f"broken: {error}")
            return
        head = {name.lower(): value for name, value in record.headers.to_dict().items()}
        last = record.stream_pos
        announced = head.get("content-length", "")
        cut = announced.isdigit() and len(content) < min(int(announced), RECORD_MAX)
        yield RawRecord(last, last + 1, head, content, "cut" if cut else None)


def capture_of(block: RawRecord, limit: int) -> Capture | None:
    """The page of a response record; None for other records, and for anything that is not a complete HTTP response.

    ``limit``: maximum size of a body in bytes, decompressed.
    """
    if block.fault is not None or block.head.get("warc-type") != "response":
        return None
    url = block.head.get("warc-target-uri", "").strip("<>")
    captured_at = _moment(block.head.get("warc-date", ""))
    parsed = _http(block.content)
    if not url.startswith(("http://", "https://")) or captured_at is None or parsed is None:
        return None
    status, headers, wire = parsed
    body = _decoded(headers, wire, limit)
    if body is None:
        return None
    return Capture(url, captured_at, status, headers, body)


def _http(content: bytes) -> tuple[int, tuple[tuple[bytes, bytes], ...], bytes] | None:
    end = content.find(b"\r\n\r\n")
    gap = 4
    if end < 0:
        end, gap = content.find(b"\n\n"), 2
    first, *lines = content[: max(end, 0)].splitlines() or [b""]
    words = first.split(None, 2)
    if end < 0 or len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():
        return None
    pairs = (line.partition(b":") for line in lines if not line.startswith((b" ", b"\t")))
    headers = tuple((name.strip(), value.strip()) for name, colon, value in pairs if colon)
    return int(words[1]), headers, content[end + gap :]


def _decoded(headers: tuple[tuple[bytes, bytes], ...], body: bytes, limit: int) -> bytes | None:
    """The body without its wire encodings; unchanged if they were removed earlier and only the header is left."""
    encodings = {name.lower(): value.lower() for name, value in headers}
    if b"chunked" in encodings.get(b"transfer-encoding", b""):
        body = _dechunked(body)
    encoding = encodings.get(b"content-encoding", b"")
    try:
        if encoding in (b"gzip", b"x-gzip") and body.startswith(b"\x1f\x8b"):
            body = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(body, limit + 1)
        elif encoding == b"deflate":
            body = zlib.decompressobj().decompress(body, limit + 1)
        elif encoding == b"br":
            body = brotli.Decompressor().process(body, output_buffer_limit=limit + 1)
    except (zlib.error, brotli.error):
        if b"<" not in body[:512]:
            return None
    return body if len(body) <= limit else None


def _dechunked(body: bytes) -> bytes:
    """A chunked body, joined (RFC 9112, 7.1); unchanged if it is not actually chunked; up to the cut if it is
    truncated."""
    parts: list[bytes] = []
    position = 0
    while True:
        end = body.find(b"\r\n", position)
        size_text = body[position:end].partition(b";")[0].strip() if end >= 0 else b""
        try:
            size = int(size_text, 16)
        except ValueError:
            return b"".join(parts) if parts else body
        if size == 0:
            return b"".join(parts)
        parts.append(body[end + 2 : end + 2 + size])
        position = end + 2 + size + 2


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
