"""Whether flows keep to their schedules, from the lake's records and the deployments file, without a server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from cronsim import CronSim

from flows.reports.deployment_runs import DeploymentRuns, read_runs

# A run may have to wait for another one, and takes a while itself.
OVERDUE_AFTER = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class DeploymentStatus:
    """One deployment: its last runs, and whether it is late."""

    runs: DeploymentRuns
    is_scheduled: bool
    is_running: bool
    due: datetime | None  # first scheduled time that no completed run covers
    is_overdue: bool


def deployment_status(lake: Path, deployments: Path, now: datetime) -> list[DeploymentStatus]:
    """The status of every deployment in a file.

    A deployment is overdue two hours after a scheduled time unless a run that began after that time has completed or
    is still active; an active run is overdue two hours after the next scheduled time.

    Args:
        lake: root folder of the lake.
        deployments: the YAML file of the deployments.
        now: timezone-aware.
    """
    read = yaml.safe_load(deployments.read_text(encoding="utf-8"))["deployments"]
    return [_status(lake, one, now) for one in read]


def _status(lake: Path, deployment: dict[str, Any], now: datetime) -> DeploymentStatus:
    runs = read_runs(lake, deployment["name"])
    schedules = [one for one in deployment.get("schedules", []) if one.get("active", True)]
    covered = _instant(runs.completed_start) or _first_served(lake)
    due = after = None
    for schedule in schedules:
        if covered is None:
            break
        times = _times(schedule, covered)
        first = next(times, None)
        if first is not None and (due is None or first < due):
            due, after = first, next(times, None)
    limit = after if runs.is_running else due
    overdue = limit is not None and now > limit + OVERDUE_AFTER
    return DeploymentStatus(runs, bool(schedules), runs.is_running, due if due and due <= now else None, overdue)


def _times(schedule: dict[str, Any], after: datetime) -> Iterator[datetime]:
    """Scheduled times after the given one, in UTC."""
    if "cron" in schedule:
        zone = ZoneInfo(schedule.get("timezone") or "UTC")
        for time in CronSim(schedule["cron"], after.astimezone(zone)):
            yield time.astimezone(UTC)
    elif "interval" in schedule:
        step = timedelta(seconds=float(schedule["interval"]))
        time = after + step
        while True:
            yield time
            time += step


def _first_served(lake: Path) -> datetime | None:
    """When the lake's server was first started: nothing was due before that."""
    file = lake / "state" / "server-key"
    return datetime.fromtimestamp(file.stat().st_mtime, UTC) if file.exists() else None


def _instant(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
