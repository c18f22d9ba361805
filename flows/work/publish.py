"""Publishing: cleans, de-duplicates and commits what the raw archive has and the lake does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from flows.config import Settings, open_frontier, read_settings
from flows.coverage.refresh import refresh_coverage
from flows.duplicates.detector import FingerprintIndex
from flows.duplicates.reuse_refresh import refresh_reuse
from flows.duplicates.rewrites_refresh import refresh_rewrites
from flows.lake.store import Lake
from flows.orchestration.orchestrator import Orchestrator, Progress
from flows.publishing.batches import PublishProgress
from flows.publishing.publisher import Publishing, PublishReport, Window, publish_raw
from flows.reports.presentation import show
from flows.reports.run_report import RunReport, run_report
from spiders.catalogue import load_catalogue

# Pages between progress reports to the server: each call takes some milliseconds.
PROGRESS_PAGES = 250
# Called with the progress of each publishing in this process: a terminal that draws a bar.
listeners: list[Callable[[PublishProgress], None]] = []


def publish(
    run: Orchestrator,
    lake: str | None = None,
    runs: list[str] | None = None,
    since: date | None = None,
    sources_dir: str | None = None,
    fast: bool = False,
) -> RunReport:
    """Publish what is unpublished in the raw archive. What is already in the lake stays unchanged, byte for byte.

    Args:
        run: what runs it.
        lake: root folder; the setting NEWSMILL_LAKE if None.
        runs: only what these crawls fetched; everything if None.
        since: only what was fetched on this day (UTC) or later.
        sources_dir: catalogue; the setting NEWSMILL_SOURCES_DIR if None.
        fast: ask for a second opinion only where the block model is unsure.

    Raises:
        CatalogueError: for a catalogue that is missing or broken.
    """
    settings = read_settings()
    root = Path(lake or settings.lake)
    report = publish_pages(
        run, root, Path(sources_dir or settings.sources_dir), settings, runs=runs, since=since, fast=fast
    )
    summary = run_report(str(root), {}, [report], {})
    show(run, summary, "publish")
    return summary


def publish_pages(
    run: Orchestrator,
    lake: Path,
    sources_dir: Path,
    settings: Settings,
    *,
    runs: Sequence[str] | None = None,
    since: date | None = None,
    window: Window | None = None,
    fast: bool = False,
) -> PublishReport:
    """:func:`flows.publishing.publisher.publish_raw` as one step, with its progress shown.

    Args:
        run: what runs it.
        lake: root folder.
        sources_dir: catalogue, whose facts the cleaning uses.
        settings: number of workers, pages per commit, duplicate window.
        runs: only what these crawls fetched; everything if None.
        since: only what was fetched on this day (UTC) or later.
        window: also publish articles of these days that an earlier backfill fetched and left out.
        fast: ask for a second opinion only where the block model is unsure.
    """
    return run.step(
        "publish-pages",
        lambda: _publish_pages(run, lake, sources_dir, settings, runs=runs, since=since, window=window, fast=fast),
    )


def _publish_pages(
    run: Orchestrator,
    lake: Path,
    sources_dir: Path,
    settings: Settings,
    *,
    runs: Sequence[str] | None,
    since: date | None,
    window: Window | None,
    fast: bool,
) -> PublishReport:
    frontier = open_frontier(lake, settings)
    try:
        how = replace(publishing(run, lake, sources_dir, settings, fast=fast), frontier=frontier.engine)
        report = publish_raw(Lake(lake), how, runs=runs, since=since, window=window)
        report.changed += refresh_coverage(Lake(lake), frontier.engine)
    finally:
        frontier.close()
    for record in report.lost:
        run.log.warning(
            "%s: %s byte %d is unreadable; a later run fetches it again", record.url, record.raw_file, record.raw_offset
        )
    report.changed += refresh_rewrites(Lake(lake))
    report.changed += refresh_reuse(Lake(lake))
    if report.pages:
        run.log.info("%d pages in %d commits, %.1f s of cleaning", report.pages, report.commits, report.seconds)
    return report


def publishing(
    run: Orchestrator, lake: Path, sources_dir: Path, settings: Settings, *, fast: bool = False
) -> Publishing:
    """How to publish: with the catalogue's facts, and its progress shown.

    Raises:
        CatalogueError: for a missing or broken catalogue: without it, zones, layout versions and site names would have
            their defaults, and the articles wrong dates and lines.
    """
    return Publishing(
        sources={name: source.facts() for name, source in load_catalogue(sources_dir).items()},
        decide=FingerprintIndex(lake, window_days=settings.duplicate_window_days).decide,
        workers=settings.publish_workers,
        batch_pages=settings.batch_pages,
        fast=fast,
        on_progress=_progress(run),
    )


def _progress(run: Orchestrator) -> Callable[[PublishProgress], None]:
    """Returns a callback that shows publishing progress."""
    update: Progress | None = None

    def tell(progress: PublishProgress) -> None:
        nonlocal update
        for listener in listeners:
            listener(progress)
        if progress.done % PROGRESS_PAGES and progress.done != progress.listed:
            return
        if update is None:
            update = run.progress(f"{progress.listed} pages")
        update(100.0 * progress.done / max(progress.listed, 1), f"{progress.done} of {progress.listed} pages")

    return tell
