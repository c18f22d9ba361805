"""Tracks which crawl processes are alive, so that what a dead one held goes back into the queue."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, select, update

from spiders.frontier.clock_bounds import is_younger
from spiders.frontier.tables import hosts, leases, urls

HEARTBEAT_SECONDS = 10.0
# A process on another machine is considered dead after this; missing six heartbeats outlasts a busy disk.
DEAD_AFTER_SECONDS = 60.0


def process_started(pid: int) -> str:
    """When a process started, in clock ticks after boot; empty if it is gone or the system has no /proc."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    # Field 3 (state) is the first after the name: a zombie no longer holds anything; field 22 is the start time.
    return "" if fields[0] in ("Z", "X") else fields[19]


def _is_alive(pid: int, started: str) -> bool:
    if started:
        return process_started(pid) == started
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Leases:
    """The table of processes that may hold URLs and hosts."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock
        self._machine = socket.gethostname()

    def begin(self, run_id: str) -> int:
        """Start a lease for this process."""
        with self._engine.begin() as db:
            row = db.execute(
                insert(leases).values(
                    run_id=run_id,
                    machine=self._machine,
                    pid=os.getpid(),
                    process_started=process_started(os.getpid()),
                    heartbeat=self._clock(),
                )
            )
            key = row.inserted_primary_key
            assert key is not None
            return int(key[0])

    def beat(self, lease: int) -> None:
        """Record a heartbeat of this process."""
        with self._engine.begin() as db:
            db.execute(update(leases).where(leases.c.id == lease).values(heartbeat=self._clock()))

    def end(self, lease: int) -> None:
        """Release everything that this process held."""
        with self._engine.begin() as db:
            db.execute(update(leases).where(leases.c.id == lease).values(ended_at=self._clock()))
            self._free(db, [lease])

    def recover(self) -> int:
        """Release what dead processes held; returns how many URLs that was."""
        with self._engine.begin() as db:
            rows = db.execute(select(leases).where(leases.c.ended_at.is_(None))).all()
            dead = [row.id for row in rows if not self._lives(row.machine, row.pid, row.process_started, row.heartbeat)]
            if not dead:
                return 0
            db.execute(update(leases).where(leases.c.id.in_(dead)).values(ended_at=self._clock()))
            return self._free(db, dead)

    def _lives(self, machine: str, pid: int, started: str, heartbeat: float) -> bool:
        if machine == self._machine:
            return _is_alive(pid, started)
        return is_younger(heartbeat, self._clock(), DEAD_AFTER_SECONDS)

    @staticmethod
    def _free(db: Connection, dead: list[int]) -> int:
        db.execute(update(hosts).where(hosts.c.lease.in_(dead)).values(lease=None, held_until=0.0))
        freed = db.execute(
            update(urls).where(urls.c.state == "claimed", urls.c.lease.in_(dead)).values(state="pending", lease=None)
        )
        return int(freed.rowcount)
