"""`newsmill status` and `newsmill doctor`: for monitors and for whoever looks after a lake."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from flows.cli.shared.console import (
    JsonOption,
    LakeOption,
    SourcesDirOption,
    need_lake,
    out,
    prepare_prefect,
    print_json,
)

if TYPE_CHECKING:
    from flows.serving.schedule_status import DeploymentStatus


def status(*, lake: LakeOption, json: JsonOption = False) -> None:
    """Say when each deployment last finished; exit code 1 when a scheduled one is overdue by two hours.

    For a monitor or a cron job: it reads the records that runs leave in the lake, and asks no server.
    """
    from flows.serving.deployments import deployments_file
    from flows.serving.schedule_status import deployment_status

    need_lake(lake)

    with deployments_file() as file:
        found = deployment_status(lake, file, datetime.now(UTC))
    if json:
        print_json([_as_json(one) for one in found])
    else:
        _print(found)
    if any(one.is_overdue for one in found):
        raise typer.Exit(1)


def doctor(
    *,
    lake: LakeOption,
    sources_dir: SourcesDirOption,
    fix: Annotated[bool, typer.Option("--fix", help="Do what is safe: nothing is lost by it.")] = False,
    json: JsonOption = False,
) -> None:
    """Look at everything that can be wrong with an installation and its lake; exit code 1 when something is.

    Versions, settings, catalogue, disk, the lake's tables and raw archive, the frontier, the server. It reads the whole
    lake, which takes minutes for a large one.
    """
    prepare_prefect()
    from flows.config import read_settings
    from flows.doctor.examination import examine
    from flows.doctor.findings import Severity

    need_lake(lake)
    found = list(examine(lake, sources_dir, read_settings()))
    if fix:
        for one in found:
            if one.fix is not None:
                one.fix()
        found = list(examine(lake, sources_dir, read_settings()))
    if json:
        print_json([{"check": o.check, "severity": o.severity, "detail": o.detail, "remedy": o.remedy} for o in found])
    else:
        colours = {Severity.OK: "green", Severity.WARNING: "yellow", Severity.PROBLEM: "bold red"}
        table = Table(title="doctor", title_justify="left")
        for name in ("", "check", "found", "remedy"):
            table.add_column(name, overflow="fold")
        for one in found:
            remedy = f"{one.remedy}{' (--fix does it)' if one.fix else ''}"
            table.add_row(f"[{colours[one.severity]}]{one.severity}[/]", one.check, escape(one.detail), escape(remedy))
        out().print(table)
    if any(one.severity == Severity.PROBLEM for one in found):
        raise typer.Exit(1)


def _print(found: list[DeploymentStatus]) -> None:
    table = Table(title="deployments (UTC)", title_justify="left")
    for name in ("deployment", "last completed", "last ended", "as", "now"):
        table.add_column(name, overflow="fold")
    for one in found:
        runs = one.runs
        table.add_row(runs.name, _short(runs.completed_at), _short(runs.ended_at), runs.state or "", _words(one))
    out().print(table)


def _as_json(one: DeploymentStatus) -> dict[str, object]:
    due = one.due.isoformat() if one.due else None
    return {**asdict(one.runs), "is_running": one.runs.is_running, "due": due, "is_overdue": one.is_overdue}


def _words(one: DeploymentStatus) -> str:
    parts = ["OVERDUE"] if one.is_overdue else []
    if one.runs.is_running:
        parts.append(f"at work since {_short(one.runs.started_at)}")
    if one.due is not None:
        parts.append(f"due at {one.due:%Y-%m-%d %H:%M}")
    return ", ".join(parts) or ("in time" if one.is_scheduled else "by hand")


def _short(instant: str | None) -> str:
    return datetime.fromisoformat(instant).strftime("%Y-%m-%d %H:%M") if instant else "never"
