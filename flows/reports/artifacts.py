"""What a run leaves in Prefect: a table artifact, its failures in the log, and an error if every source failed."""

from __future__ import annotations

from prefect import get_run_logger
from prefect.artifacts import create_table_artifact

from flows.reports.run_report import RunReport


class CrawlError(RuntimeError):
    """Every source failed; the message names the faults and the logs."""


def show(report: RunReport, key: str) -> None:
    """Publish the report as a table artifact of the flow run, and log its source failures."""
    create_table_artifact(
        table=report.table(), key=f"newsmill-{key}", description=f"{report.headline}: lake {report.lake}"
    )
    log = get_run_logger()
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
