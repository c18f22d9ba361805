"""Flow runs whose process is gone: marked Crashed, and the places they held given back.

Prefect learns of the end of a run from the process that runs it. When server, worker and engine end together (a
power cut, a kill), the run stays ``Running`` for ever and holds its deployment's concurrency slot: every later run
would wait for it.
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
    """Mark the pool's runs that are at work Crashed, and free their slots. Only while no worker of the pool is alive.

    Args:
        client: of the server.
        why: the message of the state.

    Returns:
        The runs as they were.
    """
    interrupted: list[FlowRun] = []
    while True:
        runs = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=AT_WORK))),
            work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL])),
            limit=PAGE,
        )
        for run in runs:
            # Forced: the rules of orchestration ask a run that is being cancelled to end as Cancelled, by its worker.
            client.set_flow_run_state(run.id, Crashed(message=why), force=True)
            log.warning("%s: was %s, is now Crashed: %s", run.name, run.state_name, why)
        interrupted += runs
        if len(runs) < PAGE:
            break
    _free_slots(client)
    return interrupted


def _free_slots(client: SyncPrefectClient) -> None:
    """Set the count of each deployment's taken slots to none.

    A crash gives a run's slot back by itself; a slot that was taken by a transaction cut in half, or whose lease was
    lost, is counted by nobody.
    """
    for deployment in client.read_deployments(work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL]))):
        limit = deployment.global_concurrency_limit
        if limit is None or not limit.active_slots:
            continue
        try:
            client.update_global_concurrency_limit(limit.name, GlobalConcurrencyLimitUpdate(active_slots=0))
        except ObjectNotFound:
            continue  # deleted since it was read: there is no slot to free
