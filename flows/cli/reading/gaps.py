"""`newsmill gaps`: what the lake lacks of each source, day by day, as far as discovery can know it."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from flows.cli.shared.console import (
    JsonOption,
    LakeOption,
    SourceOption,
    SourcesDirOption,
    UsageError,
    need_lake,
    out,
    parse_day,
    print_json,
)

if TYPE_CHECKING:
    from flows.coverage.gaps import SourceGaps


def gaps(
    source: SourceOption = None,
    *,
    lake: LakeOption,
    sources_dir: SourcesDirOption,
    start: Annotated[str | None, typer.Option("--from", help="First day of publication, YYYY-MM-DD.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day of publication, inclusive.")] = None,
    json: JsonOption = False,
) -> None:
    """Say what the lake lacks: URLs that failed or wait, and an estimate of articles that no way of discovery listed.

    Reads the table `coverage`, which each run brings up to date. With --source also each way, and each day with a gap.
    """
    from flows.coverage.gaps import gaps as gaps_of
    from flows.lake.store import Lake

    need_lake(lake)
    first, last = (parse_day(day) if day else None for day in (start, end))
    if first and last and last < first:
        raise UsageError(f"--from {first} is after --to {last}: swap the two")
    found = gaps_of(Lake(lake), source, first, last)
    found = _with_listings(found, lake, sources_dir)
    absent = sorted(_expected(source, sources_dir) - {one.source for one in found})
    if json:
        print_json({"sources": [asdict(one) for one in found], "nothing_listed": absent})
        return
    if found:
        _print(found)
    for one in found if source else ():
        _print_source(one)
    if absent:
        days = " of these days" if first or last else ""
        out.print(f"nothing listed{days}: {', '.join(absent)}")


def _with_listings(found: list[SourceGaps], lake: Path, sources_dir: Path) -> list[SourceGaps]:
    """The gaps with what the daily crawl leaves in the listings that it reads, as the frontier knows it."""
    from flows.config import open_frontier, read_settings
    from flows.coverage.listing_gaps import listing_gaps
    from spiders.catalogue import read_catalogue
    from spiders.frontier.frontier import default_path

    settings = read_settings()
    if settings.frontier is None and not default_path(lake).is_file():
        return found  # a lake that was copied without its state
    limits = {name: one.limits for name, one in read_catalogue(sources_dir)[0].items()} if sources_dir.is_dir() else {}
    frontier = open_frontier(lake, settings)
    try:
        return [
            replace(one, said=(*one.said, *listing_gaps(frontier, one.source, limits.get(one.source)))) for one in found
        ]
    finally:
        frontier.close()


def _expected(names: list[str] | None, sources_dir: Path) -> set[str]:
    """The sources of which something should be there: those that were named, or the enabled ones of the catalogue."""
    from spiders.catalogue import read_catalogue

    if names:
        return set(names)
    if not sources_dir.is_dir():
        return set()
    return {name for name, one in read_catalogue(sources_dir)[0].items() if one.enabled}


def _print(found: list[SourceGaps]) -> None:
    table = Table(title="coverage: URLs by source", title_justify="left")
    numbers = ("days", "listed", "fetched", "articles", "copies", "rejected", "failed", "never tried")
    for name in ("source", "from", "to", *numbers, "gaps"):
        table.add_column(name, justify="right" if name in numbers else "left", overflow="fold")
    for one in found:
        counts = (
            one.days,
            one.listed,
            one.fetched,
            one.articles,
            one.copies,
            one.rejected,
            one.failed,
            one.never_tried,
        )
        said = escape("\n".join(one.said)) or "none known"
        table.add_row(one.source, str(one.first), str(one.last), *map(str, counts), said)
    out.print(table)


def _print_source(one: SourceGaps) -> None:
    ways = Table(title=f"{one.source}: ways of discovery", title_justify="left")
    for name in ("way", "listed", "by no other", "reaches from", "to"):
        ways.add_column(name, justify="right" if name in ("listed", "by no other") else "left")
    for way in one.ways:
        ways.add_row(way.way, str(way.listed), str(way.alone), str(way.first or "no day"), str(way.last or ""))
    out.print(ways)
    lacking = [row for row in one.rows if row.gap]
    if lacking:
        days = Table(title=f"{one.source}: days with a gap", title_justify="left")
        for name in ("day", "listed", "articles", "gap"):
            days.add_column(name, justify="right" if name in ("listed", "articles") else "left", overflow="fold")
        for row in lacking:
            days.add_row(str(row.published_date), str(row.listed), str(row.articles), escape(row.gap or ""))
        out.print(days)
