"""Whether a cleaned page is an article; where it is not, why, with the evidence."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cleaning.records import Reason

DATA = Path(__file__).parent / "quality.toml"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a page is rejected."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The figures of cleaning/quality.toml."""

    min_words: int


@cache
def thresholds() -> Thresholds:
    """The committed thresholds."""
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    return Thresholds(min_words=int(data["words"]["minimum"]))


def judge_status(status: int) -> Verdict | None:
    """A page that the server itself calls an error."""
    return Verdict(Reason.ERROR_PAGE, f"HTTP status {status}") if status >= 400 else None


def judge_length(words: int, minimum: int | None) -> Verdict | None:
    """A text that is too short to be an article."""
    least = minimum if minimum is not None else thresholds().min_words
    if words == 0:
        return Verdict(Reason.EMPTY, "no text was found")
    return Verdict(Reason.TOO_SHORT, f"{words} words, the least is {least}") if words < least else None
