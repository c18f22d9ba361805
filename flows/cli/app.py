"""`newsmill`: the commands, put together."""

from __future__ import annotations

import typer

from flows.cli import clean, dedup, demo, dictionary, failures, inspect, reclean, run, sources
from flows.cli.console import complain

app = typer.Typer(
    name="newsmill",
    help="Turns news sites into a clean, de-duplicated Parquet dataset.\n\n"
    "Start with `newsmill demo`; then `newsmill sources list`, `newsmill run`, `newsmill inspect`.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 done · 1 something failed, and was named · 2 the command's words are off.",
)

app.command("demo")(demo.demo)
app.command("run")(run.run)
app.command("backfill")(run.backfill)
app.command("publish")(run.publish)
app.command("reclean")(reclean.reclean)
app.command("serve")(run.serve)
app.command("clean")(clean.clean)
app.command("dedup")(dedup.dedup)
app.command("inspect")(inspect.inspect)
app.command("failures")(failures.failures)
app.command("dictionary")(dictionary.dictionary)
app.add_typer(sources.app, name="sources")


def main() -> None:
    """Entry point of the `newsmill` command; expected errors become one line and exit code 1."""
    with complain():
        app()
