"""What the report is about, collected once: the lake's rows of some days, the frontier, the alerts, the disk."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import Engine

from flows.crawling.runs import runs_begun
from flows.reports.drift.alerts import AlertBook, read_alerts
from flows.reports.history.disk import Disk, read_disk
from flows.reports.history.source_days import SourceDay, source_days
from flows.reports.history.visits import RunTime, VisitDay, crawled_days, run_times, visit_days
from spiders.catalogue import Source


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the sections are made of."""

    root: Path
    first: date
    last: date
    now: datetime
    sources: Mapping[str, Source]
    days: Mapping[tuple[str, date], SourceDay]
    visits: Mapping[tuple[str, date], VisitDay]
    crawled: Mapping[date, Collection[str]]
    runs: tuple[RunTime, ...]
    alerts: AlertBook
    disk: Disk
    db: duckdb.DuckDBPyConnection

    @property
    def crawl_days(self) -> list[date]:
        """The days on which something was crawled for news, in order."""
        return sorted(self.crawled)

    @property
    def asked(self) -> list[str]:
        """The sources that were crawled for news or have new rows, by name."""
        return sorted({name for names in self.crawled.values() for name in names} | {name for name, _ in self.days})

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows that a query over the tables of :func:`flows.reports.history.database.opened` gives."""
        return self.db.execute(query, list(values)).fetchall()


def collect(
    root: Path,
    sources: Mapping[str, Source],
    engine: Engine | None,
    db: duckdb.DuckDBPyConnection,
    first: date,
    last: date,
    now: datetime,
) -> Facts:
    """Read what the report needs.

    Args:
        root: the lake's root folder.
        sources: of the catalogue, by name.
        engine: the frontier's; None where nothing was crawled into this lake.
        db: opened for the same days.
        first: first day of crawling, inclusive.
        last: last day, inclusive.
        now: shown as the time of the report, UTC.
    """
    runs = list(runs_begun(root, first, last))
    return Facts(
        root,
        first,
        last,
        now,
        sources,
        days=source_days(db),
        visits=visit_days(engine, runs) if engine is not None else {},
        crawled=crawled_days(runs),
        runs=tuple(run_times(engine, runs)) if engine is not None else (),
        alerts=read_alerts(root),
        disk=read_disk(root),
        db=db,
    )
