"""Crawl runs: their ids, and what each was asked for, so that whoever publishes its pages later knows it too."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """One crawl."""

    run_id: str
    sources: tuple[str, ...]
    window: tuple[date, date] | None = None  # publication days that a backfill asked for, both inclusive


def save_run(root: Path, run: Run) -> None:
    """Record a run before it starts, in ``state/runs/``."""
    _write(root, run, is_finished=False)


def finish_run(root: Path, run: Run) -> None:
    """Record that a run has crawled everything it was asked for."""
    _write(root, run, is_finished=True)


def is_finished(root: Path, run_id: str) -> bool:
    """Whether a run crawled everything it was asked for; False if it is unknown."""
    file = _file(root, run_id)
    return file.exists() and bool(json.loads(file.read_text(encoding="utf-8"))["is_finished"])


class RunWindows:
    """The days that each run of a lake was asked for, each read once.

    Only what was found is remembered: a run's days never change, but a run that is not there yet may come.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, tuple[date, date] | None] = {}

    def of(self, run_id: str) -> tuple[date, date] | None:
        """First and last day; None when the run had no range, or is not known (a raw archive from elsewhere)."""
        if run_id not in self._known:
            file = _file(self._root, run_id)
            if not file.exists():
                return None
            self._known[run_id] = _window(json.loads(file.read_text(encoding="utf-8"))["window"])
        return self._known[run_id]


def _window(stored: list[str] | None) -> tuple[date, date] | None:
    return (date.fromisoformat(stored[0]), date.fromisoformat(stored[1])) if stored else None


def runs_asked_for(root: Path, window: tuple[date, date], sources: Sequence[str]) -> list[str]:
    """Ids of the runs whose range overlaps these days, for any of these sources, oldest first."""
    found = []
    for file in sorted((root / "state" / "runs").glob("*.json")):
        run = json.loads(file.read_text(encoding="utf-8"))
        asked = _window(run["window"])
        if asked and asked[0] <= window[1] and window[0] <= asked[1] and set(run["sources"]) & set(sources):
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
            stored = json.loads(file.read_text(encoding="utf-8"))
            yield day, Run(file.stem, tuple(stored["sources"]), _window(stored["window"]))


def _write(root: Path, run: Run, *, is_finished: bool) -> None:
    file = _file(root, run.run_id)
    file.parent.mkdir(parents=True, exist_ok=True)
    window = [day.isoformat() for day in run.window] if run.window else None
    temporary = file.with_name(f".{file.name}.tmp")
    stored = {"sources": run.sources, "window": window, "is_finished": is_finished}
    temporary.write_text(json.dumps(stored), encoding="utf-8")
    temporary.replace(file)


def _file(root: Path, run_id: str) -> Path:
    return root / "state" / "runs" / f"{run_id}.json"
