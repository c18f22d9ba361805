"""The flow ``crawl``: one Scrapy process for each group of sources, supervised.

The ledger is the queue, so a crawl that was killed, timed out or retried goes on where it was. One source's
trouble never ends another's crawl; the flow fails when nothing at all could be had from any.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from prefect import flow, get_run_logger
from prefect.artifacts import create_table_artifact

from flows.config import Settings, open_ledger
from flows.crawling import THREADS, crawl_sources
from flows.report import RunReport, run_report
from flows.troubles import troubles
from spiders.catalogue import CatalogueError, Source, load_catalogue

__all__ = ["THREADS", "CrawlError", "choose_sources", "crawl", "fail_if_all_broken", "show"]


class CrawlError(RuntimeError):
    """Nothing could be had from any source; the message names the faults and the logs."""


@flow(name="crawl", task_runner=THREADS)
def crawl(
    lake: str | None = None,
    sources: list[str] | None = None,
    sources_dir: str | None = None,
    allow: list[str] | None = None,
    everything: bool = False,
) -> RunReport:
    """Fetch what is new at the sources, into the raw archive and the ledger.

    Args:
        lake: root folder; the setting NEWSMILL_LAKE when None.
        sources: names; all that are enabled in the catalogue when None.
        sources_dir: catalogue; the setting NEWSMILL_SOURCES_DIR when None.
        allow: loopback addresses HOST:PORT that may be reached: those of the sample web, and nothing else.
        everything: look again at every page that was ever read, due or not.

    Raises:
        CrawlError: when nothing could be had from any source.
        CatalogueError: for a catalogue that is broken, or a name that is not in it.
    """
    settings = Settings()
    root = Path(lake or settings.lake)
    catalogue = Path(sources_dir or settings.sources_dir)
    chosen = choose_sources(catalogue, sources)
    jobs, failed = crawl_sources(root, catalogue, chosen, settings, allow=allow, everything=everything)
    ledger = open_ledger(root, settings)
    try:
        trouble = troubles(ledger, jobs, failed)
        report = run_report(str(root), {j.run.run_id: ledger.counts(j.run.run_id) for j in jobs}, [], trouble)
    finally:
        ledger.close()
    show(report, "crawl")
    fail_if_all_broken(report, set(chosen))
    return report


def choose_sources(catalogue: Path, names: Sequence[str] | None) -> dict[str, Source]:
    """The sources that were asked for; those that are enabled when none was.

    Raises:
        CatalogueError: for a name that the catalogue lacks, and when none is enabled.
    """
    every = load_catalogue(catalogue)
    unknown = sorted(set(names or ()) - every.keys())
    if unknown:
        raise CatalogueError(
            f"{', '.join(unknown)}: no such source in {catalogue}; see them with: newsmill sources list"
        )
    chosen = {n: s for n, s in every.items() if (n in names if names else s.enabled)}
    if not chosen:
        raise CatalogueError(f"no source in {catalogue} is enabled; set enabled = true in one, or name sources")
    return chosen


def show(report: RunReport, key: str) -> None:
    """The report as a table artifact of the flow run, and its troubles in the log."""
    create_table_artifact(
        table=report.table(), key=f"newsmill-{key}", description=f"Outcomes by source: lake {report.lake}"
    )
    log = get_run_logger()
    for source in report.sources:
        if source.trouble:
            log.warning("%s: %s", source.source, source.trouble)
    total = report.total
    log.info(
        "%d discovered, %d fetched, %d kept, %d duplicates, %d rejected, %d failed",
        total.discovered,
        total.fetched,
        total.kept,
        total.duplicates,
        sum(total.rejected.values()),
        sum(total.failed.values()),
    )


def fail_if_all_broken(report: RunReport, asked: set[str]) -> None:
    """Raise CrawlError when every source that was asked for is in trouble."""
    broken = {s.source: s.trouble for s in report.sources if s.trouble and not (s.fetched or s.unchanged)}
    if asked and asked <= broken.keys():
        told = "\n".join(f"  {name}: {why}" for name, why in sorted(broken.items()))
        raise CrawlError(
            f"nothing could be had from any of {len(asked)} sources:\n{told}\n"
            f"Look at {report.lake}/state/logs, and at: newsmill failures --lake {report.lake}"
        )
