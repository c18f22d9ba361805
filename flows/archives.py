"""The flow ``archives``: pages out of WARC files that others made, which lie on the worker's machine."""

from __future__ import annotations

from datetime import date

from prefect import flow

from flows.orchestration.prefect_engine import PrefectEngine, run_name
from flows.reports.deployment_runs import RECORDED
from flows.work.archives import ArchiveReport
from flows.work.archives import archives as work


@flow(name="archives", flow_run_name=run_name, **RECORDED)
def archives(
    paths: list[str],
    lake: str | None = None,
    sources: list[str] | None = None,
    sources_dir: str | None = None,
    start: date | None = None,
    end: date | None = None,
    languages: list[str] | None = None,
    any_host: bool = False,
    fast: bool = False,
) -> ArchiveReport:
    """:func:`flows.work.archives.archives` as a flow; parameters are described there."""
    return work(PrefectEngine(), paths, lake, sources, sources_dir, start, end, languages, any_host, fast)
