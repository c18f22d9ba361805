"""Runs all checks in order; a check that itself fails is one more finding, and stops none of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from flows.config import Settings
from flows.doctor.empty_fields import check_empty_fields
from flows.doctor.findings import Finding, problem
from flows.doctor.frontier import check_frontier
from flows.doctor.lake import check_journal, check_lineage, check_partitions, check_rows, check_state
from flows.doctor.machine import check_catalogue, check_disk, check_settings, check_versions
from flows.doctor.raw_archive import check_archive
from flows.doctor.server import check_schedule, check_server


def examine(lake: Path, sources_dir: Path, settings: Settings) -> Iterator[Finding]:
    """Every finding about an installation and a lake, including what is in order.

    Args:
        lake: root folder of the lake.
        sources_dir: the catalogue.
        settings: those in effect.
    """
    checks: list[Callable[[], Iterable[Finding]]] = [
        check_versions,
        check_settings,
        lambda: check_catalogue(sources_dir),
        lambda: check_disk(lake),
        lambda: check_state(lake),
        lambda: check_journal(lake),
        lambda: check_partitions(lake),
        lambda: check_rows(lake, datetime.now(UTC)),
        lambda: check_lineage(lake),
        lambda: check_empty_fields(lake, sources_dir, datetime.now(UTC).date()),
        lambda: check_frontier(lake, settings),
        lambda: check_archive(lake),
        lambda: check_server(lake),
        lambda: check_schedule(lake),
    ]
    for check in checks:
        try:
            yield from check()
        except Exception as error:
            yield problem("doctor", f"a check failed: {type(error).__name__}: {error}", "report it, with this line")
