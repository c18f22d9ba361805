"""Reads archives made by others despite their faults: truncated records, wrong lengths, encodings left in place.

An archive with one gzip member per record (as the standard recommends) is read member by member, so that a wrong length
or a broken record costs that record alone. Any other layout goes through fastwarc's lenient mode.
"""

from __future__ import annotations

import re
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
_BEGINNING = b"WARC/"
# Name, comment and extra fields of a member's header; a record's first bytes are unpacked well before.
_HEADER_MAX = 8_192
# A piece of input may hold a thousand times as much.
_UNPACKED_PIECE = 1 << 22
# Larger than any record that an archive rolls at 1 GB can hold: a bomb, whose end is not looked for.
ABSURD_BYTES = 1_200_000_000
# Longer numbers are no length of anything, and Python refuses to read more than 4,300 digits.
_NUMBER = re.compile(r"[0-9]{1,18}")
_STATUS = re.compile(rb"[0-9]{3}")
_CHUNK_SIZE = re.compile(rb"[0-9a-fA-F]{1,15}")
# The web began in 1989; what lies before was written by a clock that was not set.
FIRST_YEAR = 1989


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


def blocks(path: Path, start: int = 0, *, packed: bool | None = None) -> Iterator[RawRecord]:
    """The records of an archive from a byte offset on; a broken one is yielded as such, and reading resyncs at the
    next.

    ``packed``: that each record is a gzip member of its own; None looks at the first bytes.
    """
    with path.open("rb") as stream:
        if packed is None:
            packed = stream.read(3) == _MAGIC
        stream.seek(start)
        yield from _members(stream, start) if packed else _lenient(stream, start)


def _members(stream: BinaryIO, start: int) -> Iterator[RawRecord]:
    """Member by member. What is no whole record is one broken stretch, up to the next member that begins a record."""
    offset, data = start, stream.read(_PIECE)
    in_stretch = False
    while data:
        if not data.startswith(_MAGIC):
            if not in_stretch:
                in_stretch = True
                yield RawRecord(offset, offset + 1, {}, b"", "broken")
            offset, data = _next_magic(stream, offset, data)
            continue
        record, used, left, fault = _unpack(stream, data)
        if fault not in (None, "too-large"):
            if not in_stretch:
                in_stretch = True
                yield RawRecord(offset, offset + 1, {}, b"", fault)
            # Another record may begin within what this one took for its own.
            offset += 1
            data = _piece(stream, offset)
            continue
        in_stretch = False
        head, content = _split(record)
        yield RawRecord(offset, offset + used, head, content, fault if head or fault else "broken")
        offset += used
        data = left


def _next_magic(stream: BinaryIO, offset: int, data: bytes) -> tuple[int, bytes]:
    """Where the next member may begin, and the bytes from there; no bytes at the end of the archive."""
    found = data.find(_MAGIC, 1)
    while found < 0:
        more = stream.read(_PIECE)
        if not more:
            return offset + len(data), b""
        kept = data[-2:]
        offset, data = offset + len(data) - len(kept), kept + more
        found = data.find(_MAGIC)
    return offset + found, data[found:]


def _piece(stream: BinaryIO, offset: int) -> bytes:
    """The first piece from an offset on."""
    stream.seek(offset)
    return stream.read(_PIECE)


def _unpack(stream: BinaryIO, data: bytes) -> tuple[bytes, int, bytes, str | None]:
    """(record, packed bytes used, data left, fault) of the member that ``data`` begins with.

    Given up at once where the first bytes are not those of a record: magic bytes turn up by chance, and in runs.
    """
    unpacker = isal_zlib.decompressobj(_GZIP_WINDOW)
    parts: list[bytes] = []
    size = used = 0
    fault: str | None = None
    data, rest = data[:_HEADER_MAX], data[_HEADER_MAX:]
    while True:
        given = len(data)
        try:
            part = unpacker.decompress(data, _UNPACKED_PIECE)
        except isal_zlib.IsalError:  # type: ignore[misc]  # its stub forgets the base class
            return b"", used, b"", "broken"
        if size < len(_BEGINNING) and not _begins(b"".join(parts) + part, used + given >= _HEADER_MAX or unpacker.eof):
            return b"", used, b"", "broken"
        size += len(part)
        if size <= RECORD_MAX:
            parts.append(part)
        elif size > ABSURD_BYTES:
            return b"", used, b"", "broken"
        else:
            fault = "too-large"
        used += given - len(unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail)
        if unpacker.eof:
            left = unpacker.unused_data + rest
            return b"".join(parts), used, left or stream.read(_PIECE), fault
        data = unpacker.unconsumed_tail
        if not data:
            data, rest = rest or stream.read(_PIECE), b""
        if not data and not part:
            return b"".join(parts), used, b"", "cut"


