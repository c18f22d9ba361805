"""Runs the work inside a Prefect flow: steps are tasks, tables and progress are artifacts, the log is the run's."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from prefect import get_run_logger, task
from prefect.artifacts import create_progress_artifact, create_table_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.futures import wait
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from flows.orchestration.orchestrator import Progress, Rows, Step

T = TypeVar("T")
# The threads only wait for their processes; the setting crawl_processes limits how many of those run at once.
THREADS: Any = ThreadPoolTaskRunner(max_workers=64)
# Sources that a run's name spells out; of more it gives the number.
NAMED_SOURCES = 3
# Neither cached nor stored: the frontier and the lake know what is done.
_PLAIN: Any = {"cache_policy": NO_CACHE, "persist_result": False}


def run_name() -> str:
    """What a flow run is called: its flow, what it is about, and the minute (UTC) for which it was scheduled.

    Such as ``backfill 2026-07-06 to 2026-07-12, 2 sources, 2026-11-25 04:30``.
    """
    given = flow_run.parameters
    about = [f"{given['start']} to {given['end']}"] if given.get("start") and given.get("end") else []
    names = given.get("sources") or ()
    about += [", ".join(names)] if 0 < len(names) <= NAMED_SOURCES else []
    about += [f"{len(names)} sources"] if len(names) > NAMED_SOURCES else []
    about += [f"{flow_run.scheduled_start_time:%Y-%m-%d %H:%M}"]
    return f"{flow_run.flow_name} {', '.join(about)}"


class PrefectEngine:
    """An :class:`~flows.orchestration.orchestrator.Orchestrator` inside a flow."""

    @property
    def log(self) -> logging.Logger | logging.LoggerAdapter[Any]:
        """The logger of the flow run or task run of the calling thread."""
        return get_run_logger()

    def table(self, rows: Rows, key: str, description: str) -> None:
        """Create a table artifact."""
        create_table_artifact(table=[dict(row) for row in rows], key=key, description=description)

    def progress(self, description: str) -> Progress:
        """Create a progress artifact."""
        created = create_progress_artifact(0.0, description=description)
        assert isinstance(created, UUID)  # it is a coroutine only inside an asynchronous flow

        def update(percent: float, words: str) -> None:
            update_progress_artifact(created, percent, description=words)

        return update

    def step(self, name: str, work: Callable[[], T]) -> T:
        """Run it as a task."""
        return task(name=name, task_run_name=name, **_PLAIN)(work)()

    def side_by_side(self, kind: str, steps: Sequence[Step]) -> dict[str, str]:
        """Submit each step as a task: see :meth:`Orchestrator.side_by_side`."""
        futures = {step.key: _as_task(kind, step).submit() for step in steps}
        wait(list(futures.values()))
        failed: dict[str, str] = {}
        for key, future in futures.items():
            if future.state.is_failed() or future.state.is_crashed():
                failed[key] = str(future.state.message or future.state.name)
                self.log.error("%s: %s", key, failed[key])
        return failed


def _as_task(kind: str, step: Step) -> Any:
    def is_not_final(_task: Any, _run: Any, state: Any) -> bool:
        return not isinstance(state.result(raise_on_failure=False), step.final)

    return task(
        name=kind,
        task_run_name=step.name,
        retries=step.retries,
        retry_delay_seconds=step.retry_seconds,
        retry_condition_fn=is_not_final,
        **_PLAIN,
    )(step.work)
