"""Cleans again, from the raw bytes, whatever other rules or facts of a source have cleaned."""

from __future__ import annotations

from datetime import date

from flows.config import Project
from flows.date_range import DateRange
from flows.lake.store import Lake
from flows.orchestration.orchestrator import Orchestrator
from flows.publishing.recleaner import RecleanReport
from flows.publishing.recleaner import reclean as clean_again
from flows.work.derived_tables import refresh_derived_tables
from flows.work.publish import publishing


def reclean(
    run: Orchestrator,
    lake: str | None = None,
    sources: list[str] | None = None,
    sources_dir: str | None = None,
    start: date | None = None,
    end: date | None = None,
    fast: bool = False,
) -> RecleanReport:
    """Clean again what was published with rules other than today's. Calling it again does only what is left.

    Args:
        run: what runs it.
        lake: root folder; the setting NEWSMILL_LAKE if None.
        sources: only pages of these sources; all if None.
        sources_dir: catalogue; the setting NEWSMILL_SOURCES_DIR if None.
        start: first day (UTC) on which a page was fetched.
        end: last such day.
        fast: ask for a second opinion only where the block model is unsure.

    Raises:
        CatalogueError: for a broken catalogue: without its facts every page would be cleaned again, with worse results.
        ValueError: if the range ends before it begins.
    """
    project, fetched = Project.of(lake, sources_dir), DateRange.between(start, end)
    how = publishing(run, project, fast=fast)
    into = Lake(project.lake)
    report = clean_again(into, how, fetched=fetched, sources=None if sources is None else set(sources))
    with project.frontier() as frontier:
        report.changed += refresh_derived_tables(into, frontier.engine)
    log = run.log
    log.info("%d pages in %d commits, %.1f s of cleaning", report.pages, report.commits, report.seconds)
    for why, pages in report.left.items():
        if pages:
            log.warning("%d pages stay as they were: %s", pages, why)
    run.table(report.table(), "newsmill-reclean", f"Cleaned again: lake {project.lake}")
    return report
