"""A record is overwritten in place: its bytes are gone, every other record and offset stays as it was."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from spiders.archive.lenient_reader import blocks
from spiders.archive.record_eraser import EraseError, erase_record, placeholder
from spiders.archive.warc_reader import WarcWriter, read_page, read_pages
from tests.spiders.archive.test_warc_reader import exchange

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def test_the_record_and_its_request_are_gone_and_all_others_stay(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path, "run-1")
    done = [writer.response("post", exchange(n, url=f"https://post.example/secret-{n}")) for n in range(1, 5)]
    writer.close()
    file = tmp_path / done[0].raw_file
    size, before = file.stat().st_size, {p.raw_offset: p for p in read_pages(file, root=tmp_path)}
    assert erase_record(file, done[1].raw_offset, NOW) == 2
    assert erase_record(file, done[1].raw_offset, NOW) == 0
    assert file.stat().st_size == size
    assert b"secret-2" not in gzip.decompress(file.read_bytes())
    del before[done[1].raw_offset]
    assert {p.raw_offset: p for p in read_pages(file, root=tmp_path)} == before
    with pytest.raises(LookupError):
        read_page(tmp_path, done[1].raw_file, done[1].raw_offset)
    with file.open("rb") as stream:
        kinds = [record.rec_type for record in ArchiveIterator(stream)]
    assert kinds.count("metadata") == 2
    assert kinds.count("response") == 3


def test_where_no_record_begins_nothing_is_overwritten(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path, "run-1")
    place = writer.response("post", exchange(1))
    writer.close()
    file = tmp_path / place.raw_file
    before = file.read_bytes()
    with pytest.raises(EraseError, match="no whole record"):
        erase_record(file, place.raw_offset + 1, NOW)
    assert file.read_bytes() == before


@settings(max_examples=60, deadline=None)
@given(st.integers(120, 400) | st.integers(400, 300_000) | st.sampled_from([65_553, 65_558, 65_559, 131_088, 131_098]))
def test_a_placeholder_has_any_length_and_is_a_record(length: int) -> None:
    member = placeholder(length, "name", NOW)
    assert member is not None
    assert len(member) == length
    assert gzip.decompress(member).startswith(b"WARC/1.1\r\nWARC-Type: metadata")


def test_a_placeholder_is_read_as_one_whole_record(tmp_path: Path) -> None:
    for length in (120, 70_000):
        file = tmp_path / f"{length}.warc.gz"
        file.write_bytes(placeholder(length, "name", NOW) or b"")
        (record,) = blocks(file, 0, packed=True)
        assert (record.fault, record.head["newsmill-erased"]) == (None, "1")
    assert placeholder(60, "name", NOW) is None
