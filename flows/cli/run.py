"""`newsmill run`, `backfill`, `publish` and `serve`: what the flows do, by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from flows.cli.shared.console import (
    AllowOption,
    JsonOption,
    LakeOption,
    SourceOption,
    SourcesDirOption,
    UsageError,
    err,
    lake_folder,
    need_lake,
    out,
    parse_day,
    prepare_prefect,
    print_json,
    refuse_busy,
)
from flows.cli.shared.flow_calls import FastOption, PrefectOption, call_flow
from flows.cli.shared.progress import publishing_bar
from flows.cli.shared.reporting import print_report, report_as_json

if TYPE_CHECKING:
    from flows.cli.backfill_plan import BackfillPlan
    from flows.reports.run_report import RunReport
    from spiders.ingest import IngestProgress


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
    _show(report, "outcomes by source", json)


def backfill(
    start: Annotated[str | None, typer.Option("--from", help="First day of publication, YYYY-MM-DD.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day of publication, inclusive.")] = None,
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
    first, last = (parse_day(day) if day else None for day in (start, end))
    if first and last and last < first:
        raise UsageError(f"--from {first} is after --to {last}: swap the two")
    _refuse_future(first, last)
    lake_folder(lake)
    if any_host and source:
        raise UsageError("--source names the hosts that are wanted, --any-host wants all: give one of them")
    if warc:
        _take_archives(warc, lake, sources_dir, source, first, last, language, any_host, json, fast, with_prefect)
        return
    if first is None or last is None:
        raise UsageError("say which days: --from YYYY-MM-DD --to YYYY-MM-DD; only --warc works without")
    if any_host:
        raise UsageError("--any-host takes pages of archives: it goes with --warc")
    if language:
        raise UsageError("--language chooses among the pages of archives: it goes with --warc")
    plan = _plan(lake, sources_dir, source, first, last)
    if not json:
        plan.print()
    elif plan_only or not plan.left:
        print_json(plan.as_json())
    if plan_only or not plan.left:
        return
    _refuse_nameless(sources_dir, source)
    with publishing_bar("publish", crawls_in=lake):
        report = call_flow(
            "backfill",
            with_prefect=with_prefect,
            lake=lake,
            start=first,
            end=last,
            sources=source,
            sources_dir=str(sources_dir),
            allow=allow,
            fast=fast,
        )
    _show(report, f"backfill {first} to {last}", json)


def _refuse_future(first: date | None, last: date | None) -> None:
    """Nothing can have been published after today (UTC): such a unit would be finished, empty, forever."""
    today = datetime.now(UTC).date()
    for option, day in (("--from", first), ("--to", last)):
        if day is not None and day > today:
            raise UsageError(f"{option} {day} is in the future: the last possible day is today, {today} (UTC)")


def _show(report: RunReport, title: str, json: bool) -> None:
    if json:
        print_json(report_as_json(report))
    else:
        print_report(report, title)


def _refuse_nameless(sources_dir: Path, names: list[str] | None) -> None:
    """Report a missing contact at once, and not in the log of a crawl process."""
    from flows.config import read_settings
    from spiders.arguments import user_agent
    from spiders.catalogue import select
    from spiders.settings import USER_AGENT

    user_agent(USER_AGENT, read_settings().contact, select(sources_dir, names))


def _take_archives(
    patterns: list[str],
    lake: Path,
    sources_dir: Path,
    names: list[str] | None,
    first: date | None,
    last: date | None,
    languages: list[str] | None,
    any_host: bool,
    json: bool,
    fast: bool,
    with_prefect: bool,
) -> None:
    from flows.work.archives import listeners

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[records]}"),
        console=err,
    )
    shown: dict[Path, TaskID] = {}

    def tell(read: IngestProgress) -> None:
        if read.path not in shown:
            shown[read.path] = bar.add_task(read.path.name, total=read.size, records="")
        bar.update(shown[read.path], completed=read.offset, records=f"{read.taken} of {read.records} records taken")

    listeners.append(tell)
    try:
        with bar:
            taken = call_flow(
                "archives",
                with_prefect=with_prefect,
                lake=lake,
                paths=patterns,
                sources=names,
                sources_dir=str(sources_dir),
                start=first,
                end=last,
                languages=languages,
                any_host=any_host,
                fast=fast,
            )
    finally:
        listeners.remove(tell)
    if json:
        archives = [
            {"archive": one.path, "records": one.records, "taken": one.taken, "left_out": dict(one.left_out)}
            for one in taken.archives
        ]
        print_json({"archives": archives, **report_as_json(taken.report)})
        return
    table = Table(title="archives", title_justify="left")
    for name in ("archive", "records", "taken", "left out"):
        table.add_column(name, overflow="fold")
    for one in taken.archives:
        reasons = ", ".join(f"{n} {reason}" for reason, n in one.left_out.most_common())
        table.add_row(str(one.path), str(one.records), str(one.taken), reasons)
    out.print(table)
    print_report(taken.report, "outcomes by source")


def _plan(lake: Path, sources_dir: Path, names: list[str] | None, first: date, last: date) -> BackfillPlan:
    """What a backfill would do."""
    from flows.cli.backfill_plan import BackfillPlan
    from flows.config import open_frontier, read_settings
    from flows.work.backfill import plan, waves_of
    from spiders.catalogue import select

    settings = read_settings()
    chosen = select(sources_dir, names)
    frontier = open_frontier(lake, settings)
    try:
        units = plan(frontier, sorted(chosen), first, last)
    finally:
        frontier.close()
    return BackfillPlan(first, last, len(units), tuple(waves_of(units, settings.wave_days)))


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
    _show(report, "published", json)


def serve(
    *,
    lake: LakeOption,
    sources_dir: SourcesDirOption,
    port: Annotated[int, typer.Option("--port", help="Port of the Prefect server, on loopback.")] = 4200,
    api_url: Annotated[
        str | None,
        typer.Option(
            "--api-url",
            help="API of a Prefect server that runs elsewhere, e.g. http://server:4200/api: none is started; "
            "its key is read from PREFECT_API_AUTH_STRING.",
        ),
    ] = None,
) -> None:
    """Run a Prefect server, the work pool, the deployments of prefect.yaml and a worker, until Ctrl-C."""
    lake_folder(lake)
    if api_url is None:
        refuse_busy(port)
    elif not api_url.startswith(("http://", "https://")):
        raise UsageError(f"--api-url {api_url} is not an address: write it as http://HOST:PORT/api")
    prepare_prefect()
    from flows.serving.credentials import CLIENT_VARIABLE, key_file, server_key
    from flows.serving.supervisor import serve as serve_all

    if api_url is not None:
        err.print(f"worker of the Prefect server at {api_url}; Ctrl-C ends it", highlight=False, soft_wrap=True)
        serve_all(lake, sources_dir=sources_dir, api_url=api_url.rstrip("/"))
        return
    server_key(lake)
    file = key_file(lake)
    where = f"$(cat {file})" if file.exists() else f"the one in {CLIENT_VARIABLE}"
    err.print(
        f"Prefect at http://127.0.0.1:{port}; Ctrl-C ends the server and the worker\n"
        f"its page asks for a key: {where}\n"
        f"the prefect command:     export PREFECT_API_URL=http://127.0.0.1:{port}/api {CLIENT_VARIABLE}={where}",
        highlight=False,
        soft_wrap=True,
    )
    serve_all(lake, port, sources_dir=sources_dir)
