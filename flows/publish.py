"""The flow ``publish``: cleans, de-duplicates and commits what the raw archive has and the lake does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE

from flows.config import Settings, open_frontier, read_settings
from flows.coverage.refresh import refresh_coverage
from flows.duplicates.detector import FingerprintIndex
from flows.duplicates.reuse_refresh import refresh_reuse
from flows.duplicates.rewrites_refresh import refresh_rewrites
from flows.lake.store import Lake
from flows.publishing.publisher import Publishing, PublishProgress, PublishReport, Window, publish_raw
from flows.reports.artifacts import show
from flows.reports.deployment_runs import RECORDED
from flows.reports.run_report import RunReport, run_report
from spiders.catalogue import load_catalogue

# Pages between progress reports to the server: each call takes some milliseconds.
PROGRESS_PAGES = 250
# Called with the progress of each publishing in this process: a terminal that draws a bar.
listeners: list[Callable[[PublishProgress], None]] = []


@flow(name="publish", **RECORDED)
def publish(
    lake: str | None = None,
    runs: list[str] | None = None,
    since: date | None = None,
    sources_dir: str | None = None,
) -> RunReport:
    """Publish what is unpublished in the raw archive. What is already in the lake stays unchanged, byte for byte.

    Args:
        lake: root folder; the setting NEWSMILL_LAKE if None.
        runs: only what these crawls fetched; everything if None.
        since: only what was fetched on this day (UTC) or later.
        sources_dir: catalogue; the setting NEWSMILL_SOURCES_DIR if None.

    Raises:
        CatalogueError: for a catalogue that is missing or broken.
    """
    settings = read_settings()
    root = Path(lake or settings.lake)
    report = publish_pages(root, Path(sources_dir or settings.sources_dir), settings, runs=runs, since=since)
    summary = run_report(str(root), {}, [report], {})
    show(summary, "publish")
    return summary


@task(name="publish-pages", cache_policy=NO_CACHE, persist_result=False)
def publish_pages(
    lake: Path,
    sources_dir: Path,
    settings: Settings,
    *,
    runs: Sequence[str] | None = None,
    since: date | None = None,
    window: Window | None = None,
) -> PublishReport:
    """:func:`flows.publishing.publisher.publish_raw` as a task, with its progress as an artifact.

    Args:
        lake: root folder.
        sources_dir: catalogue, whose facts the cleaning uses.
        settings: number of workers, pages per commit, duplicate window.
        runs: only what these crawls fetched; everything if None.
        since: only what was fetched on this day (UTC) or later.
        window: also publish articles of these days that an earlier backfill fetched and left out.
    """
    log = get_run_logger()
    frontier = open_frontier(lake, settings)
    try:
        how = replace(publishing(lake, sources_dir, settings), frontier=frontier.engine)
        report = publish_raw(Lake(lake), how, runs=runs, since=since, window=window)
        report.changed += refresh_coverage(Lake(lake), frontier.engine)
    finally:
        frontier.close()
    for record in report.lost:
        log.warning(
            "%s: %s byte %d is unreadable; a later run fetches it again", record.url, record.raw_file, record.raw_offset
        )
    report.changed += refresh_rewrites(Lake(lake))
    report.changed += refresh_reuse(Lake(lake))
    log.info("%d pages in %d commits, %.1f s of cleaning", report.pages, report.commits, report.seconds)
    return report


def publishing(lake: Path, sources_dir: Path, settings: Settings) -> Publishing:
    """How a flow publishes: with the catalogue's facts, and its progress as an artifact.

    Raises:
        CatalogueError: for a missing or broken catalogue: without it, zones, layout versions and site names would have
            their defaults, and the articles wrong dates and lines.
    """
    return Publishing(
        sources={name: source.facts() for name, source in load_catalogue(sources_dir).items()},
        decide=FingerprintIndex(lake, window_days=settings.duplicate_window_days).decide,
        workers=settings.publish_workers,
        batch_pages=settings.batch_pages,
        on_progress=_progress_artifact(),
    )


def _progress_artifact() -> Callable[[PublishProgress], None]:
    """Returns a callback that reports publishing progress to the server."""
    artifact: UUID | None = None

    def tell(progress: PublishProgress) -> None:
        nonlocal artifact
        for listener in listeners:
            listener(progress)
        if progress.done % PROGRESS_PAGES and progress.done != progress.listed:
            return
        share = 100.0 * progress.done / max(progress.listed, 1)
        if artifact is None:
            created = create_progress_artifact(share, description=f"{progress.listed} pages")
            artifact = created if isinstance(created, UUID) else None
        else:
            update_progress_artifact(artifact, share, description=f"{progress.done} of {progress.listed} pages")

    return tell
