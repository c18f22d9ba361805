"""The flow ``backfill``: everything published in a range of days."""

from __future__ import annotations

from datetime import date

from prefect import flow

from flows.orchestration.prefect_engine import THREADS, PrefectEngine, run_name
from flows.reports.deployment_runs import RECORDED
from flows.reports.run_report import RunReport
from flows.work.backfill import backfill as work


@flow(name="backfill", flow_run_name=run_name, task_runner=THREADS, **RECORDED)
def backfill(
    start: date,
    end: date,
    sources: list[str] | None = None,
    lake: str | None = None,
    sources_dir: str | None = None,
    allow: list[str] | None = None,
    wave_days: int | None = None,
    fast: bool = False,
) -> RunReport:
    """:func:`flows.work.backfill.backfill` as a flow; parameters are described there."""
    return work(PrefectEngine(), start, end, sources, lake, sources_dir, allow, wave_days, fast)
