"""One budget per host for every run on the ledger: whose turn it is, and until when nobody may ask."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine, case, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from spiders.tables import hosts

# How often a process looks whether another has given a host's turn back: well below any delay a person would set.
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class HostState:
    """What the ledger knows of a host; moments in seconds since 1970."""

    next_at: float = 0.0
    blocked_until: float = 0.0
    block_reason: str | None = None
    strikes: int = 0
    held_until: float = 0.0


class Budget:
    """The table of hosts, for one process."""

    def __init__(self, engine: Engine, lease: int, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._lease = lease
        self._clock = clock

    def state(self, host: str) -> HostState:
        """What the ledger knows of a host; all zero for one never met."""
        query = select(hosts).where(hosts.c.host == host)
        with self._engine.connect().execution_options(reading=True) as db:
            row = db.execute(query).first()
        if row is None:
            return HostState()
        return HostState(row.next_at, row.blocked_until, row.block_reason, row.strikes, row.held_until)

    def take(self, host: str, *, delay: float, hold: float, exclusive: bool) -> float:
        """Take the host's turn: 0 if it is ours now, else the seconds after which to ask again.

        ``hold``: seconds after which a turn that was not given back is free again. Should this process die meanwhile,
        the next request still waits ``delay`` from now. Not ``exclusive``: only the spacing counts, for sources that
        allow several requests at once.
        """
        now = self._clock()
        free = or_(hosts.c.lease.is_(None), hosts.c.lease == self._lease, hosts.c.held_until <= now)
        ready = (hosts.c.next_at <= now) & (hosts.c.blocked_until <= now)
        taking = {"next_at": now + delay}
        if exclusive:
            ready &= free
            taking |= {"lease": self._lease, "held_until": now + hold}
        with self._engine.begin() as db:
            if db.execute(update(hosts).where(hosts.c.host == host, ready).values(**taking)).rowcount:
                return 0.0
            row = db.execute(select(hosts).where(hosts.c.host == host)).first()
            if row is None:
                insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
                fresh = insert(hosts).values(host=host, blocked_until=0.0, strikes=0, **taking)
                return 0.0 if db.execute(fresh.on_conflict_do_nothing()).rowcount else delay
        wait = float(max(row.next_at, row.blocked_until)) - now
        # Another run holds the turn and gives it back at a moment of its own: look again soon, but not at once.
        return wait if wait > 0 else POLL_SECONDS

    def give(self, host: str, next_at: float, *, strikes: int) -> None:
        """Give the turn back; nobody may ask before ``next_at``."""
        mine = hosts.c.lease == self._lease
        with self._engine.begin() as db:
            db.execute(
                update(hosts)
                .where(hosts.c.host == host)
                .values(
                    next_at=case((hosts.c.next_at < next_at, next_at), else_=hosts.c.next_at),
                    strikes=strikes,
                    lease=case((mine, None), else_=hosts.c.lease),
                    held_until=case((mine, 0.0), else_=hosts.c.held_until),
                )
            )

    def block(self, host: str, until: float, reason: str, strikes: int) -> None:
        """Let nobody ask a host before ``until``; a longer block stands."""
        insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
        new = insert(hosts).values(
            host=host, blocked_until=until, block_reason=reason, strikes=strikes, next_at=0.0, held_until=0.0
        )
        longer = case((hosts.c.blocked_until < until, until), else_=hosts.c.blocked_until)
        told = {"blocked_until": longer, "block_reason": reason, "strikes": strikes}
        with self._engine.begin() as db:
            db.execute(new.on_conflict_do_update(index_elements=["host"], set_=told))
