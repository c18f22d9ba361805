"""`newsmill status` knows without a server when each deployment last ran, and when one is overdue."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from prefect.states import Completed, Failed

from flows.reports.deployment_runs import DeploymentRuns, _write, note_end, note_start, read_runs
from flows.serving.schedule_status import DeploymentStatus, deployment_status

DEPLOYMENTS = """
deployments:
  - name: daily
    schedules:
      - cron: "30 4 * * *"
        timezone: UTC
  - name: publish
"""
DAY = datetime(2026, 11, 20, tzinfo=UTC)


def status(lake: Path, now: datetime) -> DeploymentStatus:
    (lake / "prefect.yaml").write_text(DEPLOYMENTS)
    daily, publish = deployment_status(lake, lake / "prefect.yaml", now)
    assert not publish.is_scheduled
    assert not publish.is_overdue
    return daily


def completed(start: datetime, minutes: int = 20) -> DeploymentRuns:
    end = (start + timedelta(minutes=minutes)).isoformat()
    return DeploymentRuns(
        "daily", started_at=start.isoformat(), ended_at=end, state="Completed", completed_at=end,
        completed_start=start.isoformat(),
    )  # fmt: skip


def test_a_deployment_that_completed_since_it_was_due_is_in_time(tmp_path: Path) -> None:
    _write(tmp_path, completed(DAY.replace(hour=4, minute=30, second=9)))
    told = status(tmp_path, DAY.replace(hour=23))
    assert not told.is_overdue
    assert told.due is None


@pytest.mark.parametrize(("hour", "overdue"), [(5, False), (6, False), (7, True)])
def test_it_is_overdue_two_hours_after_it_was_due(tmp_path: Path, hour: int, overdue: bool) -> None:
    _write(tmp_path, completed(DAY.replace(hour=4, minute=30, second=9) - timedelta(days=1)))
    told = status(tmp_path, DAY.replace(hour=hour))
    assert told.is_overdue is overdue
    assert told.due == DAY.replace(hour=4, minute=30)


def test_a_run_that_failed_does_not_count_as_done(tmp_path: Path) -> None:
    _write(tmp_path, replace(completed(DAY - timedelta(days=1)), started_at=DAY.isoformat(), state="Failed"))
    assert status(tmp_path, DAY.replace(hour=7)).is_overdue


def test_a_run_at_work_is_waited_for_until_the_next_one_is_overdue(tmp_path: Path) -> None:
    me = psutil.Process(os.getpid())
    _write(tmp_path, replace(completed(DAY - timedelta(hours=12)), pid=me.pid, pid_started=me.create_time()))
    told = status(tmp_path, DAY.replace(hour=9))
    assert told.is_running
    assert not told.is_overdue
    assert status(tmp_path, DAY.replace(hour=7) + timedelta(days=1)).is_overdue


def test_a_run_whose_process_is_gone_is_not_at_work_also_when_its_pid_is_used_again(tmp_path: Path) -> None:
    _write(tmp_path, replace(completed(DAY - timedelta(hours=12)), pid=os.getpid(), pid_started=1.0))
    told = status(tmp_path, DAY.replace(hour=9))
    assert not told.is_running
    assert told.is_overdue


def test_a_lake_that_was_never_served_owes_nothing(tmp_path: Path) -> None:
    assert not status(tmp_path, DAY).is_overdue


def test_a_lake_that_was_served_and_never_ran_is_overdue(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    key = tmp_path / "state" / "server-key"
    key.touch()
    os.utime(key, (DAY.timestamp(), DAY.timestamp()))
    assert not status(tmp_path, DAY.replace(hour=5)).is_overdue
    assert status(tmp_path, DAY.replace(hour=7)).is_overdue


def test_a_run_notes_its_start_and_its_end(tmp_path: Path) -> None:
    flow: Any = SimpleNamespace(name="daily")
    run: Any = SimpleNamespace(parameters={"lake": str(tmp_path)})
    note_start(flow, run, Completed())
    assert read_runs(tmp_path, "daily").is_running
    note_end(flow, run, Completed())
    done = read_runs(tmp_path, "daily")
    assert (done.state, done.pid) == ("Completed", None)
    assert done.completed_start == done.started_at
    note_start(flow, run, Completed())
    note_end(flow, run, Failed())
    failed = read_runs(tmp_path, "daily")
    assert failed.state == "Failed"
    assert failed.completed_at == done.completed_at


def test_a_record_that_is_half_there_counts_as_none(tmp_path: Path) -> None:
    _write(tmp_path, completed(DAY))
    (tmp_path / "state" / "deployments" / "daily.json").write_text('{"name": "dai')
    assert read_runs(tmp_path, "daily") == DeploymentRuns("daily")
