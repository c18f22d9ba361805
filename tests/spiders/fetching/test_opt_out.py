"""Reservations are found where they are written: in headers, in the page, in what its site says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cleaning.records import Statement
from spiders.fetching.opt_out import reservation


@pytest.mark.parametrize(
    ("robots_tag", "tdm", "body", "reserved"),
    [
        (None, None, b"<p>noai</p>", False),
        ("noarchive", None, b"", True),
        ("noindex, NoAI", None, b"", True),
        ("otherbot: noai", None, b"", True),
        ("noindex, nofollow", None, b"", False),
        (None, "1", b"", True),
        (None, "0", b"", False),
        (None, None, b'<meta name="tdm-reservation" content="1">', True),
        (None, None, b"<META CONTENT='noai, noimageai' NAME='robots'>", True),
        (None, None, b'<meta name="description" content="noai">', False),
        (None, None, b'<meta name="robots" content="max-image-preview:large">', False),
    ],
)
def test_reservations_are_found_where_they_are_written(
    robots_tag: str | None, tdm: str | None, body: bytes, reserved: bool
) -> None:
    headers = [(b"X-Robots-Tag", robots_tag), (b"TDM-Reservation", tdm)]
    given = [(name, value.encode()) for name, value in headers if value is not None]
    assert (reservation("https://post.example/a", given, body) is not None) is reserved


def test_a_reservation_of_the_site_counts_for_its_pages() -> None:
    told = Statement(
        "tdmrep.json", "https://post.example/x", datetime.now(UTC), '[{"location": "/a", "tdm-reservation": 1}]'
    )
    assert reservation("https://post.example/a", [], b"", (told,)) is not None
    assert reservation("https://post.example/b", [], b"", (told,)) is None
