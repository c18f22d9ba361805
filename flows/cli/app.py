"""`newsmill`: assembles the commands."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Annotated

import typer

from cleaning import __version__
from flows.cli.command_table import LazyGroup
from flows.cli.shared.errors import complain

app = typer.Typer(
    name="newsmill",
    cls=LazyGroup,
    help="Turns news sites into a clean, de-duplicated Parquet dataset.\n\n"
    "Start with `newsmill demo`; then `newsmill init`, `newsmill sources list`, `newsmill run`, `newsmill inspect`.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 done · 1 something failed and is named · 2 wrong usage.",
)


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
