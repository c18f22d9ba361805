"""Parses date strings to instants: ISO 8601, RFC 5322, epochs, JavaScript's formats and dates in words.

Pure: relative dates ("2 hours ago") are refused, because cleaning knows no clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil import parser as dateutil_parser

from cleaning.text import squash

if TYPE_CHECKING:
    from dateparser.date import DateDataParser

# Dates outside are template errors: nothing was published on the Web before it existed, apart from archives put online
# later, and 1 January 1970 is an empty field read as an epoch.
EARLIEST = date(1700, 1, 1)
EPOCH = date(1970, 1, 1)
LONGEST = 80  # in characters; a longer string is prose that mentions a date
ISO = re.compile(
    r"^(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})"
    r"(?:\s*(?:[T,]|\s|\s-\s)\s*(\d{1,2})[:.h]?(\d{2})(?:[:.]?(\d{2})(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d{1,2}(?::?\d{2})?)?)?(?:\[[\w/+-]+\])?$",
    re.IGNORECASE,
)
DAY_FIRST = re.compile(
    r"^(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})(?:[\s,–-]+(?:um\s+)?(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\s*uhr)?)?$",
    re.IGNORECASE,
)
EAST_ASIAN = re.compile(
    r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]?(?:[\s(（][^\d]*)?(?:(\d{1,2})\s*[:時时시]\s*(\d{1,2})?)?"
)
EPOCHS = re.compile(r"^\d{10}(?:\d{3})?$")
# "1 Sep 1990 +05:30 (India Standard Time)": what JavaScript prints after the offset
COMMENT = re.compile(r"\s*\([^)]*\)\s*$")
# hours east of UTC for the abbreviations that Java and mail software print
ZONES = {
    "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3, "WET": 0, "WEST": 1, "BST": 1, "IST": 5.5, "EST": -5,
    "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AEST": 10, "AEDT": 11, "NZST": 12,
    "NZDT": 13, "JST": 9, "KST": 9, "MSK": 3, "UTC": 0, "GMT": 0, "Z": 0,
}  # fmt: skip
# codes under which dateparser knows languages that have another code here
DATEPARSER_NAMES = {"no": "nb"}
# replaces today when a date is completed, so that nothing comes from the clock; naive, like the dates to complete
BASE = datetime(1904, 1, 1)  # noqa: DTZ001
YEAR = re.compile(r"\b(?:19|20)\d\d\b|[12]\d{3}\s*[年년]")
CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}|\d\s*[ap]\.?m\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """A date as a page stated it."""

    at: datetime  # UTC
    offset: int | None  # minutes east of UTC as stated; None if no zone was stated
    has_time: bool
    local_date: date  # the calendar day as written


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo:
    """An IANA zone; UTC for an unknown name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _make(when: datetime, has_time: bool, assumed: tzinfo) -> ParsedDate | None:
    """A parsed date, unless it is out of range; a date without a zone is read in the source's own."""
    written = when.date()
    if not written >= EARLIEST or written == EPOCH or written.year > 2200:
        return None
    stated: int | None = None
    if when.tzinfo is not None:
        delta = when.utcoffset()
        if delta is None or abs(delta) > timedelta(hours=15):
            return None
        stated = int(delta.total_seconds() // 60)
    elif has_time:
        when = when.replace(tzinfo=assumed)
    else:
        # a bare day stays that day: shifting midnight by a zone would move it to the day before
        when = when.replace(tzinfo=UTC)
    return ParsedDate(when.astimezone(UTC), stated, has_time, written)


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    shift = timedelta(hours=hours, minutes=minutes)
    return timezone(-shift if text[0] == "-" else shift) if shift < timedelta(hours=24) else None


def _numeric(text: str, assumed: tzinfo) -> ParsedDate | None:
    found = ISO.match(text)
    if found:
        year, month, day, hour, minute, second = (int(x) if x else None for x in found.groups()[:6])
        tz = _offset(found[7])
    else:
        found = DAY_FIRST.match(text)
        if found is None:
            found = EAST_ASIAN.search(text)
            if found is None:
                return None
            year, month, day, hour, minute = (int(x) if x else None for x in found.groups())
            minute = minute or 0
            second, tz = None, None
        else:
            day, month, year, hour, minute, second = (int(x) if x else None for x in found.groups())
            tz = None
    if year is None or month is None or day is None:
        return None
    try:
        when = datetime.combine(date(year, month, day), time(hour or 0, minute or 0, min(second or 0, 59)), tzinfo=tz)
    except ValueError:
        return None
    return _make(when, hour is not None, assumed)


def parse(text: str | None, *, assumed: tzinfo = UTC) -> ParsedDate | None:
    """Parse a machine-readable date: ISO 8601 with its usual misspellings, RFC 5322, Unix and JavaScript epochs,
    English words.

    Args:
        text: e.g. an attribute or a JSON-LD value.
        assumed: zone of a time that states none.
    """
    if not text:
        return None
    text = squash(text)
    # a comment is no longer than a date; searching for one takes time quadratic in the length
    if len(text) > 2 * LONGEST:
        return None
    text = COMMENT.sub("", text)
    if not 6 <= len(text) <= LONGEST or not re.search(r"\d", text):
        return None
    if EPOCHS.match(text) and not text.startswith(("19", "20")):
        seconds = int(text) / (1000 if len(text) == 13 else 1)
        return _make(datetime.fromtimestamp(seconds, UTC), True, assumed)
    if len(text) == 14 and text.isdigit():
        text = f"{text[:4]}-{text[4:6]}-{text[6:8]} {text[8:10]}:{text[10:12]}:{text[12:]}"
    found = _numeric(text, assumed)
    if found is not None or ISO.match(text) or not YEAR.search(text):
        return found
    return _english(text, assumed)


def _english(text: str, assumed: tzinfo) -> ParsedDate | None:
    try:
        when = dateutil_parser.parse(text, default=BASE, tzinfos={name: int(h * 3600) for name, h in ZONES.items()})
    except (ValueError, OverflowError, TypeError):
        return None
    return _make(when, CLOCK.search(text) is not None, assumed)


# a worker sees few languages; each reader holds the month names of two
@lru_cache(maxsize=64)
def _reader(language: str | None) -> DateDataParser:
    """A parser for dates in one language, and in English, which templates of any language use. No others: by default
    dateparser loads every language it knows, which takes seconds.
    """
    # its tables take a fifth of a second, and most dates are written in digits
    from dateparser.data.languages_info import language_order  # noqa: PLC0415
    from dateparser.date import DateDataParser  # noqa: PLC0415

    known = [language] if language in language_order and language != "en" else []
    settings = {
        "REQUIRE_PARTS": ["day", "month", "year"],
        "PARSERS": ["absolute-time"],
        "RELATIVE_BASE": BASE,
        "RETURN_AS_TIMEZONE_AWARE": False,
    }
    return DateDataParser(languages=[*known, "en"], settings=settings)


# dates in words cost milliseconds and recur within a batch
@lru_cache(maxsize=4096)
def _in_words(text: str, language: str | None) -> datetime | None:
    try:
        found: datetime | None = _reader(language).get_date_data(text).date_obj
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
    return found


def parse_words(text: str | None, *, language: str | None, assumed: tzinfo = UTC) -> ParsedDate | None:
    """Parse a date written for readers, in any language: ``torsdag 09. mai 2024 - 13:26``."""
    if not text:
        return None
    text = squash(text)
    found = parse(text, assumed=assumed)
    if found is not None or not 6 <= len(text) <= LONGEST or not YEAR.search(text):
        return found
    when = _in_words(re.sub(r"\s[-–|•·]\s", " ", text), DATEPARSER_NAMES.get(language or "", language))
    return _make(when, CLOCK.search(text) is not None, assumed) if when else None
