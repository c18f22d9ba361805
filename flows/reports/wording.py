"""Other people's texts, and numbers, as reports and messages show them: on one line, never steering what follows."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# Characters that steer the layout of what follows them: controls, and Unicode's marks, embeddings, overrides and
# isolates of direction (UAX #9). Line breaks are among them: a title has one line.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
# A headline of news has at most some 150 characters; the rest of a longer text is in the lake.
CHARACTERS = 200


def plain(text: object, limit: int = CHARACTERS) -> str:
    """A text on one line: U+FFFD in place of steering characters, cut after ``limit`` characters with an ellipsis."""
    shown = _STEERING.sub("\ufffd", str(text))
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"


def link(url: object) -> str:
    """The URL where it may be a link, i.e. where its scheme is http or https; else nothing."""
    text = str(url)
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    is_web = parts.scheme in ("http", "https") and bool(parts.netloc) and not _STEERING.search(text)
    return text if is_web else ""


def number(value: float) -> str:
    """A number with thousands separated, without decimals from 10 on: ``3,812``, ``4.2``."""
    return f"{value:,.0f}" if abs(value) >= 10 or float(value).is_integer() else f"{value:,.1f}"


def size(bytes_: float) -> str:
    """Bytes in the unit that fits: ``4.2 GB``."""
    for unit, factor in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if bytes_ >= factor:
            return f"{number(bytes_ / factor)} {unit}"
    return f"{number(bytes_ / 1e3)} kB"


def span(minutes: float) -> str:
    """A length of time in the unit that fits: ``35 min``, ``4.2 h``, ``3 days``."""
    if minutes < 90:
        return f"{number(round(minutes, 1))} min"
    hours = minutes / 60
    return f"{number(round(hours, 1))} h" if hours < 48 else f"{number(round(hours / 24, 1))} days"


def plural(n: int, one: str, several: str | None = None) -> str:
    """``1 source``, ``3 sources``, ``1,204 copies``."""
    return f"{n:,} {one if n == 1 else several or one + 's'}"
