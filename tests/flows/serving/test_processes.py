"""A server inherits the orphans of what it started, and no longer than it serves."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import filelock
import psutil
import pytest

from flows.crawling.child_processes import ChildError
from flows.serving.processes import adopting_orphans
from flows.serving.supervisor import LOCK, serve

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux lets a process adopt orphans")

# The parent prints the pid of its child, and ends before it. Whoever holds its pipes would be waited for.
ORPHAN = "sleep 60 >/dev/null 2>&1 & echo $!"
WAIT_SECONDS = 30.0


def heir_of_an_orphan() -> int:
    """The process that inherits one whose parent has ended."""
    shell = subprocess.run(["sh", "-c", ORPHAN], capture_output=True, text=True, check=True)
    orphan = psutil.Process(int(shell.stdout))
    try:
        return orphan.ppid()
    finally:
        orphan.kill()
        _reap(orphan.pid)


def _reap(pid: int) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        try:
            if os.waitpid(pid, os.WNOHANG)[0]:
                return
        except ChildProcessError:  # another's
            return
        time.sleep(0.01)


def test_orphans_are_inherited_within_the_block_alone() -> None:
    assert heir_of_an_orphan() != os.getpid()
    with adopting_orphans():
        assert heir_of_an_orphan() == os.getpid()
        with adopting_orphans():
            pass
        assert heir_of_an_orphan() == os.getpid()
    assert heir_of_an_orphan() != os.getpid()


def test_a_server_that_is_not_to_be_leaves_its_process_no_heir(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    with filelock.FileLock(tmp_path / LOCK), pytest.raises(ChildError, match="another `newsmill serve`"):
        serve(tmp_path)
    assert heir_of_an_orphan() != os.getpid()
