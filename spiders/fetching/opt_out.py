"""Whether a response reserves training, for sources that are set to obey: decided by the list of cleaning/rights. Pure.

Only declarations that can be found without parsing the page are read here; cleaning reads all of them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from cleaning.records import RawPage, Statement
from cleaning.rights.page_signals import HEADERS, Declared
from cleaning.rights.reader import read_signals, reservation_of

# Where <head> ends in practice; reading on would find such words in articles about them.
_HEAD_BYTES = 65_536
# A tag that reserves something is short; without a limit, tags that never end take time quadratic in their number.
_META = re.compile(rb"<meta\s[^>]{0,1000}>", re.IGNORECASE)
_NAME = re.compile(rb"name\s*=\s*[\"']?([a-z0-9-]+)", re.IGNORECASE)
_CONTENT = re.compile(rb"content\s*=\s*(?:\"([^\">]*)|'([^'>]*)|([^\"'\s>]+))", re.IGNORECASE)
# A reservation is the same at any time; signals carry one, which is not used here.
_NO_TIME = datetime.fromtimestamp(0, UTC)


def rights_headers(headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    """The headers that state rights, in order: (name in lower case, value)."""
    named = ((name.decode("latin-1").lower(), value.decode("latin-1").strip()) for name, value in headers)
    return tuple((name, value) for name, value in named if name in HEADERS)


def reservation(
    url: str, headers: Iterable[tuple[bytes, bytes]], body: bytes, statements: tuple[Statement, ...] = ()
) -> str | None:
    """What reserves a page, in words for a person; None if nothing does.

    Args:
        url: of the page.
        headers: of its response.
        body: of its response.
        statements: what the site says about its pages.
    """
    page = RawPage(url, "", b"", _NO_TIME, "", "", 0, headers=rights_headers(headers), statements=statements)
    metas = []
    for tag in _META.findall(body[:_HEAD_BYTES]):
        name, content = _NAME.search(tag), _CONTENT.search(tag)
        if name and content:
            told = b"".join(part or b"" for part in content.groups())
            metas.append((name[1].lower().decode(), html.unescape(told.decode("utf-8", "replace")).strip()))
    return reservation_of(read_signals(page, Declared(metas=tuple(metas))))
