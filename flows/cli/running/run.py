"""`newsmill run`, `backfill` and `publish`: what the flows do, by hand."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.shared.console import (
    AllowOption,
    JsonOption,
    LakeOption,
    SourceOption,
    SourcesDirOption,
    UsageError,
    lake_folder,
    need_lake,
    out,
    print_json,
)
from flows.cli.shared.days import FromOption, ToOption, parse_range
from flows.cli.shared.flow_calls import FastOption, PrefectOption, call_flow
from flows.cli.shared.progress import publishing_bar
from flows.cli.shared.reporting import print_report, report_as_json, show_report

if TYPE_CHECKING:
    from flows.cli.running.backfill_plan import BackfillPlan
    from flows.date_range import DateRange
    from flows.reports.range_report import RangeSource


def run(
    source: SourceOption = None,
    *,
    lake: LakeOption,
    sources_dir: SourcesDirOption,
    allow: AllowOption,
    json: JsonOption = False,
    recrawl_all: Annotated[
        bool, typer.Option("--everything", help="Revisit every page that was ever read, due or not.")
    ] = False,
    fast: FastOption = False,
    with_prefect: PrefectOption = False,
) -> None:
    """Crawl what is new and publish it, once, now: what the deployment **daily** does.

    Without --source, all sources with `enabled = true`. Needs the setting contact: where publishers can write to.
    """
    lake_folder(lake)
    _refuse_nameless(sources_dir, source)
    with publishing_bar("publish", crawls_in=lake):
        report = call_flow(
            "daily",
            with_prefect=with_prefect,
            lake=lake,
            sources=source,
            sources_dir=str(sources_dir),
            allow=allow,
            recrawl_all=recrawl_all,
            fast=fast,
        )
    show_report(report, "outcomes by source", json=json)


def backfill(
    start: FromOption = None,
    end: ToOption = None,
    source: SourceOption = None,
    *,
    lake: LakeOption,
    sources_dir: SourcesDirOption,
    allow: AllowOption,
    json: JsonOption = False,
    plan_only: Annotated[bool, typer.Option("--plan", help="Only show what would be done.")] = False,
    warc: Annotated[
        list[str] | None,
        typer.Option("--warc", help="Import WARC archives, not the network: file, folder, glob, URL, @LIST."),
    ] = None,
    language: Annotated[
        list[str] | None, typer.Option("--language", help="With --warc: only pages declared to be in it, e.g. de.")
    ] = None,
    any_host: Annotated[
        bool,
        typer.Option("--any-host", help="With --warc: also hosts that the catalogue lacks, with default facts."),
    ] = False,
    fast: FastOption = False,
    with_prefect: PrefectOption = False,
) -> None:
    """Fetch what was published in a range of days.

    The plan is printed first. Run again after an interruption, it does only the units (source × day) that are left.
    """
    first, last = parse_range(start, end)
    _refuse_future(first, last)
    lake_folder(lake)
    if any_host and source:
        raise UsageError("--source names the hosts that are wanted, --any-host wants all: give one of them")
    flow = partial(
        call_flow,
        with_prefect=with_prefect,
        lake=lake,
        start=first,
        end=last,
        sources=source,
        sources_dir=str(sources_dir),
        fast=fast,
    )
    if warc:
        from flows.cli.running.archive_import import import_archives

        import_archives(partial(flow, "archives", paths=warc, languages=language, any_host=any_host), json=json)
        return
    if first is None or last is None:
        raise UsageError("say which days: --from YYYY-MM-DD --to YYYY-MM-DD; only --warc works without")
    if any_host:
        raise UsageError("--any-host takes pages of archives: it goes with --warc")
    if language:
        raise UsageError("--language chooses among the pages of archives: it goes with --warc")
    from flows.cli.running.backfill_plan import print_range
    from flows.date_range import DateRange
    from flows.work.backfill import range_file

    plan = _plan(lake, sources_dir, source, first, last)
    if not json:
        plan.print()
    elif plan_only or not plan.left:
        print_json(plan.as_json())
    if plan_only or not plan.left:
        return
    _refuse_nameless(sources_dir, source)
    with publishing_bar("publish", crawls_in=lake):
        report = flow("backfill", allow=allow)
    days = DateRange(first, last)
    obtained = _obtained(lake, sources_dir, source, days)
    if json:
        print_json({**report_as_json(report), "range": [asdict(one) for one in obtained]})
        return
    print_report(report, f"backfill {first} to {last}")
    print_range(obtained, first, last)
    out().print(f"as a page: {range_file(lake, days)}")


def _refuse_future(first: date | None, last: date | None) -> None:
    """Nothing can have been published after today (UTC): such a unit would be finished, empty, forever."""
    today = datetime.now(UTC).date()
    for option, day in (("--from", first), ("--to", last)):
        if day is not None and day > today:
            raise UsageError(f"{option} {day} is in the future: the last possible day is today, {today} (UTC)")


def _refuse_nameless(sources_dir: Path, names: list[str] | None) -> None:
    """Report a missing contact at once, and not in the log of a crawl process."""
    from flows.config import read_settings
    from spiders.arguments import user_agent
    from spiders.catalogue import select
    from spiders.settings import USER_AGENT

    user_agent(USER_AGENT, read_settings().contact, select(sources_dir, names))


def _plan(lake: Path, sources_dir: Path, names: list[str] | None, first: date, last: date) -> BackfillPlan:
    """What a backfill would do, and what it would cost."""
    from flows.cli.running.backfill_plan import BackfillPlan
    from flows.config import Project
    from flows.reports.backfill_outlook import backfill_outlook
    from flows.work.backfill import plan, waves_of
    from spiders.catalogue import select

    project = Project.of(str(lake), str(sources_dir))
    chosen, length = select(sources_dir, names), project.settings.wave_days
    with project.frontier() as frontier:
        units = plan(frontier, sorted(chosen), first, last)
        outlook = backfill_outlook(lake, frontier.engine, chosen, units, length)
    return BackfillPlan(first, last, len(units), tuple(waves_of(units, length)), outlook)


def _obtained(lake: Path, sources_dir: Path, names: list[str] | None, days: DateRange) -> list[RangeSource]:
    """What the lake has of the range."""
    from flows.config import Project
    from flows.work.backfill import obtained
    from spiders.catalogue import select

    project = Project.of(str(lake), str(sources_dir))
    with project.frontier() as frontier:
        return obtained(project, frontier, sorted(select(sources_dir, names)), days)


def publish(
    *,
    lake: LakeOption,
    sources_dir: SourcesDirOption,
    run_id: Annotated[list[str] | None, typer.Option("--run", help="Only what this crawl fetched.")] = None,
    json: JsonOption = False,
    fast: FastOption = False,
    with_prefect: PrefectOption = False,
) -> None:
    """Publish what the raw archive holds and the tables do not."""
    from spiders.catalogue import load_catalogue

    need_lake(lake)
    load_catalogue(sources_dir)  # a catalogue that is missing or broken is reported before anything starts
    with publishing_bar("publish"):
        report = call_flow(
            "publish", with_prefect=with_prefect, lake=lake, runs=run_id, sources_dir=str(sources_dir), fast=fast
        )
    show_report(report, "published", json=json)
