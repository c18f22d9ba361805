"""`newsmill`: assembles the commands."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Annotated

import typer

from cleaning import __version__
from flows.cli import (
    clean,
    config,
    dedup,
    demo,
    dictionary,
    init,
    lake,
    monitoring,
    sources,
)
from flows.cli.reading import failures, gaps, inspect, report, stories
from flows.cli.running import reclean, run, serve
from flows.cli.shared.errors import complain
from flows.cli.sharing import erase, export, release, snapshot

app = typer.Typer(
    name="newsmill",
    help="Turns news sites into a clean, de-duplicated Parquet dataset.\n\n"
    "Start with `newsmill demo`; then `newsmill init`, `newsmill sources list`, `newsmill run`, `newsmill inspect`.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 done · 1 something failed and is named · 2 wrong usage.",
)

app.command("demo")(demo.demo)
app.command("init")(init.init)
app.command("config")(config.config)
app.command("run")(run.run)
app.command("backfill")(run.backfill)
app.command("publish")(run.publish)
app.command("reclean")(reclean.reclean)
app.command("serve")(serve.serve)
app.command("status")(monitoring.status)
app.command("report")(report.report)
app.add_typer(report.alerts, name="alerts")
app.command("doctor")(monitoring.doctor)
app.command("clean")(clean.clean)
app.command("dedup")(dedup.dedup)
app.command("inspect")(inspect.inspect)
app.command("export")(export.export)
app.command("erase")(erase.erase)
app.command("snapshot")(snapshot.snapshot)
app.command("release")(release.release)
app.command("rehydrate")(release.rehydrate)
app.command("stories")(stories.stories)
app.command("failures")(failures.failures)
app.command("gaps")(gaps.gaps)
app.command("dictionary")(dictionary.dictionary)
app.add_typer(sources.app, name="sources")
app.add_typer(lake.app, name="lake")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"newsmill {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    pass


def main() -> None:
    """Entry point of the `newsmill` command; errors that a user can cause become one message and exit code 1."""
    # Worker processes run the script that they were started from, unless it is a package's __main__: these commands'
    # parser and tables would take them a third of a second.
    sys.modules["__main__"].__spec__ = find_spec("flows.cli.__main__")
    with complain():
        app()
