"""The automation that ends zombie runs: a run without a heartbeat for some minutes is marked Crashed.

Source: https://docs.prefect.io/v3/advanced/detect-zombie-flows. It covers a worker on another machine that
loses power; runs that end together with the server are found at its next start (interrupted_runs.py).
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
# Heartbeats that may be missing: a busy server or a full event queue drops some, and a live run that is marked dead
# would soon run alongside its successor.
MISSED = 5
_HEARTBEAT = "prefect.flow-run.heartbeat"
_ENDS = {f"prefect.flow-run.{name}" for name in ("Completed", "Failed", "Cancelled", "Crashed")}


def zombie_automation() -> AutomationCore:
    """The automation."""
    return AutomationCore(
        name=NAME,
        description="Made by newsmill serve. A run whose process is gone would keep its concurrency slot forever.",
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
    """Create the automation, or update the existing one."""
    present = client.read_automations_by_name(NAME)
    if present:
        client.update_automation(present[0].id, zombie_automation())
    else:
        client.create_automation(zombie_automation())
    for double in present[1:]:
        client.delete_automation(double.id)
