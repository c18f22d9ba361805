"""`newsmill gaps`: what the lake lacks of each source, day by day, as far as discovery can know it."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from flows.cli.shared.console import (
    JsonOption,
    LakeOption,
    SourceOption,
    SourcesDirOption,
    need_lake,
    out,
    print_json,
)
from flows.cli.shared.days import FromOption, ToOption, parse_range
from flows.cli.shared.frontier_access import existing_frontier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.coverage.gaps import SourceGaps
    from spiders.catalogue import Source


def gaps(
    source: SourceOption = None,
    *,
    lake: LakeOption,
    sources_dir: SourcesDirOption,
    start: FromOption = None,
    end: ToOption = None,
    json: JsonOption = False,
) -> None:
    """Say what the lake lacks: URLs that failed or wait, and an estimate of articles that no way of discovery listed.

    Reads the table `coverage`, which each run brings up to date. With --source also each way, and each day with a gap.
    """
    from flows.coverage.gaps import gaps as gaps_of
    from flows.lake.store import Lake
    from spiders.catalogue import read_catalogue

    first, last = parse_range(start, end)
    need_lake(lake)
    catalogue = read_catalogue(sources_dir)[0]
    found = _with_listings(gaps_of(Lake(lake), source, first, last), lake, catalogue)
    # Something is expected of the sources that were named, else of the enabled ones.
    expected = set(source or (name for name, one in catalogue.items() if one.enabled))
    absent = sorted(expected - {one.source for one in found})
    if json:
        print_json({"sources": [asdict(one) for one in found], "nothing_listed": absent})
        return
    if found:
        _print(found)
    for one in found if source else ():
        _print_source(one)
    if absent:
        days = " of these days" if first or last else ""
        out().print(f"nothing listed{days}: {', '.join(absent)}")


def _with_listings(found: list[SourceGaps], lake: Path, catalogue: Mapping[str, Source]) -> list[SourceGaps]:
    """The gaps with what the daily crawl leaves in the listings that it reads, as the frontier knows it."""
    from flows.coverage.listing_gaps import listing_gaps

    limits = {name: one.limits for name, one in catalogue.items()}
    with existing_frontier(lake) as frontier:
        if frontier is None:
            return found  # a lake that was copied without its state
        return [
            replace(one, said=(*one.said, *listing_gaps(frontier, one.source, limits.get(one.source)))) for one in found
        ]


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
    out().print(table)


def _print_source(one: SourceGaps) -> None:
    ways = Table(title=f"{one.source}: ways of discovery", title_justify="left")
    for name in ("way", "listed", "by no other", "reaches from", "to"):
        ways.add_column(name, justify="right" if name in ("listed", "by no other") else "left")
    for way in one.ways:
        ways.add_row(way.way, str(way.listed), str(way.alone), str(way.first or "no day"), str(way.last or ""))
    out().print(ways)
    lacking = [row for row in one.rows if row.gap]
    if lacking:
        days = Table(title=f"{one.source}: days with a gap", title_justify="left")
        for name in ("day", "listed", "articles", "gap"):
            days.add_column(name, justify="right" if name in ("listed", "articles") else "left", overflow="fold")
        for row in lacking:
            days.add_row(str(row.published_date), str(row.listed), str(row.articles), escape(row.gap or ""))
        out().print(days)
