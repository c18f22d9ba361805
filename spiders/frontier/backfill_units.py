"""A backfill's units of work, source × publication day: each planned once and finished once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, select, update

from spiders.frontier.database import upsert
from spiders.frontier.tables import units

PLANNED, STARTED, FINISHED, FAILED = "planned", "started", "finished", "failed"


@dataclass(frozen=True, slots=True)
class Unit:
    """One source on one publication day."""

    source: str
    day: date
    state: str  # planned, started, finished, failed
    run_id: str | None = None
    attempts: int = 0
    started_at: float | None = None  # seconds since 1970
    finished_at: float | None = None
    detail: str | None = None


class Units:
    """The table of units."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock

    def plan(self, wanted: Iterable[tuple[str, date]]) -> int:
        """Add units that are not known yet; returns how many were new. Known ones keep their state."""
        rows = [
            {"source": source, "day": day.isoformat(), "state": PLANNED, "attempts": 0, "planned_at": self._clock()}
            for source, day in wanted
        ]
        if not rows:
            return 0
        with self._engine.begin() as db:
            before = len(db.execute(select(units.c.day)).all())
            db.execute(upsert(self._engine, units).on_conflict_do_nothing(index_elements=["source", "day"]), rows)
            return len(db.execute(select(units.c.day)).all()) - before

    def start(self, source: str, days: Iterable[date], run_id: str) -> None:
        """Mark units as in progress by a run."""
        self._set(source, days, state=STARTED, run_id=run_id, started_at=self._clock(), attempts=units.c.attempts + 1)

    def finish(self, source: str, days: Iterable[date]) -> None:
        """Mark units as finished for good."""
        self._set(source, days, state=FINISHED, finished_at=self._clock(), detail=None)

    def fail(self, source: str, days: Iterable[date], detail: str) -> None:
        """Mark units as failed, with the reason; the next call of the same backfill picks them up again."""
        self._set(source, days, state=FAILED, detail=detail)

    def list(self, sources: Iterable[str], start: date, end: date) -> list[Unit]:
        """The units of some sources from ``start`` to ``end``, both inclusive, by source and day."""
        query = (
            select(units)
            .where(units.c.source.in_(list(sources)), units.c.day.between(start.isoformat(), end.isoformat()))
            .order_by(units.c.source, units.c.day)
        )
        with self._engine.connect().execution_options(reading=True) as db:
            return [
                Unit(
                    row.source,
                    date.fromisoformat(row.day),
                    row.state,
                    row.run_id,
                    row.attempts,
                    row.started_at,
                    row.finished_at,
                    row.detail,
                )
                for row in db.execute(query)
            ]

    def _set(self, source: str, days: Iterable[date], **values: object) -> None:
        named = [day.isoformat() for day in days]
        with self._engine.begin() as db:
            for day in named:
                db.execute(update(units).where(units.c.source == source, units.c.day == day).values(**values))
