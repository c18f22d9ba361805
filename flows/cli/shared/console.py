"""What the commands share: the consoles, the options that mean the same everywhere, and JSON on stdout."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from flows.cli.shared.terminal import PlainConsole

# A pipe or a log has no width of its own, and 80 columns would fold every table.
PIPE_COLUMNS = 160


def console(*, stderr: bool = False, environment: Mapping[str, str] | None = None) -> PlainConsole:
    """A console as wide as its terminal, as COLUMNS says, or for a pipe 160 columns."""
    stream, given = (sys.stderr if stderr else sys.stdout), os.environ if environment is None else environment
    from flows.cli.shared.terminal import PlainConsole

    free = stream.isatty() or given.get("COLUMNS", "").isdigit()
    return PlainConsole(stderr=stderr, width=None if free else PIPE_COLUMNS, _environ=given)


# Functions, since rich loads for .1 s of CPU time, and some commands print nothing with it.
@cache
def out() -> PlainConsole:
    """Stdout: results, where a pipe can take them."""
    return console()


@cache
def err() -> PlainConsole:
    """Stderr: messages for people."""
    return console(stderr=True)


class UsageError(Exception):
    """The user's request cannot be carried out; the message says what to do instead."""


def _setting(name: str) -> Any:
    from flows.config import read_settings

    return getattr(read_settings(), name)


def _loopback(values: list[str] | None) -> list[str]:
    """The addresses, checked before anything starts: a crawl process could report a mistake only in its log."""
    if not values:
        return []
    from spiders.fetching.address_guard import Allowance

    try:
        Allowance.parse(",".join(values))
    except ValueError as error:
        raise UsageError(f"--allow {' '.join(values)}: {str(error).partition(': ')[2]}") from None
    return values


# Each option overrides a setting, which `newsmill config` shows. Keyword-only in the
# commands, since their default is computed.
LakeOption = Annotated[
    Path,
    typer.Option(
        "--lake",
        help="Root folder of the lake.",
        default_factory=lambda: _setting("lake"),
        show_default="setting lake, else data",
    ),
]
SourcesDirOption = Annotated[
    Path,
    typer.Option(
        "--sources-dir",
        help="Folder of the catalogue.",
        default_factory=lambda: _setting("sources_dir"),
        show_default="setting sources_dir, else the shipped catalogue",
    ),
]
AllowOption = Annotated[
    list[str],
    typer.Option(
        "--allow",
        help="Loopback address and port that may be fetched, e.g. 127.0.0.1:8377; may be given more than once.",
        default_factory=lambda: list(_setting("allow")),
        show_default="setting allow, else none",
        callback=_loopback,
    ),
]
SourceOption = Annotated[
    list[str] | None, typer.Option("--source", "-s", help="Only this source; may be given more than once.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON to stdout instead of tables.")]


def prepare_prefect() -> None:
    """Set what a flow needs to run without a configured server; call it before Prefect is imported."""
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    # The temporary server gets 20 s by default, which a busy machine misses on its first start (18 s when idle).
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")


def need_lake(lake: Path) -> Path:
    """A lake to read from. Raises UsageError where there is none: a command that only reads must not create it."""
    lake_folder(lake)
    if not (lake / "state").is_dir() and not (lake / "articles").is_dir():
        raise UsageError(f"{lake} holds no lake: name one with --lake, or make one with newsmill run or newsmill demo")
    return lake


def lake_folder(lake: Path) -> Path:
    """A lake to write to. Raises UsageError for an address, or if a file is in its place."""
    if len(lake.parts) > 1 and lake.parts[0].endswith(":") and not lake.drive:
        raise UsageError(f"{lake}: a lake lives in a local folder; name one with --lake, and copy its finished tables")
    if any(path.exists() and not path.is_dir() for path in (lake, *lake.parents)):
        raise UsageError(f"{lake} is a file, or lies below one: name a folder with --lake")
    return lake


def refuse_busy(port: int) -> None:
    """Raise UsageError where a port of loopback cannot be had."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise UsageError(f"port {port} is in use: end what holds it, or say --port {port + 1}") from None


def print_json(value: object) -> None:
    """Write one JSON document to stdout: times in ISO 8601, records as objects."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)
