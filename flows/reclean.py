"""The flow ``reclean``: clean again, from the raw archive, what older rules or facts have cleaned."""

from __future__ import annotations

from datetime import date

from prefect import flow

from flows.orchestration.prefect_engine import PrefectEngine, run_name
from flows.publishing.recleaner import RecleanReport
from flows.reports.deployment_runs import RECORDED
from flows.work.reclean import reclean as work


@flow(name="reclean", flow_run_name=run_name, **RECORDED)
def reclean(
    lake: str | None = None,
    sources: list[str] | None = None,
    sources_dir: str | None = None,
    start: date | None = None,
    end: date | None = None,
    fast: bool = False,
) -> RecleanReport:
    """:func:`flows.work.reclean.reclean` as a flow; parameters are described there."""
    return work(PrefectEngine(), lake, sources, sources_dir, start, end, fast)
