"""The work pool: how a flow run is started, with no part of it open to the caller.

Prefect's own template for processes takes ``command``, ``env`` and ``working_dir`` from whoever creates a flow run:
anyone who can reach the server could run any program as the worker's user.
"""

from __future__ import annotations

import shlex
import sys
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.exceptions import ObjectNotFound

POOL = "newsmill"


def job_template() -> dict[str, Any]:
    """The pool's base job template: a fixed command, and a schema that allows no variables."""
    return {
        "job_configuration": {
            "command": shlex.join([sys.executable, "-m", "flows.serving.tied", "prefect.engine"]),
            "env": {},
            "labels": {},
            "name": None,
            "stream_output": True,
            "working_dir": None,
        },
        "variables": {"type": "object", "properties": {}, "additionalProperties": False},
    }


def create_pool(client: SyncPrefectClient) -> None:
    """Create the pool, or update the existing one's template."""
    try:
        client.read_work_pool(POOL)
    except ObjectNotFound:
        client.create_work_pool(WorkPoolCreate(name=POOL, type="process", base_job_template=job_template()))
    else:
        client.update_work_pool(POOL, WorkPoolUpdate(base_job_template=job_template()))
