"""The flow ``crawl``: fetch only; the raw archive waits to be published."""

from __future__ import annotations

from prefect import flow

from flows.orchestration.prefect_engine import THREADS, PrefectEngine, run_name
from flows.reports.deployment_runs import RECORDED
from flows.reports.run_report import RunReport
from flows.work.crawl import crawl as work


@flow(name="crawl", flow_run_name=run_name, task_runner=THREADS, **RECORDED)
def crawl(
    lake: str | None = None,
    sources: list[str] | None = None,
    sources_dir: str | None = None,
    allow: list[str] | None = None,
    recrawl_all: bool = False,
) -> RunReport:
    """:func:`flows.work.crawl.crawl` as a flow; parameters are described there."""
    return work(PrefectEngine(), lake, sources, sources_dir, allow, recrawl_all)
