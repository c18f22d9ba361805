"""`newsmill run`, `backfill`, `publish` and `serve`: the flows, called by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from flows.cli.console import (
    DEFAULT_LAKE,
    DEFAULT_SOURCES,
    LakeOption,
    SourceOption,
    SourcesDirOption,
    UsageError,
    err,
    out,
    parse_day,
    prepare_prefect,
)
from flows.cli.reporting import print_report

if TYPE_CHECKING:
    from spiders.ingest import IngestProgress

AllowOption = Annotated[
    list[str] | None,
    typer.Option("--allow", help="Loopback address and port that may be fetched, e.g. 127.0.0.1:8377."),
]


def run(
    source: SourceOption = None,
    lake: LakeOption = DEFAULT_LAKE,
    sources_dir: SourcesDirOption = DEFAULT_SOURCES,
    allow: AllowOption = None,
    recrawl_all: Annotated[
        bool, typer.Option("--everything", help="Look again at every page that was ever read, due or not.")
    ] = False,
) -> None:
    """Crawl what is new and publish it: the flow **daily**, once, now.

    Without --source, all sources with `enabled = true`. Needs NEWSMILL_CONTACT: where publishers can write to.
    """
    prepare_prefect()
    from flows.daily import daily

    with _plainly():
        _refuse_nameless(sources_dir, source)
        report = daily(
            lake=str(lake), sources=source, sources_dir=str(sources_dir), allow=allow, recrawl_all=recrawl_all
        )
    print_report(report, "outcomes by source")


def backfill(
    start: Annotated[str | None, typer.Option("--from", help="First day of publication, YYYY-MM-DD.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day of publication, itself included.")] = None,
    source: SourceOption = None,
    lake: LakeOption = DEFAULT_LAKE,
    sources_dir: SourcesDirOption = DEFAULT_SOURCES,
    allow: AllowOption = None,
    plan_only: Annotated[bool, typer.Option("--plan", help="Only show what would be done.")] = False,
    warc: Annotated[
        list[str] | None,
        typer.Option("--warc", help="IngestProgress WARC archives, not the network: file, folder, glob, URL, @LIST."),
    ] = None,
    language: Annotated[
        list[str] | None, typer.Option("--language", help="With --warc: only pages that say they are in it, e.g. de.")
    ] = None,
) -> None:
    """Fetch what was published in a range of days.

    The plan is printed first. Called again after an interruption it does only the units (source × day) left.
    """
    prepare_prefect()
    from flows.backfill import backfill as flow

    first, last = (parse_day(day) if day else None for day in (start, end))
    if first and last and last < first:
        raise UsageError(f"--from {first} is after --to {last}")
    if warc:
        _take_archives(warc, lake, sources_dir, source, first, last, language)
        return
    if first is None or last is None:
        raise UsageError("say which days: --from YYYY-MM-DD --to YYYY-MM-DD; only --warc can do without")
    if language:
        raise UsageError("--language chooses among the pages of archives: it goes with --warc")
    left = _print_plan(lake, sources_dir, source, first, last)
    if plan_only or not left:
        return
    with _plainly():
        _refuse_nameless(sources_dir, source)
        report = flow(start=first, end=last, sources=source, lake=str(lake), sources_dir=str(sources_dir), allow=allow)
    print_report(report, f"backfill {first} to {last}")


@contextmanager
def _plainly() -> Iterator[None]:
    """Turn what a flow says of wrong settings or dead sources into one message without a traceback."""
    from flows.lake.store import LakeError
    from flows.reports.artifacts import CrawlError
    from spiders.arguments import ArgumentError
    from spiders.catalogue import CatalogueError

    try:
        yield
    except (ArgumentError, CatalogueError, CrawlError, LakeError) as error:
        raise UsageError(str(error)) from None


def _refuse_nameless(sources_dir: Path, names: list[str] | None) -> None:
    """Say at once that a contact is missing, and not in the log of a crawl process."""
    from spiders.arguments import user_agent
    from spiders.catalogue import select
    from spiders.settings import NEWSMILL_CONTACT, USER_AGENT

    user_agent(USER_AGENT, NEWSMILL_CONTACT, select(sources_dir, names))


def _take_archives(
    patterns: list[str],
    lake: Path,
    sources_dir: Path,
    names: list[str] | None,
    first: date | None,
    last: date | None,
    languages: list[str] | None,
) -> None:
    from prefect import flow

    from flows.archives import ArchiveReport, take_archives
    from spiders.archive.download import DownloadError
    from spiders.arguments import ArgumentError
    from spiders.catalogue import CatalogueError

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[told]}"),
        console=err,
    )
    shown: dict[Path, TaskID] = {}

    def tell(read: IngestProgress) -> None:
        if read.path not in shown:
            shown[read.path] = bar.add_task(read.path.name, total=read.size, told="")
        bar.update(shown[read.path], completed=read.offset, told=f"{read.taken} of {read.records} records taken")

    @flow(name="archives")
    def read_all() -> ArchiveReport:
        return take_archives(
            patterns,
            lake=lake,
            sources_dir=sources_dir,
            sources=names,
            start=first,
            end=last,
            languages=languages or (),
            on_progress=tell,
        )

    try:
        with bar:
            taken = read_all()
    except (CatalogueError, ArgumentError, DownloadError) as error:
        raise UsageError(str(error)) from None
    table = Table(title="archives", title_justify="left")
    for name in ("archive", "records", "taken", "left out"):
        table.add_column(name, overflow="fold")
    for one in taken.archives:
        reasons = ", ".join(f"{n} {reason}" for reason, n in one.left_out.most_common())
        table.add_row(str(one.path), str(one.records), str(one.taken), reasons)
    out.print(table)
    print_report(taken.report, "outcomes by source")


def _print_plan(lake: Path, sources_dir: Path, names: list[str] | None, first: date, last: date) -> int:
    """Show what a backfill would do; returns the number of units (source × day) that are left."""
    from flows.backfill import plan, waves_of
    from flows.config import Settings, open_frontier
    from spiders.catalogue import CatalogueError, select

    settings = Settings()
    try:
        chosen = select(sources_dir, names)
    except CatalogueError as error:
        raise UsageError(str(error)) from None
    frontier = open_frontier(lake, settings)
    try:
        units = plan(frontier, sorted(chosen), first, last)
    finally:
        frontier.close()
    waves = waves_of(units, settings.wave_days)
    left = sum(len(wave.units) for wave in waves)
    heading = f"plan: {first} to {last}, {len(units)} units (source × day), {left} of them to do"
    if not left:
        out.print(heading)
        return 0
    table = Table(
        title=heading,
        title_justify="left",
    )
    for name in ("wave", "days", "sources", "units", "of them begun before"):
        table.add_column(name, justify="left" if name in ("days", "sources") else "right", overflow="fold")
    for number, wave in enumerate(waves, start=1):
        begun = sum(unit.attempts > 0 for unit in wave.units)
        days = f"{wave.days[0]} to {wave.days[1]}"
        table.add_row(str(number), days, ", ".join(sorted(wave.by_source)), str(len(wave.units)), str(begun))
    out.print(table)
    return left


def publish(
    lake: LakeOption = DEFAULT_LAKE,
    sources_dir: SourcesDirOption = DEFAULT_SOURCES,
    run_id: Annotated[list[str] | None, typer.Option("--run", help="Only what this crawl fetched.")] = None,
) -> None:
    """Publish what the raw archive holds and the tables do not: the flow **publish**."""
    prepare_prefect()
    from flows.publish import publish as flow

    print_report(flow(lake=str(lake), runs=run_id, sources_dir=str(sources_dir)), "published")


def serve(
    lake: LakeOption = DEFAULT_LAKE,
    port: Annotated[int, typer.Option("--port", help="Port of the Prefect server, on loopback.")] = 4200,
) -> None:
    """Run a Prefect server, the work pool, the deployments of prefect.yaml and a worker, until Ctrl-C."""
    from flows.cli.server import serve as serve_all

    err.print(f"Prefect at http://127.0.0.1:{port}; Ctrl-C ends the server and the worker")
    serve_all(Path(lake), port)
