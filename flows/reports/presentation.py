"""What a run leaves for those who look after it: a table, its failures in the log, an error if every source failed."""

from __future__ import annotations

from flows.orchestration.orchestrator import Orchestrator
from flows.reports.run_report import RunReport


class CrawlError(RuntimeError):
    """Every source failed; the message names the faults and the logs."""


def show(run: Orchestrator, report: RunReport, key: str) -> None:
    """Show the report as a table, and log its source failures."""
    run.table(report.table(), f"newsmill-{key}", f"{report.headline}: lake {report.lake}")
    log = run.log
    for source in report.sources:
        if source.trouble:
            log.warning("%s: %s", source.source, source.trouble)
    log.info("%s", report.headline)


def fail_if_all_broken(report: RunReport, asked: set[str]) -> None:
    """Raise CrawlError if every requested source failed."""
    broken = {s.source: s.trouble for s in report.sources if s.trouble and not (s.fetched or s.unchanged)}
    if asked and asked <= broken.keys():
        reasons = "\n".join(f"  {name}: {why}" for name, why in sorted(broken.items()))
        raise CrawlError(
            f"all {len(asked)} sources failed:\n{reasons}\n"
            f"Look in {report.lake}/state/logs, and run: newsmill failures --lake {report.lake}"
        )
