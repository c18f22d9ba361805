"""Who holds a lake's write lock: noted beside the lock, for those who wait for it."""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

import filelock

HOLDER = "state/lake.holder.json"
# Most commits take less; who waits longer wants to know for whom.
FIRST_SECONDS = 5.0
# Often enough to see that it still waits, seldom enough for a log that is kept.
NEXT_SECONDS = 60.0

log = logging.getLogger(__name__)


def acquire(lock: filelock.BaseFileLock, root: Path, timeout: float) -> None:
    """Take the lock, saying after 5 s and then each minute who holds it, and note this process as its holder.

    Args:
        lock: of the lake.
        root: of the lake.
        timeout: seconds to wait; -1 waits for ever.

    Raises:
        filelock.Timeout: when it is still held after ``timeout``.
    """
    waited, pause = 0.0, FIRST_SECONDS
    while True:
        left = pause if timeout < 0 else min(pause, timeout - waited)
        try:
            lock.acquire(timeout=max(left, 0.0))
            break
        except filelock.Timeout:
            waited += max(left, 0.0)
            if 0 <= timeout <= waited:
                raise
            log.warning("%s: waiting for its write lock, held by %s; %.0f s so far", root, holder(root), waited)
            pause = NEXT_SECONDS
    if lock.lock_counter == 1:
        _note(root)


def holder(root: Path) -> str:
    """The process that took the lock last, in words: its command, number, machine and since when."""
    try:
        told = json.loads((root / HOLDER).read_text(encoding="utf-8"))
        return f"`{told['command']}` (process {told['pid']} on {told['host']}, since {told['since']})"
    except (OSError, ValueError, KeyError):
        return "another process"


def _note(root: Path) -> None:
    told = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "command": " ".join([Path(sys.argv[0]).name, *sys.argv[1:3]]),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    # Whole or not at all: who waits reads it at any moment. It is a help for people, and needs no fsync.
    temporary = root / f"{HOLDER}.tmp"
    temporary.write_text(json.dumps(told), encoding="utf-8")
    temporary.replace(root / HOLDER)
