"""Publishing: cleans, de-duplicates and commits what the raw archive has and the lake does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from flows.config import Project
from flows.date_range import DateRange
from flows.lake.store import Lake
from flows.orchestration.orchestrator import Orchestrator, Progress
from flows.publishing.publisher import Publishing, PublishReport, publish_raw
from flows.reports.presentation import show
from flows.reports.run_report import RunReport, run_report
from flows.work import progress
from flows.work.derived_tables import refresh_derived_tables
from spiders.catalogue import load_catalogue

if TYPE_CHECKING:
    from flows.duplicates.detector import FingerprintIndex
    from flows.publishing.batches import PublishProgress

# Pages between progress reports to the server: each call takes some milliseconds.
PROGRESS_PAGES = 250


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
    project = Project.of(lake, sources_dir)
    report = publish_pages(run, project, runs=runs, since=since, fast=fast)
    summary = run_report(str(project.lake), {}, [report], {})
    show(run, summary, "publish")
    return summary


def publish_pages(
    run: Orchestrator,
    project: Project,
    *,
    runs: Sequence[str] | None = None,
    since: date | None = None,
    window: DateRange | None = None,
    fast: bool = False,
) -> PublishReport:
    """:func:`flows.publishing.publisher.publish_raw` and what follows from it as one step, with its progress shown.

    Args:
        run: what runs it.
        project: lake, catalogue and settings: number of workers, pages per commit, duplicate window.
        runs: only what these crawls fetched; everything if None.
        since: only what was fetched on this day (UTC) or later.
        window: also publish articles of these days that an earlier backfill fetched and left out.
        fast: ask for a second opinion only where the block model is unsure.
    """

    def work() -> PublishReport:
        lake = Lake(project.lake)
        with project.frontier() as frontier:
            how = replace(publishing(run, project, fast=fast), frontier=frontier.engine)
            report = publish_raw(lake, how, runs=runs, since=since, window=window)
            report.changed += refresh_derived_tables(lake, frontier.engine)
        for lost in report.lost:
            run.log.warning(
                "%s: %s byte %d is unreadable; a later run fetches it again", lost.url, lost.raw_file, lost.raw_offset
            )
        if report.pages:
            run.log.info("%d pages in %d commits, %.1f s of cleaning", report.pages, report.commits, report.seconds)
        return report

    return run.step("publish-pages", work)


def publishing(run: Orchestrator, project: Project, *, fast: bool = False) -> Publishing:
    """How to publish: with the catalogue's facts, and its progress shown.

    Raises:
        CatalogueError: for a missing or broken catalogue: without it, zones, layout versions and site names would have
            their defaults, and the articles wrong dates and lines.
    """
    settings = project.settings
    return Publishing(
        sources={name: source.facts() for name, source in load_catalogue(project.sources_dir).items()},
        decide=lambda batch, *, again=(): _index(project).decide(batch, again=again),
        workers=settings.publish_workers,
        batch_pages=settings.batch_pages,
        fast=fast,
        on_progress=_progress(run),
    )


def _index(project: Project) -> FingerprintIndex:
    """The lake's fingerprints; loaded with DuckDB when there is a batch to decide on."""
    from flows.duplicates.detector import FingerprintIndex  # noqa: PLC0415

    return FingerprintIndex(project.lake, window_days=project.settings.duplicate_window_days)


def _progress(run: Orchestrator) -> Callable[[PublishProgress], None]:
    """Returns a callback that shows publishing progress."""
    update: Progress | None = None

    def tell(done: PublishProgress) -> None:
        nonlocal update
        for listener in progress.publishing:
            listener(done)
        if done.done % PROGRESS_PAGES and done.done != done.listed:
            return
        if update is None:
            update = run.progress(f"{done.listed} pages")
        update(100.0 * done.done / max(done.listed, 1), f"{done.done} of {done.listed} pages")

    return tell
