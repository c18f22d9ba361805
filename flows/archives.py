"""The flow ``archives``: imports pages from WARC files made by others, such as Common Crawl's CC-NEWS, into the
lake."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from prefect import flow, get_run_logger

from flows.config import open_frontier, read_settings
from flows.crawling.jobs import THREADS
from flows.crawling.runs import Run, finish_run, save_run
from flows.publish import publish_pages
from flows.reports.artifacts import show
from flows.reports.deployment_runs import RECORDED
from flows.reports.run_report import RunReport, run_report
from spiders.archive.download import addresses, download
from spiders.arguments import ArgumentError, user_agent
from spiders.catalogue import CatalogueError, load_catalogue
from spiders.frontier.session import new_run_id
from spiders.ingest import IngestProgress, Selection, find_archives, ingest, span_of
from spiders.settings import USER_AGENT

# Bounds for open ranges: what a run was asked for is stored with both ends.
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class ArchiveReport:
    """What the archives contained and what became of it."""

    archives: tuple[IngestProgress, ...]
    report: RunReport


def take_archives(
    patterns: Sequence[str],
    *,
    lake: Path,
    sources_dir: Path,
    sources: Sequence[str] | None = None,
    start: date | None = None,
    end: date | None = None,
    languages: Sequence[str] = (),
    on_progress: Callable[[IngestProgress], None] = lambda _: None,
) -> ArchiveReport:
    """Read archives into the raw archive and publish what is unpublished, inside a flow.

    To resume a call that was killed, call it again: each archive continues after the last record that is in the lake.

    Args:
        patterns: files, folders, globs, addresses, or ``@LIST`` (one path or address per line). Addresses are
        downloaded into ``state/archives`` first, and kept there, so that a second call need not download them again.
        lake: root folder.
        sources_dir: the catalogue; only pages on its hosts are imported, whether enabled or not.
        sources: only these sources. start, end: publication days, both inclusive; unbounded if None.
        languages: accepted values of ``<html lang>``; any if empty.
        on_progress: called after each batch of records.

    Raises:
        FileNotFoundError: for a pattern that matches no archive.
        DownloadError: for an address whose archive cannot be downloaded.
        ArgumentError: for addresses without NEWSMILL_CONTACT.
        CatalogueError: for a name that is not in the catalogue.
    """
    settings = read_settings()
    paths = find_archives([*patterns, *_downloaded(patterns, lake, settings.contact)])
    every = load_catalogue(sources_dir)
    unknown = sorted(set(sources or ()) - every.keys())
    if unknown:
        raise CatalogueError(f"{', '.join(unknown)}: not in {sources_dir}; see: newsmill sources list")
    chosen = {name: every[name] for name in sources or every}
    window = (start or FIRST_DAY, end or LAST_DAY) if start or end else None
    run = Run(new_run_id(datetime.now(UTC)), tuple(sorted(chosen)), window)
    save_run(lake, run)
    selection = Selection(chosen, span_of(start, end), frozenset(languages))
    frontier = open_frontier(lake, settings)
    try:
        read = ingest(paths, selection, lake=lake, frontier=frontier, run_id=run.run_id, report=on_progress)
        finish_run(lake, run)
        # Everything unpublished: a call that was killed left records under a run id of its own.
        published = publish_pages(lake, sources_dir, settings, window=window)
        report = run_report(str(lake), {run.run_id: frontier.counts(run.run_id)}, [published], {})
    finally:
        frontier.close()
    return ArchiveReport(tuple(read), report)


def _downloaded(patterns: Sequence[str], lake: Path, contact: str) -> list[str]:
    """The patterns, with downloaded files in place of addresses."""
    named = addresses(patterns)
    if named and not contact:
        raise ArgumentError("set NEWSMILL_CONTACT, so that whoever serves the archives can reach you")
    agent = user_agent(USER_AGENT, contact, {})
    return [str(download(url, lake / "state" / "archives", agent)) for url in named]


@flow(name="archives", task_runner=THREADS, **RECORDED)
def archives(
    paths: list[str],
    lake: str | None = None,
    sources: list[str] | None = None,
    sources_dir: str | None = None,
    start: date | None = None,
    end: date | None = None,
    languages: list[str] | None = None,
) -> RunReport:
    """:func:`take_archives` as a deployment: paths are on the worker's machine."""
    settings = read_settings()
    log = get_run_logger()
    taken = take_archives(
        paths,
        lake=Path(lake or settings.lake),
        sources_dir=Path(sources_dir or settings.sources_dir),
        sources=sources,
        start=start,
        end=end,
        languages=languages or (),
    )
    for one in taken.archives:
        log.info("%s: %d records, %d taken, left out: %s", one.path.name, one.records, one.taken, dict(one.left_out))
    show(taken.report, "archives")
    return taken.report
