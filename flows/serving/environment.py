"""Environment variables for the server, the worker and its flow runs."""

from __future__ import annotations

import os
from pathlib import Path

from flows.config import FILE_VARIABLE, settings_file
from flows.serving.credentials import CLIENT_VARIABLE, SERVER_VARIABLE, server_key

# Marks every process of a lake's standing server, so that the next server finds what a killed one left behind.
MARK = "NEWSMILL_SERVED_LAKE"
# A heartbeat is one small event; the automation that watches them tolerates several missing ones (zombie_runs.py).
HEARTBEAT_SECONDS = 60


def serving_environment(lake: Path, sources_dir: Path | None, api_url: str) -> dict[str, str]:
    """Variables for server, worker and flow runs; those that the operator has set are left alone.

    Args:
        lake: root folder of the lake.
        sources_dir: catalogue; the default one when None.
        api_url: of the server, e.g. ``http://127.0.0.1:4200/api``.
    """
    home = (lake / "state" / "prefect").resolve()
    key = server_key(lake)
    chosen = {
        "NEWSMILL_LAKE": str(lake.resolve()),
        "PREFECT_API_URL": api_url,
        SERVER_VARIABLE: key,
        CLIENT_VARIABLE: key,
        MARK: str(lake.resolve()),
    }
    if sources_dir is not None:
        chosen["NEWSMILL_SOURCES_DIR"] = str(sources_dir.resolve())
    own = api_url.removesuffix("/api")
    defaults = {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        # No page of another origin may read responses; Prefect's default allows every origin.
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"{own},{own.replace('127.0.0.1', 'localhost')}",
        # By default leases are in memory: a lease would be lost with the server, and its slot never freed.
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_SECONDS),
    }
    file = settings_file()
    if file is not None:
        chosen[FILE_VARIABLE] = str(file)
    return {**defaults, **os.environ, **chosen}
