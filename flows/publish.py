"""The flow ``publish``: publish what waits in the raw archive."""

from __future__ import annotations

from datetime import date

from prefect import flow

from flows.orchestration.prefect_engine import PrefectEngine, run_name
from flows.reports.deployment_runs import RECORDED
from flows.reports.run_report import RunReport
from flows.work.publish import publish as work


@flow(name="publish", flow_run_name=run_name, **RECORDED)
def publish(
    lake: str | None = None,
    runs: list[str] | None = None,
    since: date | None = None,
    sources_dir: str | None = None,
    fast: bool = False,
) -> RunReport:
    """:func:`flows.work.publish.publish` as a flow; parameters are described there."""
    return work(PrefectEngine(), lake, runs, since, sources_dir, fast)
