"""Imports pages from WARC files made by others, such as Common Crawl's CC-NEWS, into the
lake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from flows.config import Project
from flows.crawling.runs import Run, finish_run, save_run
from flows.date_range import DateRange
from flows.orchestration.orchestrator import Orchestrator
from flows.reports.presentation import show
from flows.reports.run_report import RunReport, run_report
from flows.work import progress
from flows.work.publish import publish_pages
from spiders.archive.download import addresses, download
from spiders.arguments import ArgumentError, user_agent
from spiders.catalogue import CatalogueError, load_catalogue
from spiders.frontier.session import new_run_id
from spiders.ingest import IngestProgress, Selection, find_archives, ingest, span_of
from spiders.settings import USER_AGENT


@dataclass(frozen=True, slots=True)
class ArchiveReport:
    """What the archives contained and what became of it."""

    archives: tuple[IngestProgress, ...]
    report: RunReport


def archives(
    run: Orchestrator,
    paths: list[str],
    lake: str | None = None,
    sources: list[str] | None = None,
    sources_dir: str | None = None,
    start: date | None = None,
    end: date | None = None,
    languages: list[str] | None = None,
    any_host: bool = False,
    fast: bool = False,
) -> ArchiveReport:
    """Read archives into the raw archive and publish what is unpublished.

    To resume a call that was killed, call it again: each archive continues after the last record that is in the lake.

    Args:
        run: what runs it.
        paths: files, folders, globs, addresses, or ``@LIST`` (one path or address per line), on this machine. Addresses
            are downloaded into ``state/archives`` first, and kept there, so that a second call need not download them
            again.
        lake: root folder; the setting NEWSMILL_LAKE if None.
        sources: only these sources.
        sources_dir: the catalogue (setting NEWSMILL_SOURCES_DIR if None); only pages on its hosts are imported, whether
            enabled or not, unless ``any_host``.
        start: first day of publication; unbounded if None.
        end: last day of publication, inclusive; unbounded if None.
        languages: accepted values of ``<html lang>``; any if empty.
        any_host: also pages on hosts that the catalogue does not name; their source is their registered domain, and
            they are cleaned with the default facts.
        fast: ask for a second opinion only where the block model is unsure.

    Raises:
        FileNotFoundError: for a pattern that matches no archive.
        DownloadError: for an address whose archive cannot be downloaded.
        ArgumentError: for addresses without NEWSMILL_CONTACT.
        CatalogueError: for a name that is not in the catalogue.
    """
    project = Project.of(lake, sources_dir)
    root, window = project.lake, DateRange.between(start, end)
    found = find_archives([*paths, *_downloaded(paths, root, project.settings.contact)])
    every = load_catalogue(project.sources_dir)
    unknown = sorted(set(sources or ()) - every.keys())
    if unknown:
        raise CatalogueError(f"{', '.join(unknown)}: not in {project.sources_dir}; see: newsmill sources list")
    chosen = {name: every[name] for name in sources or every}
    crawl = Run(new_run_id(datetime.now(UTC)), tuple(sorted(chosen)), window)
    save_run(root, crawl)
    selection = Selection(chosen, span_of(start, end), frozenset(languages or ()), any_host)
    with project.frontier() as frontier:
        read = ingest(found, selection, lake=root, frontier=frontier, run_id=crawl.run_id, report=_tell_listeners)
        finish_run(root, crawl)
        # Everything unpublished: a call that was killed left records under a run id of its own.
        published = publish_pages(run, project, window=window, fast=fast)
        report = run_report(str(root), {crawl.run_id: frontier.counts(crawl.run_id)}, [published], {})
    for one in read:
        left_out = dict(one.left_out)
        run.log.info("%s: %d records, %d taken, left out: %s", one.path.name, one.records, one.taken, left_out)
    show(run, report, "archives")
    return ArchiveReport(tuple(read), report)


def _tell_listeners(read: IngestProgress) -> None:
    for listener in progress.ingesting:
        listener(read)


def _downloaded(patterns: Sequence[str], lake: Path, contact: str) -> list[str]:
    """The patterns, with downloaded files in place of addresses."""
    named = addresses(patterns)
    if named and not contact:
        raise ArgumentError("set NEWSMILL_CONTACT, so that whoever serves the archives can reach you")
    agent = user_agent(USER_AGENT, contact, {})
    return [str(download(url, lake / "state" / "archives", agent)) for url in named]
