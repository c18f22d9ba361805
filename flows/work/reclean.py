"""Cleans again, from the raw bytes, whatever other rules or facts of a source have cleaned."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path

from flows.config import open_frontier, read_settings
from flows.coverage.refresh import refresh_coverage
from flows.duplicates.reuse_refresh import refresh_reuse
from flows.duplicates.rewrites_refresh import refresh_rewrites
from flows.lake.store import Lake
from flows.orchestration.orchestrator import Orchestrator
from flows.publishing.recleaner import RecleanReport
from flows.publishing.recleaner import reclean as clean_again
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
    settings = read_settings()
    root = Path(lake or settings.lake)
    how = publishing(run, root, Path(sources_dir or settings.sources_dir), settings, fast=fast)
    report = clean_again(Lake(root), how, fetched=fetched_between(start, end), sources=_set(sources))
    report.changed += refresh_rewrites(Lake(root))
    report.changed += refresh_reuse(Lake(root))
    frontier = open_frontier(root, settings)
    try:
        report.changed += refresh_coverage(Lake(root), frontier.engine)
    finally:
        frontier.close()
    log = run.log
    log.info("%d pages in %d commits, %.1f s of cleaning", report.pages, report.commits, report.seconds)
    for why, pages in report.left.items():
        if pages:
            log.warning("%d pages stay as they were: %s", pages, why)
    run.table(report.table(), "newsmill-reclean", f"Cleaned again: lake {root}")
    return report


def fetched_between(start: date | None, end: date | None) -> tuple[date, date] | None:
    """Both ends of a range of days of which either may be open; None if both are.

    Raises:
        ValueError: if the range ends before it begins.
    """
    if start is None and end is None:
        return None
    first, last = start or date.min, end or date.max
    if last < first:
        raise ValueError(f"the range ends ({last}) before it begins ({first}); swap the two")
    return first, last


def _set(sources: list[str] | None) -> Collection[str] | None:
    return None if sources is None else set(sources)
