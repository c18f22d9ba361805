"""Overwrites single records of an archive in place: the file keeps its length, and every other offset stays true."""

from __future__ import annotations

import os
import struct
import uuid
import zlib
from datetime import UTC, datetime
from pathlib import Path

from spiders.archive.lenient_reader import RawRecord, blocks

# A gzip member without name and time (RFC 1952, 2.3): its header and its trailer (CRC-32 and length).
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_TRAILER_BYTES = 8
# A stored block of deflate (RFC 1951, 3.2.4): 5 bytes before at most 65,535 as they are.
_BLOCK_HEAD, _BLOCK_MAX = 5, 65_535
MARK = "newsmill-erased"


class EraseError(RuntimeError):
    """A record that cannot be overwritten; the message says which and why."""


def erase_record(path: Path, offset: int, when: datetime) -> int:
    """Overwrite the record at an offset, and the request that belongs to it.

    Written over the same bytes, never beside them: a crawl may be appending to the file, and the old bytes are to be
    gone. A record that a killed call left half overwritten is damaged for its readers, who pass over it, until the call
    is repeated.

    Args:
        path: a WARC file with one gzip member a record.
        offset: where the record begins.
        when: stands in the record that is left.

    Returns:
        How many records were overwritten; 0 where that was done before.

    Raises:
        EraseError: no record begins there, or it is too short to hold another.
    """
    records = blocks(path, offset, packed=True)
    first = next(records, None)
    if first is None or first.fault is not None or first.offset != offset:
        raise EraseError(f"{path}: no whole record at byte {offset}; it was cut or replaced")
    if MARK in first.head:
        return 0
    doomed, follower = [first], next(records, None)
    if follower is not None and follower.head.get("warc-concurrent-to") == first.head.get("warc-record-id"):
        doomed.append(follower)
    # The request first: a repeated call finds it by the response, as long as that stands.
    for record in reversed(doomed):
        _overwrite(path, record, when)
    return len(doomed)


def _overwrite(path: Path, record: RawRecord, when: datetime) -> None:
    length = record.next_offset - record.offset
    member = placeholder(length, f"{path.name}@{record.offset}", when)
    if member is None:
        raise EraseError(f"{path}: the record at byte {record.offset} is too short ({length} bytes) to be overwritten")
    with path.open("r+b") as stream:
        stream.seek(record.offset)
        stream.write(member)
        stream.flush()
        os.fsync(stream.fileno())


def placeholder(length: int, name: str, when: datetime) -> bytes | None:
    """A gzip member of exactly ``length`` bytes that holds a WARC record which says that one was erased here.

    Nothing in it is compressed, so its length can be chosen. None where ``length`` is too small for any record.
    """
    count = -(-(length - len(_HEADER) - _TRAILER_BYTES) // (_BLOCK_MAX + _BLOCK_HEAD))
    payload = length - len(_HEADER) - _TRAILER_BYTES - _BLOCK_HEAD * count
    identity = uuid.uuid5(uuid.NAMESPACE_OID, name)
    for fields in (
        f"WARC-Record-ID: <urn:uuid:{identity}>\r\nWARC-Date: {when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}\r\n"
        f"Content-Type: text/plain\r\nNewsmill-Erased: 1\r\n",
        "Newsmill-Erased: 1\r\n",
    ):
        start = f"WARC/1.1\r\nWARC-Type: metadata\r\n{fields}"
        # Ten digits whatever the number, so that the head's length does not depend on it.
        filler = payload - len(start) - len("Content-Length: 0000000000\r\n\r\n") - len("\r\n\r\n")
        if filler >= 0:
            text = f"{start}Content-Length: {filler:010d}\r\n\r\n".encode() + b" " * filler + b"\r\n\r\n"
            return _HEADER + _stored(text, count) + struct.pack("<II", zlib.crc32(text), len(text))
    return None


def _stored(text: bytes, count: int) -> bytes:
    """The text as ``count`` stored blocks of deflate."""
    stored = []
    for number in range(count):
        piece = text[number * _BLOCK_MAX : (number + 1) * _BLOCK_MAX]
        stored.append(struct.pack("<BHH", number == count - 1, len(piece), len(piece) ^ 0xFFFF) + piece)
    return b"".join(stored)
