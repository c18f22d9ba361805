"""Days and ranges of days, as the commands take them: YYYY-MM-DD, UTC, both ends inclusive."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from flows.cli.shared.console import UsageError

FromOption = Annotated[str | None, typer.Option("--from", help="First day of publication, YYYY-MM-DD.")]
ToOption = Annotated[str | None, typer.Option("--to", help="Last day of publication, inclusive.")]


def parse_day(text: str) -> date:
    """Parse a day written as YYYY-MM-DD; raises typer.BadParameter otherwise."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day: write it as YYYY-MM-DD, e.g. 2026-07-08") from None


def parse_range(start: str | None, end: str | None) -> tuple[date | None, date | None]:
    """Parse --from and --to; None leaves an end open.

    Raises:
        UsageError: where the range is the wrong way round. typer.BadParameter: for what is not a day.
    """
    first, last = (parse_day(day) if day else None for day in (start, end))
    if first and last:
        refuse_reversed(first, last)
    return first, last


def refuse_reversed(first: date, last: date) -> None:
    """Raise UsageError if a range ends before it begins."""
    if first > last:
        raise UsageError(f"--from {first} is after --to {last}: swap the two")
