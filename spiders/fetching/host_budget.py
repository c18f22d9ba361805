"""One request budget per host, shared by every run on the frontier: who holds the slot, and until when nobody may
ask."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import BindParameter, Engine, Float, bindparam, case, or_, select, update

from spiders.frontier.clock_bounds import BLOCK_MAX, HOLD_MAX, NEXT_REQUEST_MAX, bounded, is_past
from spiders.frontier.database import upsert
from spiders.frontier.tables import hosts

# How often a process checks whether another has released a host's slot: well below any delay an operator would set.
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class HostState:
    """A host that asked to be left alone."""

    blocked_until: float  # seconds since 1970
    reason: str
    strikes: int


# Built once: assembling a statement costs more than running it.
_NOW: BindParameter[float] = bindparam("now", type_=Float)
_NEXT: BindParameter[float] = bindparam("b_next", type_=Float)
_HOST: BindParameter[str] = bindparam("b_host")
_LEASE: BindParameter[int] = bindparam("b_lease")
_BLOCKED = select(hosts).where(hosts.c.blocked_until > _NOW, hosts.c.blocked_until <= _NOW + BLOCK_MAX)
_SEEN = select(hosts).where(hosts.c.host == _HOST)
_READY = (hosts.c.host == _HOST) & is_past(hosts.c.next_at, _NOW, NEXT_REQUEST_MAX)
_READY &= is_past(hosts.c.blocked_until, _NOW, BLOCK_MAX)
_FREE = or_(hosts.c.lease.is_(None), hosts.c.lease == _LEASE, is_past(hosts.c.held_until, _NOW, HOLD_MAX))
_TAKE_SPACED = update(hosts).where(_READY).values(next_at=bindparam("b_next"))
_TAKE = _TAKE_SPACED.where(_FREE).values(lease=_LEASE, held_until=bindparam("b_until"))
_MINE = hosts.c.lease == _LEASE
_GIVE = (
    update(hosts)
    .where(hosts.c.host == _HOST)
    .values(
        next_at=case(
            (is_past(hosts.c.next_at, _NEXT, NEXT_REQUEST_MAX), _NEXT),
            else_=hosts.c.next_at,
        ),
        strikes=bindparam("b_strikes"),
        lease=case((_MINE, None), else_=hosts.c.lease),
        held_until=case((_MINE, 0.0), else_=hosts.c.held_until),
    )
)


class HostBudget:
    """The table of hosts, as one process uses it."""

    def __init__(self, engine: Engine, lease: int, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._lease = lease
        self._clock = clock

    def blocked(self) -> dict[str, HostState]:
        """The hosts that may not be asked for now."""
        with self._engine.connect().execution_options(reading=True) as db:
            rows = db.execute(_BLOCKED, {"now": self._clock()}).all()
        return {row.host: HostState(row.blocked_until, row.block_reason or "", row.strikes) for row in rows}

    def take(self, host: str, *, delay: float, hold: float, exclusive: bool) -> float:
        """Take the host's slot: returns 0 if it is ours now, otherwise the seconds after which to ask again.

        ``hold``: seconds after which a slot that was not released is free again. If this process dies meanwhile, the
        next request still waits ``delay`` from now. Not ``exclusive``: only the spacing counts, for sources that allow
        concurrent requests.
        """
        now = self._clock()
        values = {"b_host": host, "now": now, "b_next": now + delay}
        taking = {"next_at": now + delay}
        if exclusive:
            values |= {"b_lease": self._lease, "b_until": now + hold}
            taking |= {"lease": self._lease, "held_until": now + hold}
        with self._engine.begin() as db:
            if db.execute(_TAKE if exclusive else _TAKE_SPACED, values).rowcount:
                return 0.0
            row = db.execute(_SEEN, {"b_host": host}).first()
            if row is None:
                fresh = upsert(self._engine, hosts).values(host=host, blocked_until=0.0, strikes=0, **taking)
                return 0.0 if db.execute(fresh.on_conflict_do_nothing()).rowcount else delay
        wait = max(bounded(row.next_at, now, NEXT_REQUEST_MAX), bounded(row.blocked_until, now, BLOCK_MAX)) - now
        # Another run holds the slot and will release it at an unknown moment: check again soon, but not at once.
        return wait if wait > 0 else POLL_SECONDS

    def give(self, host: str, next_at: float, *, strikes: int) -> None:
        """Release the slot; nobody may ask before ``next_at``."""
        with self._engine.begin() as db:
            db.execute(_GIVE, {"b_host": host, "b_next": next_at, "b_strikes": strikes, "b_lease": self._lease})

    def block(self, host: str, until: float, reason: str, strikes: int) -> None:
        """Block a host until ``until``; a longer block stays in force."""
        new = upsert(self._engine, hosts).values(
            host=host, blocked_until=until, block_reason=reason, strikes=strikes, next_at=0.0, held_until=0.0
        )
        longer = case((is_past(hosts.c.blocked_until, until, BLOCK_MAX), until), else_=hosts.c.blocked_until)
        values = {"blocked_until": longer, "block_reason": reason, "strikes": strikes}
        with self._engine.begin() as db:
            db.execute(new.on_conflict_do_update(index_elements=["host"], set_=values))
