"""Crawl runs: their ids, and what each was asked for, so that whoever publishes its pages later knows it too."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from flows.date_range import DateRange
from spiders.system.whole_file import write_whole

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Run:
    """One crawl."""

    run_id: str
    sources: tuple[str, ...]
    window: DateRange | None = None  # publication days that a backfill asked for


def save_run(root: Path, run: Run) -> None:
    """Record a run before it starts, in ``state/runs/``."""
    _write(root, run, is_finished=False)


def finish_run(root: Path, run: Run) -> None:
    """Record that a run has crawled everything it was asked for."""
    _write(root, run, is_finished=True)


def is_finished(root: Path, run_id: str) -> bool:
    """Whether a run crawled everything it was asked for; False if it is unknown."""
    known = _read(_file(root, run_id))
    return known is not None and known[1]


class RunWindows:
    """The days that each run of a lake was asked for, each read once.

    Only what was found is remembered: a run's days never change, but a run that is not there yet may come.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, DateRange | None] = {}

    def of(self, run_id: str) -> DateRange | None:
        """These days; None when the run had no range, or is not known (a raw archive from elsewhere)."""
        if run_id not in self._known:
            known = _read(_file(self._root, run_id))
            if known is None:
                return None
            self._known[run_id] = known[0].window
        return self._known[run_id]


def runs_asked_for(root: Path, window: DateRange, sources: Sequence[str]) -> list[str]:
    """Ids of the runs whose range overlaps these days, for any of these sources, oldest first."""
    found = []
    for file in sorted((root / "state" / "runs").glob("*.json")):
        known = _read(file)
        asked = known[0].window if known else None
        if known and asked and asked.overlaps(window) and set(known[0].sources) & set(sources):
            found.append(file.stem)
    return found


def runs_begun(root: Path, first: date, last: date) -> Iterator[tuple[date, Run]]:
    """The runs that began on these days, oldest first, each with its day (UTC)."""
    for file in sorted((root / "state" / "runs").glob("*.json")):
        try:
            day = datetime.strptime(file.stem[:8], "%Y%m%d").date()  # noqa: DTZ007  the id is in UTC
        except ValueError:
            continue  # an id that somebody gave by hand has no day
        if first <= day <= last:
            known = _read(file)
            if known is not None:
                yield day, known[0]


def _read(file: Path) -> tuple[Run, bool] | None:
    """A run, and whether it is finished; None where it is not known, or its file is not whole.

    Of such a run nobody knows which days it was asked for: as of an archive from elsewhere, all its pages count.
    """
    if not file.exists():
        return None
    try:
        told = json.loads(file.read_bytes())
        window = told["window"]
        days = DateRange(*map(date.fromisoformat, window)) if window else None
        return Run(file.stem, tuple(map(str, told["sources"])), days), bool(told["is_finished"])
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        _warn(file, repr(error))
        return None


@lru_cache(maxsize=1024)
def _warn(file: Path, error: str) -> None:
    log.warning("%s: not whole (%s): its run is taken for one that was asked for any day", file, error)


def _write(root: Path, run: Run, *, is_finished: bool) -> None:
    file = _file(root, run.run_id)
    file.parent.mkdir(parents=True, exist_ok=True)
    window = [run.window.first.isoformat(), run.window.last.isoformat()] if run.window else None
    write_whole(file, json.dumps({"sources": run.sources, "window": window, "is_finished": is_finished}))


def _file(root: Path, run_id: str) -> Path:
    return root / "state" / "runs" / f"{run_id}.json"
