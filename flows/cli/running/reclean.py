"""`newsmill reclean`: cleans again what other rules have cleaned, with a preview of the changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from flows.cli.shared.console import (
    JsonOption,
    LakeOption,
    SourceOption,
    SourcesDirOption,
    err,
    need_lake,
    out,
    print_json,
)
from flows.cli.shared.days import parse_range
from flows.cli.shared.flow_calls import FastOption, PrefectOption, call_flow
from flows.cli.shared.progress import publishing_bar

if TYPE_CHECKING:
    from datetime import date


def reclean(
    source: SourceOption = None,
    *,
    lake: LakeOption,
    sources_dir: SourcesDirOption,
    start: Annotated[str | None, typer.Option("--from", help="First day of fetching, YYYY-MM-DD.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day of fetching, inclusive.")] = None,
    plan_only: Annotated[
        bool, typer.Option("--plan", help="Only show how much would be cleaned, and what would change in a sample.")
    ] = False,
    json: JsonOption = False,
    fast: FastOption = False,
    with_prefect: PrefectOption = False,
) -> None:
    """Clean again, from the raw archive, whatever older rules or facts of a source have cleaned.

    Ids and stories stay. Run again after an interruption, it does what is left.
    """
    from spiders.catalogue import load_catalogue

    first, last = parse_range(start, end)
    need_lake(lake)
    load_catalogue(sources_dir)
    if plan_only:
        _plan(lake, sources_dir, source, first, last, fast, json)
        return
    with publishing_bar("clean again"):
        report = call_flow(
            "reclean",
            with_prefect=with_prefect,
            lake=lake,
            sources=source,
            sources_dir=str(sources_dir),
            start=first,
            end=last,
            fast=fast,
        )
    if json:
        print_json(
            {
                "pages": report.pages,
                "commits": report.commits,
                "changes": report.table(),
                "left": {why: pages for why, pages in report.left.items() if pages},
            }
        )
        return
    for why, pages in report.left.items():
        if pages:
            err().print(f"{pages} pages stay as they were: {why}")
    if not report.pages:
        out().print("nothing was done: everything was cleaned with the current rules and facts")
        return
    table = Table(title=f"cleaned again: {report.pages} pages", title_justify="left")
    for name in ("source", "change"):
        table.add_column(name)
    table.add_column("pages", justify="right")
    for row in report.table():
        table.add_row(*(str(value) for value in row.values()))
    out().print(table)


def _plan(
    lake: Path,
    sources_dir: Path,
    names: list[str] | None,
    first: date | None,
    last: date | None,
    fast: bool,
    json: bool,
) -> None:
    from flows.date_range import DateRange
    from flows.duplicates.detector import FingerprintIndex
    from flows.lake.store import Lake
    from flows.publishing.publisher import Publishing
    from flows.publishing.recleaner import preview, stale
    from spiders.catalogue import load_catalogue

    facts = {name: source.facts() for name, source in load_catalogue(sources_dir).items()}
    fetched, sources = DateRange.between(first, last), set(names) if names else None
    days: dict[str, list[str]] = {}  # of each page, oldest first, by source
    for day, rows in stale(lake, facts, fetched, sources, fast=fast):
        for row in rows:
            days.setdefault(row.source, []).append(day)
    sample: Counter[str] = Counter()
    if days:
        how = Publishing(facts, FingerprintIndex(lake).decide, fast=fast)
        with err().status("cleaning a sample"):
            sample = preview(Lake(lake), how, fetched=fetched, sources=sources)
    if json:
        print_json(_plan_as_json(days, facts.keys(), sample))
    elif not days:
        out().print("plan: nothing to do: everything was cleaned with the present rules and facts")
    else:
        _print_plan(days, facts.keys(), sample)


def _plan_as_json(days: Mapping[str, list[str]], known: Collection[str], sample: Counter[str]) -> dict[str, object]:
    return {
        "pages": sum(map(len, days.values())),
        "sources": [
            {
                "source": name,
                "pages": len(fetched),
                "fetched_from": fetched[0],
                "fetched_to": fetched[-1],
                "in_catalogue": name in known,
            }
            for name, fetched in sorted(days.items())
        ],
        "sample": dict(sample.most_common()),
    }


def _print_plan(days: Mapping[str, list[str]], known: Collection[str], sample: Counter[str]) -> None:
    table = Table(title=f"plan: {sum(map(len, days.values()))} pages to clean again", title_justify="left")
    for name in ("source", "pages", "fetched from", "to", "note"):
        table.add_column(name, justify="right" if name == "pages" else "left")
    for name, fetched in sorted(days.items()):
        note = "" if name in known else "not in the catalogue: stays as it is"
        table.add_row(name, str(len(fetched)), fetched[0], fetched[-1], note)
    out().print(table)
    table = Table(title=f"what would become of a sample of {sample.total()} pages", title_justify="left")
    table.add_column("change")
    table.add_column("pages", justify="right")
    for change, count in sample.most_common():
        table.add_row(change, str(count))
    out().print(table)
