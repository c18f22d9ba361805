"""When each deployed flow last ran, written by the run itself into the lake's state: readable without a server.

A server that is down, or that hands out no runs any more, cannot report that; what does not run has no failure to show.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from flows.config import Settings
from spiders.system.private_files import private_folder, write_private

COMPLETED, FAILED, CANCELLED = "Completed", "Failed", "Cancelled"


@dataclass(frozen=True, slots=True)
class DeploymentRuns:
    """What is known of a flow's last runs; times are ISO 8601 in UTC, None where there was none."""

    name: str
    started_at: str | None = None  # of the last run
    pid: int | None = None  # process of the last run, until it ended by itself
    pid_started: float | None = None  # when that process began, in seconds since 1970: pids are used again
    ended_at: str | None = None  # of the last run that ended by itself, however
    state: str | None = None  # how that ended: Completed, Failed, Crashed, Cancelled
    completed_at: str | None = None  # end of the last run that completed
    completed_start: str | None = None  # start of that run

    @property
    def is_running(self) -> bool:
        """Whether the process of the last run is alive, and did not say that the run had ended."""
        try:
            # A second apart: the kernel's clock ticks and the time of boot are rounded anew at each look.
            return self.pid is not None and abs(psutil.Process(self.pid).create_time() - (self.pid_started or 0)) < 1.0
        except psutil.Error:
            return False


def runs_folder(lake: Path) -> Path:
    """Where the records lie: one file a flow."""
    return lake / "state" / "deployments"


def read_runs(lake: Path, name: str) -> DeploymentRuns:
    """A flow's record; an empty one where it never ran, or a file was left broken."""
    try:
        read = json.loads((runs_folder(lake) / f"{name}.json").read_text(encoding="utf-8"))
        return DeploymentRuns(**{**read, "name": name})
    except (OSError, ValueError, TypeError):
        return DeploymentRuns(name)


def note_start(flow: Any, run: Any, _state: Any) -> None:
    """Hook for ``on_running``: Prefect's flow, flow run and state."""
    _note_start(_lake(run), flow.name)


def note_end(flow: Any, run: Any, state: Any) -> None:
    """Hook for every end: ``on_completion``, ``on_failure``, ``on_crashed``, ``on_cancellation``."""
    _note_end(_lake(run), flow.name, state.name or "", completed=state.is_completed())


@contextmanager
def recorded(lake: Path, name: str) -> Iterator[None]:
    """Record a run that no Prefect flow is around, as the hooks record one."""
    _note_start(lake, name)
    try:
        yield
    except BaseException as error:
        _note_end(lake, name, FAILED if isinstance(error, Exception) else CANCELLED, completed=False)
        raise
    _note_end(lake, name, COMPLETED, completed=True)


def _note_start(lake: Path, name: str) -> None:
    known = asdict(read_runs(lake, name))
    process = psutil.Process(os.getpid())
    began = {"started_at": _now(), "pid": process.pid, "pid_started": process.create_time()}
    _write(lake, DeploymentRuns(**{**known, **began}))


def _note_end(lake: Path, name: str, state: str, *, completed: bool) -> None:
    known = asdict(read_runs(lake, name))
    ended: dict[str, Any] = {"ended_at": _now(), "state": state, "pid": None, "pid_started": None}
    if completed:
        ended |= {"completed_at": ended["ended_at"], "completed_start": known["started_at"]}
    _write(lake, DeploymentRuns(**{**known, **ended}))


# What a flow is decorated with: @flow(name=..., **RECORDED)
RECORDED: dict[str, Any] = {
    "on_running": [note_start],
    "on_completion": [note_end],
    "on_failure": [note_end],
    "on_crashed": [note_end],
    "on_cancellation": [note_end],
}


def _lake(run: Any) -> Path:
    return Path(run.parameters.get("lake") or Settings().lake)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _write(lake: Path, runs: DeploymentRuns) -> None:
    folder = private_folder(private_folder(lake / "state") / "deployments")
    write_private(folder / f"{runs.name}.json", json.dumps(asdict(runs), indent=1) + "\n")
