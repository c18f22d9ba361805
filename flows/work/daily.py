"""The daily work: crawl, then publish."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flows.config import Project
from flows.crawling.jobs import counts_by_run, crawl_sources
from flows.date_range import DateRange
from flows.orchestration.orchestrator import Orchestrator
from flows.reports.after_run import alert_after_run
from flows.reports.presentation import fail_if_all_broken, show
from flows.reports.run_report import RunReport, run_report
from flows.reports.silent_sources import silent_sources
from flows.reports.source_failures import source_failures
from flows.work.publish import publish_pages
from spiders.catalogue import read_catalogue, select


def daily(
    run: Orchestrator,
    lake: str | None = None,
    sources: list[str] | None = None,
    sources_dir: str | None = None,
    allow: list[str] | None = None,
    recrawl_all: bool = False,
    fast: bool = False,
) -> RunReport:
    """Crawl what is new, then publish whatever is fetched and unpublished, from this run or an earlier one.

    Calling it again does only what is left to do.

    Args:
        run: what runs it.
        lake: root folder; the setting NEWSMILL_LAKE if None.
        sources: names; every source enabled in the catalogue if None.
        sources_dir: catalogue; the setting NEWSMILL_SOURCES_DIR if None.
        allow: loopback addresses HOST:PORT that may be reached: those of the sample web, and nothing else.
        recrawl_all: revisit every page that was ever read, due or not.
        fast: ask for a second opinion only where the block model is unsure.

    Raises:
        CrawlError: if every source failed; what was fetched earlier is published all the same.
    """
    project = Project.of(lake, sources_dir)
    chosen = select(project.sources_dir, sources)
    jobs, failed = crawl_sources(run, project, chosen, allow=allow, recrawl_all=recrawl_all)
    today, settings = datetime.now(UTC).date(), project.settings
    since = today - timedelta(days=settings.republish_days)
    adopted = DateRange(today - timedelta(days=settings.backfill_adoption_days), today)
    published = publish_pages(run, project, since=since, window=adopted, fast=fast)
    broken = {} if sources else read_catalogue(project.sources_dir)[1]
    with project.frontier() as frontier:
        alert_after_run(project.lake, project.sources_dir, frontier.engine, run.log)
        trouble = {
            **{name: fault.partition("\n")[0] for name, fault in broken.items()},
            **silent_sources(project.lake, chosen),
            **source_failures(frontier, jobs, failed),
        }
        report = run_report(str(project.lake), counts_by_run(frontier, jobs), [published], trouble, chosen)
    show(run, report, "daily")
    fail_if_all_broken(report, set(chosen))
    return report
