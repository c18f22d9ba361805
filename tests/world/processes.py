"""Programs that the world runs: found or named as missing, run to their end, or kept as servers."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

LOOPBACK = "127.0.0.1"
START_SECONDS = 60.0


def missing(*programs: str) -> list[str]:
    """Those of the programs that this machine does not have."""
    return [program for program in programs if shutil.which(program, path=search_path()) is None]


def search_path() -> str:
    """PATH with the folders where servers are installed, which users' paths leave out."""
    return os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))


def run(argv: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None, seconds: float = 300.0) -> str:
    """Run a program to its end; what it printed. Raises RuntimeError with that where it fails."""
    ended = subprocess.run(
        list(argv), cwd=folder, env={**os.environ, "PATH": search_path(), **(environment or {})}, capture_output=True,
        text=True, timeout=seconds, check=False,
    )  # fmt: skip
    if ended.returncode != 0:
        raise RuntimeError(
            f"{' '.join(argv)} ended with {ended.returncode}:\n{ended.stdout[-2000:]}\n{ended.stderr[-4000:]}"
        )
    return ended.stdout


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(
    argv: Sequence[str], folder: Path, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[None]:
    """A server while the block runs; its whole process group ends with it."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            list(argv), cwd=folder, env={**os.environ, "PATH": search_path(), **(environment or {})}, stdout=out,
            stderr=out, start_new_session=True,
        )  # fmt: skip
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)


def wait_until(ready: object, what: str, log: Path) -> None:
    """Call ``ready`` until it is true. Raises RuntimeError with the log's end after START_SECONDS."""
    assert callable(ready)
    end = time.monotonic() + START_SECONDS
    while not ready():
        if time.monotonic() > end:
            raise RuntimeError(f"{what} did not start:\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.1)


def listens(port: int) -> bool:
    """Whether somebody accepts connections on a loopback port."""
    with suppress(OSError), socket.create_connection((LOOPBACK, port), 0.5):
        return True
    return False
