"""Backfill: every article of a range of publication dates, in units that are each finished once.

A unit is one source on one publication day. The plan is shown first; then the range is processed in waves of a few
days: all sources of a wave are crawled side by side, its pages are published together (so that the earliest published
copy becomes the canonical one), and its units are finished. To resume a call that was killed, call it again: finished
units stay finished, and fetched pages are not fetched again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from flows.config import Project
from flows.crawling.jobs import CrawlJob, counts_by_run, crawl_job, run_jobs
from flows.crawling.runs import Run, is_finished, runs_asked_for
from flows.date_range import DateRange
from flows.lake.store import Lake
from flows.orchestration.orchestrator import Orchestrator
from flows.publishing.publisher import PublishReport
from flows.reports.backfill_outlook import Outlook, backfill_outlook
from flows.reports.html.range_page import range_page
from flows.reports.presentation import fail_if_all_broken, show
from flows.reports.range_report import RangeSource, answer, range_report, range_rows
from flows.reports.run_report import RunReport, run_report
from flows.reports.source_failures import source_failures
from flows.work.publish import publish_pages
from spiders.catalogue import select
from spiders.frontier.backfill_units import FINISHED, STARTED, Unit
from spiders.frontier.frontier import Counts, Frontier
from spiders.frontier.session import new_run_id
from spiders.system.whole_file import write_whole


@dataclass(frozen=True, slots=True)
class Wave:
    """Publication days that are committed together, and their unfinished units."""

    days: DateRange
    units: tuple[Unit, ...]

    @property
    def by_source(self) -> dict[str, list[Unit]]:
        """The units of each source, days in order."""
        grouped: dict[str, list[Unit]] = {}
        for unit in self.units:
            grouped.setdefault(unit.source, []).append(unit)
        return grouped


def backfill(
    run: Orchestrator,
    start: date,
    end: date,
    sources: list[str] | None = None,
    lake: str | None = None,
    sources_dir: str | None = None,
    allow: list[str] | None = None,
    wave_days: int | None = None,
    fast: bool = False,
) -> RunReport:
    """Fetch and publish what was published from ``start`` to ``end``, both inclusive (UTC).

    Args:
        run: what runs it.
        start: first publication day.
        end: last publication day.
        sources: names; every source enabled in the catalogue if None.
        lake: root folder; the setting NEWSMILL_LAKE if None.
        sources_dir: catalogue; the setting NEWSMILL_SOURCES_DIR if None.
        allow: loopback addresses HOST:PORT that may be reached: those of the sample web, and nothing else.
        wave_days: days committed together; the setting NEWSMILL_WAVE_DAYS if None.
        fast: ask for a second opinion only where the block model is unsure.

    Raises:
        ValueError: if the range ends before it begins.
        CrawlError: if every source failed.
    """
    days, project = DateRange(start, end), Project.of(lake, sources_dir)
    chosen = select(project.sources_dir, sources)
    with project.frontier() as frontier:
        units = plan(frontier, sorted(chosen), start, end)
        length = wave_days or project.settings.wave_days
        waves = waves_of(units, length)
        show_plan(run, units, waves, days, backfill_outlook(project.lake, frontier.engine, chosen, units, length))
        done, todo = 0, sum(len(w.units) for w in waves)
        progress = run.progress("units done")
        results = []
        for wave in waves:
            results.append(_work_off(run, project, wave, frontier, allow, fast=fast))
            done += len(wave.units)
            progress(100.0 * done / todo, f"{done} of {todo} units done")
        if waves:
            _show_range(run, project, obtained(project, frontier, sorted(chosen), days), days)
    report = run_report(
        str(project.lake),
        {run_id: counts for r in results for run_id, counts in r.crawled.items()},
        [r.published for r in results],
        {source: why for r in results for source, why in r.trouble.items()},
        chosen,
    )
    show(run, report, "backfill")
    if waves:
        fail_if_all_broken(report, {u.source for w in waves for u in w.units})
    return report


def plan(frontier: Frontier, sources: Sequence[str], start: date, end: date) -> list[Unit]:
    """Add the units of a range to the frontier, and return all of them with their states."""
    days = DateRange(start, end).days
    frontier.units.plan((source, day) for source in sources for day in days)
    return frontier.units.list(sources, start, end)


def waves_of(units: Iterable[Unit], length: int) -> list[Wave]:
    """The unfinished units in waves of ``length`` days, oldest first.

    Waves start at multiples of their length, whatever range was requested, so that another call splits them alike.
    """
    grouped: dict[int, list[Unit]] = {}
    for unit in units:
        if unit.state != FINISHED:
            grouped.setdefault(unit.day.toordinal() // length, []).append(unit)
    return [
        Wave(DateRange(min(u.day for u in group), max(u.day for u in group)), tuple(group))
        for _, group in sorted(grouped.items())
    ]


def show_plan(
    run: Orchestrator, units: Sequence[Unit], waves: Sequence[Wave], days: DateRange, outlook: Outlook
) -> None:
    """Show what will be done and what it will cost, as a table and in the log, before anything is done."""
    log = run.log
    states = Counter(u.state for u in units)
    left = sum(len(w.units) for w in waves)
    log.info(
        "plan: %s, %d units (source × day): %d finished before, %d to do in %d waves",
        days,
        len(units),
        states[FINISHED],
        left,
        len(waves),
    )
    for wave in waves:
        sources = wave.by_source
        log.info("plan: %s: %d units of %d sources", wave.days, len(wave.units), len(sources))
    log.info("plan: %s", outlook.headline)
    for one in outlook.sources:
        if one.obstacle:
            log.warning("plan: %s: %s", one.source, one.obstacle)
    begun = Counter(u.source for w in waves for u in w.units if u.attempts)
    rows = [{**row, "begun before": begun[str(row["source"])]} for row in outlook.rows()]
    run.table(rows, "newsmill-backfill-plan", f"{days}: {left} units to do; {outlook.headline}")


def obtained(project: Project, frontier: Frontier, sources: Sequence[str], days: DateRange) -> list[RangeSource]:
    """What the lake has of the range now, by source."""
    units = frontier.units.list(sources, days.first, days.last)
    return range_report(Lake(project.lake), frontier.engine, sources, units, days.first, days.last)


def range_file(root: Path, days: DateRange) -> Path:
    """Where a backfill writes what it obtained, as a page."""
    return root / "reports" / f"backfill-{days.first}-{days.last}.html"


def _show_range(run: Orchestrator, project: Project, found: Sequence[RangeSource], days: DateRange) -> None:
    """Show what the lake has of the range now, as a table and as a page."""
    page = range_file(project.lake, days)
    page.parent.mkdir(parents=True, exist_ok=True)
    write_whole(page, range_page(project.lake, found, days.first, days.last, datetime.now(UTC)))
    run.table(range_rows(found), "newsmill-backfill-range", f"{answer(found)}; {page}")
    run.log.info("%s; see %s", answer(found), page)


@dataclass(frozen=True, slots=True)
class _Result:
    """The result of a wave."""

    crawled: Mapping[str, Mapping[str, Counts]]
    published: PublishReport
    trouble: Mapping[str, str]


def _work_off(
    run: Orchestrator,
    project: Project,
    wave: Wave,
    frontier: Frontier,
    allow: Sequence[str] | None,
    *,
    fast: bool,
) -> _Result:
    """Crawl, publish and finish the units of one wave."""
    crawls = _crawls(wave, project.lake, project.settings.sources_per_process)
    jobs = [crawl_job(project, crawl, allow) for crawl in crawls]
    units = wave.by_source
    for job in jobs:
        for source in job.run.sources:
            frontier.units.start(source, [u.day for u in units[source]], job.run.run_id)
    failed = run_jobs(run, jobs, project.settings)
    runs = runs_asked_for(project.lake, wave.days, list(units))
    published = publish_pages(run, project, runs=runs, window=wave.days, fast=fast)
    trouble = {**_waiting(frontier, jobs), **source_failures(frontier, jobs, failed)}
    for source, own in units.items():
        worked_on = [u.day for u in own]
        if source in trouble:
            frontier.units.fail(source, worked_on, trouble[source])
        else:
            frontier.units.finish(source, worked_on)
    return _Result(counts_by_run(frontier, jobs), published, trouble)


def _crawls(wave: Wave, root: Path, size: int) -> Iterator[Run]:
    """The crawls that a wave needs: sources that want the same days share a process."""
    alike: dict[DateRange, list[str]] = {}
    for source, units in sorted(wave.by_source.items()):
        # Fully crawled by a call that was killed before publishing: only publishing is left.
        if all(u.state == STARTED and u.run_id and is_finished(root, u.run_id) for u in units):
            continue
        alike.setdefault(DateRange(units[0].day, units[-1].day), []).append(source)
    for days, sources in sorted(alike.items()):
        for first in range(0, len(sources), size):
            yield Run(new_run_id(datetime.now(UTC)), tuple(sources[first : first + size]), days)


def _waiting(frontier: Frontier, jobs: Sequence[CrawlJob]) -> dict[str, str]:
    """Sources whose crawl ended before their queue was empty: by the hour limit, their own limit, or a host that asked
    to wait."""
    left = {}
    for job in jobs:
        for source, counts in frontier.counts(job.run.run_id).items():
            if counts.pending:
                left[source] = f"{counts.pending} URLs still wait; call the backfill again"
    return left
