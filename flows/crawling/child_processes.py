"""Child processes that end when they are asked to, and when their parent is gone."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h
# A crawl that is asked to stop finishes its open responses; after this it is killed, which its frontier and WARC files
# survive. Together with the engine's own delay, a cancel must reach the child within five seconds.
GRACE_SECONDS = 3.0
# How much of the end of a child's log an error message shows.
TAIL_BYTES = 4_000


def die_with_parent() -> None:
    """Have this process killed when its parent dies, however that happens. Linux only; a no-op elsewhere."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # the parent died between the two calls
        os.kill(os.getpid(), signal.SIGKILL)


class ChildError(RuntimeError):
    """A child process failed; the message contains its exit code and the end of its log."""


@dataclass(frozen=True, slots=True)
class ChildExit:
    """How a child process ended."""

    code: int  # exit code; negative: the signal that ended it
    seconds: float  # wall-clock time
    timed_out: bool


class ChildStopped(ChildError):
    """A child process was stopped together with its flow: it did not fail, and there is nothing to retry."""


class Children:
    """The child processes of one flow run, which all end with it.

    Args:
        at_once: how many may run concurrently; the rest wait.
    """

    def __init__(self, at_once: int) -> None:
        self._places = threading.Semaphore(at_once)
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    def run(self, argv: Sequence[str], *, log: Path, cwd: Path, env: Mapping[str, str], timeout: float) -> ChildExit:
        """Run a child to its end, appending its output to ``log``.

        Args:
            argv: the program and its arguments.
            log: appended to; its folder is created.
            cwd: working folder of the child.
            env: variables in addition to those of this process.
            timeout: seconds after which it is stopped: SIGTERM, then SIGKILL.

        Raises:
            ChildStopped: if :meth:`stop` ended it, or was called before it started.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        with self._places, log.open("ab") as output:
            started = time.monotonic()
            with self._lock:
                if self._stopping.is_set():
                    raise ChildStopped("stopped before it started")
                # The child watches for the end of this process by itself (spiders.system.parent_watch): a preexec_fn
                # would have to run Python between fork and exec, beside this process's threads.
                child = subprocess.Popen(
                    argv, stdout=output, stderr=subprocess.STDOUT, cwd=cwd, env={**os.environ, **env}
                )
                self._running.add(child)
            try:
                child.wait(timeout)
                timed_out = False
            except subprocess.TimeoutExpired:
                timed_out = True
            finally:
                end(child)
                with self._lock:
                    self._running.discard(child)
        if self._stopping.is_set():
            raise ChildStopped(f"stopped after {time.monotonic() - started:.0f} s")
        return ChildExit(child.returncode, time.monotonic() - started, timed_out)

    def stop(self) -> None:
        """End all children and prevent new ones; returns when they are gone."""
        self._stopping.set()
        with self._lock:
            running = list(self._running)
        for child in running:
            if child.poll() is None:
                child.terminate()
        for child in running:
            end(child, told=True)


def end(child: subprocess.Popen[bytes], *, told: bool = False, grace: float = GRACE_SECONDS) -> None:
    """SIGTERM, and SIGKILL when it is still there after ``grace`` seconds. Nothing happens to one that has ended.

    SIGTERM and not SIGINT: a child of what a script started in the background ignores SIGINT.
    """
    if child.poll() is not None:
        return
    if not told:
        child.terminate()
    try:
        child.wait(grace)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def tail(log: Path) -> str:
    """The last lines of a log, for an error message."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - TAIL_BYTES))
        return file.read().decode("utf-8", "replace")
