"""A Prefect server, the work pool, the deployments of prefect.yaml and a worker, as one process tree.

For one machine. A server for several machines needs PostgreSQL, since SQLite answers ``database is locked`` when server
and workers write at once: set ``PREFECT_SERVER_DATABASE_CONNECTION_URL``, which is passed on.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import filelock

from flows.crawling.child_processes import ChildError, end
from flows.serving import processes
from flows.serving.deployments import deployments_file
from flows.serving.environment import MARK, serving_environment
from spiders.system.private_files import close_to_others, private_folder

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

HOST = "127.0.0.1"
LOCK = "state/serve.lock"
URL_FILE = "state/serve-url"  # holds the API's address while the lock is held, for newsmill doctor
# With a fresh home the server takes 20 s to start on two slow cores, and minutes on a busy machine.
START_SECONDS = 600.0
POLL_SECONDS = 0.5
# A worker that is asked to stop first ends its flow runs, which end their crawl processes.
WORKER_GRACE_SECONDS = 15.0

log = logging.getLogger(__name__)

Child = tuple[str, "subprocess.Popen[bytes]"]


def serve(
    lake: Path,
    port: int = 4200,
    *,
    sources_dir: Path | None = None,
    api_url: str | None = None,
    deployments: Path | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, then end everything that was started and report the interrupted flow runs.

    Args:
        lake: root folder of the lake that the flows write; the server keeps its own files in ``state/prefect`` there.
        port: of the server, on loopback.
        sources_dir: catalogue; the default one when None.
        api_url: API of an existing server; no server is started then, and that server's automation handles its runs.
        deployments: YAML file of the deployments; that of the working folder, or the packaged one, when None.

    Raises:
        ChildError: if a process does not start or exits by itself, or another server uses this lake.
    """
    os.environ.pop(MARK, None)
    environment = serving_environment(lake, sources_dir, api_url or f"http://{HOST}:{port}/api")
    private_folder(lake / "state")
    private_folder(Path(environment["PREFECT_HOME"]))
    with _only_one(lake), processes.adopting_orphans(), _stopped_by_signals():
        (lake / URL_FILE).write_text(environment["PREFECT_API_URL"], encoding="utf-8")
        # They exit by themselves seconds after their parent; until then two workers would compete for a run's slot.
        processes.end_all(processes.left_behind(lake))
        _run_parts(environment, port if api_url is None else None, deployments)


def _run_parts(environment: Mapping[str, str], port: int | None, deployments: Path | None) -> None:
    children: list[Child] = []
    # End only what was started here: the caller may have children of its own.
    others = [process.pid for process in processes.descendants()]
    try:
        if port is not None:
            words = ["-m", "flows.serving.tied", "flows.serving.api_server", "--host", HOST, "--port", str(port)]
            children.append(("server", _start(words, environment)))
        _await_server(environment["PREFECT_API_URL"], children)
        _prepare(environment, deployments, own_server=port is not None)
        words = ["-m", "flows.serving.tied", "prefect", "worker", "start", "--pool", "newsmill", "--name", "newsmill"]
        children.append(("worker", _start(words, environment)))
        log.info("serving: %s", environment["PREFECT_API_URL"].removesuffix("/api"))
        while all(child.poll() is None for _, child in children):
            time.sleep(POLL_SECONDS)
        _complain(children)
    except KeyboardInterrupt:
        log.info("stopping")
    finally:
        # Ignore a second Ctrl-C: a shutdown that is cut short leaves processes and runs behind.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        _stop(children, environment, others)


def _prepare(environment: Mapping[str, str], deployments: Path | None, *, own_server: bool) -> None:
    """Create what must exist before the worker takes its first run."""
    from flows.serving.work_pool import create_pool  # noqa: PLC0415  Prefect: after the environment is made
    from flows.serving.zombie_runs import watch_heartbeats  # noqa: PLC0415

    with _client(environment) as client:
        create_pool(client)
        if own_server:
            _crash_runs(client, "newsmill serve ended while it was running; what it fetched is kept")
    with deployments_file(deployments) as file:
        _run(("--no-prompt", "deploy", "--all", "--prefect-file", str(file)), environment)
    with _client(environment) as client:
        watch_heartbeats(client)
    for file in Path(environment["PREFECT_HOME"]).glob("*"):
        if file.is_file():
            close_to_others(file)


def _stop(children: Sequence[Child], environment: Mapping[str, str], others: Sequence[int]) -> None:
    """End the worker, its flow runs and their crawls; report the runs; end the server last."""
    servers = [child for name, child in children if name == "server"]
    for name, child in children:
        if name == "worker":
            end(child, grace=WORKER_GRACE_SECONDS)
    processes.end_all(processes.descendants(but=[*others, *(child.pid for child in servers)]))
    for server in servers:
        if server.poll() is None:
            try:
                with _client(environment) as client:
                    _crash_runs(client, "newsmill serve was stopped; what it fetched is kept, and the next run goes on")
            except Exception as error:
                log.warning("interrupted runs could not be reported (%s); the next start does that", error)
        end(server, grace=processes.GRACE_SECONDS)
    processes.end_all(processes.descendants(but=others))


def _crash_runs(client: SyncPrefectClient, why: str) -> None:
    from flows.serving.interrupted_runs import crash_interrupted_runs  # noqa: PLC0415

    crash_interrupted_runs(client, why)


@contextmanager
def _client(environment: Mapping[str, str]) -> Iterator[SyncPrefectClient]:
    """A client of the server, with its address and key; the settings of this process do not change."""
    from prefect.client.orchestration import SyncPrefectClient  # noqa: PLC0415

    from flows.serving.credentials import CLIENT_VARIABLE  # noqa: PLC0415

    with SyncPrefectClient(environment["PREFECT_API_URL"], auth_string=environment[CLIENT_VARIABLE]) as client:
        yield client


@contextmanager
def _only_one(lake: Path) -> Iterator[None]:
    """Hold the lock of a lake's server: a kernel lock, released when its process ends."""
    lock = filelock.FileLock(lake / LOCK)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise ChildError(f"{lake}: another `newsmill serve` is running; stop it first") from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Turn SIGTERM into KeyboardInterrupt, as SIGINT is already, unless a script started this in the background."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _start(words: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    # In a session of its own, so that Ctrl-C reaches only this process, which ends the worker before the server.
    return subprocess.Popen([sys.executable, *words], env=environment, start_new_session=True)


def _run(words: Sequence[str], environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "prefect", *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        start_new_session=True,
    )
    if done.returncode:
        said = (done.stdout + done.stderr).decode("utf-8", "replace")
        raise ChildError(f"`prefect {' '.join(words)}` ended with exit code {done.returncode}:\n{said}")


def _await_server(api_url: str, children: Sequence[Child]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        _complain(children)
        try:
            with urllib.request.urlopen(f"{api_url}/health", timeout=5) as answer:  # noqa: S310  http, by us or the operator
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(POLL_SECONDS)
    raise ChildError(f"no server answers at {api_url} after {START_SECONDS:.0f} s; see its messages above")


def _complain(children: Sequence[Child]) -> None:
    for name, child in children:
        if child.poll() is not None:
            raise ChildError(f"the {name} ended with exit code {child.returncode}; see its messages above")
