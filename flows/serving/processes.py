"""Finds and ends the processes of a standing server, including orphans."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from flows.serving.environment import MARK

PR_SET_CHILD_SUBREAPER, PR_GET_CHILD_SUBREAPER = 36, 37  # linux/prctl.h
# An engine first stops its crawls and reports (tied.py); whatever is left after that is killed.
GRACE_SECONDS = 15.0


@contextmanager
def adopting_orphans() -> Iterator[None]:
    """Adopt orphaned descendants meanwhile, so that this process finds and reaps them. Linux only.

    Whoever calls this within a larger process must not inherit for ever: nobody would wait for its orphans.
    """
    if not sys.platform.startswith("linux"):
        yield
        return
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    before = ctypes.c_int()
    prctl(PR_GET_CHILD_SUBREAPER, ctypes.byref(before))
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        prctl(PR_SET_CHILD_SUBREAPER, before)


def descendants(but: Iterable[int] = ()) -> list[psutil.Process]:
    """Descendants of this process, except the given ones and their descendants."""
    left_out = set(but)
    for pid in list(left_out):
        try:
            left_out |= {child.pid for child in psutil.Process(pid).children(recursive=True)}
        except psutil.NoSuchProcess:
            continue
    return [one for one in psutil.Process().children(recursive=True) if one.pid not in left_out]


def left_behind(lake: Path) -> list[psutil.Process]:
    """Processes of an earlier server of this lake that outlived it."""
    own = {psutil.Process().pid} | {one.pid for one in descendants()}
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid not in own and process.environ().get(MARK) == str(lake.resolve()):
                found.append(process)
        except psutil.Error:
            continue  # another user's, or already gone
    return found


def end_all(processes: Iterable[psutil.Process], *, grace: float = GRACE_SECONDS) -> None:
    """Send SIGTERM to each, and SIGKILL to those still running after ``grace`` seconds.

    Not SIGINT: a process that a script started in the background ignores it, and so do its children.
    """
    waiting = list(processes)
    for process in waiting:
        try:
            process.terminate()
        except psutil.NoSuchProcess:
            continue
    _, alive = psutil.wait_procs(waiting, timeout=grace)
    for process in alive:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(alive, timeout=grace)
