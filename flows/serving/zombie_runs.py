"""The automation that ends zombie runs while the server stands: no heartbeat for some minutes, and the run is Crashed.

Source: https://docs.prefect.io/v3/advanced/detect-zombie-flows. It covers a worker on another machine that loses its
power; what ends together with the server is found at the next start (interrupted_runs.py).
"""

from __future__ import annotations

from datetime import timedelta

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

from flows.serving.environment import HEARTBEAT_SECONDS

NAME = "newsmill: crash runs without a heartbeat"
# Heartbeats that may be missed: a busy server or a full queue of events drops some, and a run that is called dead
# while it lives would have its successor beside it.
MISSED = 5
_HEARTBEAT = "prefect.flow-run.heartbeat"
_ENDS = {f"prefect.flow-run.{name}" for name in ("Completed", "Failed", "Cancelled", "Crashed")}


def zombie_automation() -> AutomationCore:
    """The automation."""
    return AutomationCore(
        name=NAME,
        description="Made by newsmill serve. A run whose process is gone would hold its concurrency slot for ever.",
        trigger=EventTrigger(
            after={_HEARTBEAT},
            expect={_HEARTBEAT, *_ENDS},
            match=ResourceSpecification.model_validate({"prefect.resource.id": ["prefect.flow-run.*"]}),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=MISSED * HEARTBEAT_SECONDS),
        ),
        actions=[
            ChangeFlowRunState(
                name=None, state=StateType.CRASHED, message="no heartbeat: the process is gone", force=True
            )
        ],
    )


def watch_heartbeats(client: SyncPrefectClient) -> None:
    """Create the automation, or renew the one that is there."""
    present = client.read_automations_by_name(NAME)
    if present:
        client.update_automation(present[0].id, zombie_automation())
    else:
        client.create_automation(zombie_automation())
    for double in present[1:]:
        client.delete_automation(double.id)
