"""Crawling alone: one supervised Scrapy process per group of sources.

The frontier is the queue, so a crawl that was killed, timed out or retried continues where it stopped. Trouble at one
source never ends another's crawl; the call fails only if every source failed.
"""

from __future__ import annotations

from flows.config import Project
from flows.crawling.jobs import counts_by_run, crawl_sources
from flows.orchestration.orchestrator import Orchestrator
from flows.reports.presentation import fail_if_all_broken, show
from flows.reports.run_report import RunReport, run_report
from flows.reports.source_failures import source_failures
from spiders.catalogue import select


def crawl(
    run: Orchestrator,
    lake: str | None = None,
    sources: list[str] | None = None,
    sources_dir: str | None = None,
    allow: list[str] | None = None,
    recrawl_all: bool = False,
) -> RunReport:
    """Fetch what is new at the sources into the raw archive and the frontier.

    Args:
        run: what runs it.
        lake: root folder; the setting NEWSMILL_LAKE if None.
        sources: names; every source enabled in the catalogue if None.
        sources_dir: catalogue; the setting NEWSMILL_SOURCES_DIR if None.
        allow: loopback addresses HOST:PORT that may be reached: those of the sample web, and nothing else.
        recrawl_all: revisit every page that was ever read, due or not.

    Raises:
        CrawlError: if every source failed.
        CatalogueError: for a broken catalogue, or a name that is not in it.
    """
    project = Project.of(lake, sources_dir)
    chosen = select(project.sources_dir, sources)
    jobs, failed = crawl_sources(run, project, chosen, allow=allow, recrawl_all=recrawl_all)
    with project.frontier() as frontier:
        trouble = source_failures(frontier, jobs, failed)
        report = run_report(str(project.lake), counts_by_run(frontier, jobs), [], trouble, chosen)
    show(run, report, "crawl")
    fail_if_all_broken(report, set(chosen))
    return report
