"""Marks flow runs whose process is gone as Crashed, and frees the slots they held.

Prefect learns from the process that executes a run how the run ended. If server, worker and engine all die at once (a
power cut, a kill), the run stays ``Running`` forever and keeps its deployment's concurrency slot: every later run would
wait for it.
"""

from __future__ import annotations

import logging

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import Crashed

from flows.serving.work_pool import POOL

log = logging.getLogger(__name__)

# States of a run that a process is, or should be, working on.
AT_WORK = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
# The server's largest page.
PAGE = 200


def crash_interrupted_runs(client: SyncPrefectClient, why: str) -> list[FlowRun]:
    """Mark the pool's active runs Crashed, and free their slots. Call it only while no worker of the pool is alive.

    Args:
        client: of the server.
        why: message of the new state.

    Returns:
        The runs as they were before.
    """
    interrupted: list[FlowRun] = []
    while True:
        runs = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=AT_WORK))),
            work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL])),
            limit=PAGE,
        )
        for run in runs:
            # Forced: orchestration rules would have a run that is being cancelled end as Cancelled, set by its worker.
            client.set_flow_run_state(run.id, Crashed(message=why), force=True)
            log.warning("%s: was %s, is now Crashed: %s", run.name, run.state_name, why)
        interrupted += runs
        if len(runs) < PAGE:
            break
    _free_slots(client)
    return interrupted


def _free_slots(client: SyncPrefectClient) -> None:
    """Set each deployment's count of occupied slots to zero.

    Marking a run Crashed frees its slot. That does not cover a slot taken by a transaction that was cut off, or one
    whose lease was lost: no run accounts for it.
    """
    for deployment in client.read_deployments(work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL]))):
        limit = deployment.global_concurrency_limit
        if limit is None or not limit.active_slots:
            continue
        try:
            client.update_global_concurrency_limit(limit.name, GlobalConcurrencyLimitUpdate(active_slots=0))
        except ObjectNotFound:
            continue  # deleted in the meantime: no slot to free
