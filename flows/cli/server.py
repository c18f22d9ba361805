"""A Prefect server, the work pool, the deployments of prefect.yaml and a worker, as one process tree.

For one machine. A permanent server for several machines needs PostgreSQL, since SQLite answers ``database is locked``
when server and worker write at once: set ``PREFECT_SERVER_DATABASE_CONNECTION_URL``, which this server obeys.
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
from importlib import resources
from pathlib import Path
from types import FrameType

from flows.config import FILE_VARIABLE, settings_file
from flows.crawling.child_processes import ChildError, end

POOL = "newsmill"
HOST = "127.0.0.1"
# With a fresh home the server takes 20 s to start on two slow cores; next to other work several times that.
START_SECONDS = 180.0
POLL_SECONDS = 0.5
# A worker that is asked to stop ends its flow runs first, and those their crawl processes.
WORKER_GRACE_SECONDS = 15.0
# The deployments of a project folder (`newsmill init`) or checkout; the shipped ones elsewhere.
DEPLOYMENTS = "prefect.yaml"

log = logging.getLogger(__name__)


def serve(lake: Path, port: int = 4200, *, sources_dir: Path | None = None, api_url: str | None = None) -> None:
    """Serve until SIGINT or SIGTERM, then end all that was started.

    Args:
        lake: root folder of the lake that the flows write; the server keeps its own files in its ``state/prefect``.
        port: of the server, on loopback.
        sources_dir: catalogue; the default one if None.
        api_url: an existing server's API; then no server is started.

    Raises:
        ChildError: if a part does not start, or ends by itself.
    """
    environment = serving_environment(lake, sources_dir, api_url or f"http://{HOST}:{port}/api")
    Path(environment["PREFECT_HOME"]).mkdir(parents=True, exist_ok=True)
    children: list[tuple[str, subprocess.Popen[bytes]]] = []
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        if api_url is None:
            server = ("server", "start", "--host", HOST, "--port", str(port))
            children.append(("server", _start(server, environment)))
        _await_server(environment["PREFECT_API_URL"], children)
        _run(("work-pool", "create", POOL, "--type", "process", "--overwrite"), environment)
        with deployments_file() as file:
            _run(("--no-prompt", "deploy", "--all", "--prefect-file", str(file)), environment)
        worker = ("worker", "start", "--pool", POOL, "--name", "newsmill")
        children.append(("worker", _start(worker, environment)))
        log.info("serving: %s", environment["PREFECT_API_URL"].removesuffix("/api"))
        while all(child.poll() is None for _, child in children):
            time.sleep(POLL_SECONDS)
        _complain(children)
    except KeyboardInterrupt:
        log.info("stopping")
    finally:
        for _, child in reversed(children):
            end(child, grace=WORKER_GRACE_SECONDS)
        signal.signal(signal.SIGTERM, previous)


def serving_environment(lake: Path, sources_dir: Path | None, api_url: str) -> dict[str, str]:
    """Environment of server, worker and flow runs; what the operator has set stays."""
    home = (lake / "state" / "prefect").resolve()
    chosen = {"NEWSMILL_LAKE": str(lake.resolve()), "PREFECT_API_URL": api_url}
    if sources_dir is not None:
        chosen["NEWSMILL_SOURCES_DIR"] = str(sources_dir.resolve())
    defaults = {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    file = settings_file()
    if file is not None:
        chosen[FILE_VARIABLE] = str(file)
    return {**defaults, **os.environ, **chosen}


@contextmanager
def deployments_file() -> Iterator[Path]:
    """The prefect.yaml of the working folder, or the one that is shipped."""
    own = Path(DEPLOYMENTS)
    if own.is_file():
        yield own.absolute()
        return
    with resources.as_file(resources.files("flows") / DEPLOYMENTS) as shipped:
        yield shipped


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _command(words: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "prefect", *words]


def _start(words: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    # Its own session: Ctrl-C reaches only this process, which then ends the worker before the server.
    return subprocess.Popen(_command(words), env=environment, start_new_session=True)


def _run(words: Sequence[str], environment: Mapping[str, str]) -> None:
    done = subprocess.run(_command(words), env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).decode("utf-8", "replace")
        raise ChildError(f"`prefect {' '.join(words)}` ended with exit code {done.returncode}:\n{said}")


def _await_server(api_url: str, children: Sequence[tuple[str, subprocess.Popen[bytes]]]) -> None:
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


def _complain(children: Sequence[tuple[str, subprocess.Popen[bytes]]]) -> None:
    for name, child in children:
        if child.poll() is not None:
            raise ChildError(f"the {name} ended with exit code {child.returncode}; see its messages above")
