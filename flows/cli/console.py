"""What the commands share: the consoles, errors as one line, and the options that name a lake."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

# Results go to stdout, where a pipe takes them; everything said to a person goes to stderr.
# A pipe or a log has no width of its own: 80 columns would fold every table.
out = Console(width=None if sys.stdout.isatty() else 160)
err = Console(stderr=True, width=None if sys.stderr.isatty() else 160)

LakeOption = Annotated[
    Path, typer.Option("--lake", help="Root folder of the lake.", envvar="NEWSMILL_LAKE", show_default="data")
]
SourceOption = Annotated[
    list[str] | None, typer.Option("--source", "-s", help="Only this source; may be given more than once.")
]
SourcesDirOption = Annotated[
    Path, typer.Option("--sources-dir", help="Folder of the catalogue.", show_default="spiders/sources")
]

DEFAULT_LAKE = Path("data")
DEFAULT_SOURCES = Path("spiders/sources")


def prepare_prefect() -> None:
    """Set what a flow needs that runs without a configured server; call it before Prefect is imported."""
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    # The temporary server has 20 s by default, which a busy machine misses on its first start (18 s when idle).
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")


class UsageError(Exception):
    """What the user asked for cannot be done; the message says what to do instead."""


@contextmanager
def complain() -> Iterator[None]:
    """Turn errors that a user can mend into one line on stderr and exit code 1; others keep their traceback."""
    try:
        yield
    except (UsageError, FileNotFoundError, NotADirectoryError, PermissionError) as error:
        err.print(f"[bold red]newsmill:[/] {error}", highlight=False, soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        err.print("stopped; call the same command again to go on where it was")
        sys.exit(130)


def parse_day(text: str) -> date:
    """A day as YYYY-MM-DD; raises typer.BadParameter otherwise."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day: write it as YYYY-MM-DD, e.g. 2026-07-08") from None
