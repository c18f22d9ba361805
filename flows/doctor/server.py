"""Checks the standing server: whether it answers, its pool, worker and deployments, and their schedules."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import filelock

from flows.doctor.findings import Finding, ok, problem, warning
from flows.serving.credentials import key_file
from flows.serving.deployments import deployments_file
from flows.serving.schedule_status import deployment_status
from flows.serving.supervisor import LOCK, URL_FILE
from spiders.system.private_files import close_to_others


def check_schedule(lake: Path) -> Iterator[Finding]:
    """Whether the scheduled deployments ran when they were due."""
    with deployments_file() as file:
        found = deployment_status(lake, file, datetime.now(UTC))
    for one in found:
        if one.is_overdue:
            yield problem(
                "schedule", f"{one.runs.name} was due at {one.due:%Y-%m-%d %H:%M} UTC", "newsmill serve; newsmill run"
            )
    if not any(one.is_overdue for one in found):
        yield ok("schedule", "no deployment is overdue")


def check_server(lake: Path) -> Iterator[Finding]:
    """The configured server, or that of this lake's `newsmill serve`."""
    key = key_file(lake)
    if key.exists() and key.stat().st_mode & 0o077:
        yield problem("server key", f"{key} is open to other users", f"chmod 600 {key}", lambda: close_to_others(key))
    url = os.environ.get("PREFECT_API_URL") or _served_at(lake)
    if url is None:
        yield ok("server", "none is configured and newsmill serve is not running; newsmill run needs none")
        return
    yield from _ask(lake, url)


def _served_at(lake: Path) -> str | None:
    """Address of the lake's own server; None if none is running."""
    file = lake / LOCK
    if not file.exists():
        return None
    lock = filelock.FileLock(file)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return (lake / URL_FILE).read_text(encoding="utf-8").strip() or None
    lock.release()
    return None


def _ask(lake: Path, url: str) -> Iterator[Finding]:
    import httpx  # noqa: PLC0415
    from prefect.client.orchestration import SyncPrefectClient  # noqa: PLC0415
    from prefect.exceptions import ObjectNotFound  # noqa: PLC0415

    from flows.serving.credentials import server_key  # noqa: PLC0415
    from flows.serving.work_pool import POOL, job_template  # noqa: PLC0415

    try:
        with SyncPrefectClient(url, auth_string=server_key(lake)) as client:
            pool = client.read_work_pool(POOL)
            names = {deployment.name for deployment in client.read_deployments()}
            workers = client.request(
                "POST", "/work_pools/{work_pool_name}/workers/filter", path_params={"work_pool_name": POOL}, json={}
            ).json()
    except ObjectNotFound:
        yield problem("work pool", f"{url} has no pool {POOL}", "newsmill serve makes it; or prefect work-pool create")
        return
    except httpx.HTTPStatusError as error:
        yield problem("server", f"{url}: {error.response.status_code}", "give its key in PREFECT_API_AUTH_STRING")
        return
    except (httpx.HTTPError, RuntimeError) as error:
        yield problem("server", f"{url}: {error}", "start it: newsmill serve")
        return
    yield ok("server", f"{url} answers")
    variables = pool.base_job_template.get("variables", {}).get("properties", {})
    open_to = sorted(set(variables) - set(job_template()["variables"]["properties"]))
    if open_to:
        detail = f"a caller of pool {POOL} may choose {', '.join(open_to)}: any command, for whoever reaches the server"
        yield problem("work pool", detail, "start newsmill serve again, which closes it")
    if pool.is_paused:
        yield problem("work pool", f"{POOL} is paused: nothing runs", f"prefect work-pool resume {POOL}")
    online = [worker["name"] for worker in workers if worker.get("status") == "ONLINE"]
    if online:
        yield ok("worker", f"{', '.join(online)} online")
    else:
        yield problem(
            "worker", f"no worker of pool {POOL} is online", f"newsmill serve; or prefect worker start -p {POOL}"
        )
    if "daily" not in names:
        yield warning("deployments", "daily is not deployed", "newsmill serve; or prefect deploy --all")