def _begins(unpacked: bytes, is_decided: bool) -> bool:
    """Whether what was unpacked so far may be the beginning of a record."""
    if len(unpacked) >= len(_BEGINNING):
        return unpacked.startswith(_BEGINNING)
    return not is_decided and _BEGINNING.startswith(unpacked)


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
    """Records that are not packed one by one; after a fault, from the next line that begins one."""
    position: int | None = start
    while position is not None:
        stream.seek(position)
        last = position
        try:
            for record in ArchiveIterator(
                stream, record_types=WarcRecordType.any_type, parse_http=False, quirks_mode=True
            ):
                last = max(last, record.stream_pos)
                head = {name.lower(): value for name, value in record.headers.to_dict().items()}
                content = record.reader.read(RECORD_MAX)
                announced = head.get("content-length", "")
                cut = _NUMBER.fullmatch(announced) and len(content) < min(int(announced), RECORD_MAX)
                yield RawRecord(last, last + 1, head, content, "cut" if cut else None)
            return
        except Exception as error:  # fastwarc raises what its C++ parts happen to
            yield RawRecord(last, last + 1, {}, b"", f"broken: {error}")
        position = _next_line(stream, last + 1)


def _next_line(stream: BinaryIO, start: int) -> int | None:
    """Where the next record of an archive that is not packed begins; None where there is no other."""
    stream.seek(start)
    offset, data = start, stream.read(_PIECE)
    while data:
        found = data.find(b"\n" + _BEGINNING)
        if found >= 0:
            return offset + found + 1
        more = stream.read(_PIECE)
        kept = data[-len(_BEGINNING) :] if more else b""
        offset, data = offset + len(data) - len(kept), kept + more
    return None


def capture_of(block: RawRecord, limit: int) -> Capture | None:
    """The page of a response record; None for other records, and for anything that is not a complete HTTP response.

    ``limit``: maximum size of a body in bytes, decompressed.
    """
    if block.fault is not None or block.head.get("warc-type") != "response":
        return None
    url = block.head.get("warc-target-uri", "").strip("<>")
    captured_at = moment_of(block.head.get("warc-date", ""))
    parsed = http_of(block.content)
    if not url.startswith(("http://", "https://")) or captured_at is None or parsed is None:
        return None
    status, headers, wire = parsed
    body = _decoded(headers, wire, limit)
    if body is None:
        return None
    return Capture(url, captured_at, status, headers, body)


def http_of(content: bytes) -> tuple[int, tuple[tuple[bytes, bytes], ...], bytes] | None:
    """(status, headers, body as it came over the wire) of an HTTP response; None for what is none."""
    end = content.find(b"\r\n\r\n")
    gap = 4
    if end < 0:
        end, gap = content.find(b"\n\n"), 2
    first, *lines = content[: max(end, 0)].splitlines() or [b""]
    words = first.split(None, 2)
    if end < 0 or len(words) < 2 or not words[0].startswith(b"HTTP/") or not _STATUS.fullmatch(words[1]):
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
        if not _CHUNK_SIZE.fullmatch(size_text):
            return b"".join(parts) if parts else body
        size = int(size_text, 16)
        if size == 0:
            return b"".join(parts)
        parts.append(body[end + 2 : end + 2 + size])
        position = end + 2 + size + 2


def moment_of(text: str) -> datetime | None:
    """The moment of a WARC-Date; None where it is no date, or lies before the web."""
    try:
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year >= FIRST_YEAR else None
