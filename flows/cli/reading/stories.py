"""`newsmill stories`: the largest stories of some days, with their spread."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from flows.cli.shared.console import JsonOption, LakeOption, UsageError, err, need_lake, out, print_json
from flows.cli.shared.days import parse_day, refuse_reversed


def stories(
    start: Annotated[
        str | None,
        typer.Option("--from", help="First day of publication, YYYY-MM-DD.", show_default="a week that ends with --to"),
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", help="Last day of publication, inclusive.", show_default="today")
    ] = None,
    *,
    lake: LakeOption,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Show at most this many.")] = 20,
    series: Annotated[
        bool, typer.Option("--series", help="Count reports of a recurring form too: weather, prices, results.")
    ] = False,
    html: Annotated[Path | None, typer.Option("--html", help="Also write a page with a picture to this file.")] = None,
    json: JsonOption = False,
) -> None:
    """List the largest stories of a range: sources, copies, rewrites, follow-ups, first publisher, hours."""
    from flows.lake.stories import largest_stories

    last = parse_day(end) if end else datetime.now(UTC).date()
    first = parse_day(start) if start else last - timedelta(days=6)
    refuse_reversed(first, last)
    found = largest_stories(need_lake(lake), first, last, limit, series=series)
    if not found:
        raise UsageError(f"{lake} has no article from {first} to {last}; publish some, or name other days")
    if json:
        print_json([asdict(story) for story in found])
    else:
        table = Table(title=f"stories of {first} to {last}", title_justify="left")
        for column in (
            "sources",
            "copies",
            "rewrites",
            "follow-ups",
            "first",
            "at (UTC)",
            "half in",
            "agency",
            "title",
        ):
            table.add_column(column, overflow="fold")
        for s in found:
            half = s.hours[(len(s.hours) - 1) // 2]
            counts = (str(n) for n in (s.sources, s.copies, s.rewrites, s.follow_ups))
            when = f"{s.first_at:%m-%d %H:%M}"
            table.add_row(*counts, escape(s.first_source), when, f"{half:.1f} h", s.agency or "", escape(s.title))
        out().print(table)
    if html is not None:
        from flows.reports.html.stories_page import stories_page

        html.write_text(stories_page(lake, found, first, last, datetime.now(UTC)), encoding="utf-8")
        err().print(f"wrote {html}")
