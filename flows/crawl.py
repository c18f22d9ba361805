"""The flow ``crawl``: one Scrapy process for each group of sources, supervised.

The ledger is the queue, so a crawl that was killed, timed out or retried goes on where it was. One source's
trouble never ends another's crawl; the flow fails when nothing at all could be had from any.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.futures import wait
from prefect.task_runners import ThreadPoolTaskRunner

from flows.config import Settings, open_ledger
from flows.process import ChildError, Children, ChildStopped, tail
from flows.report import RunReport, run_report
from flows.runs import Run, finish_run, new_run_id, save_run
from spiders.catalogue import CatalogueError, Source, load_catalogue
from spiders.ledger import Counts, Ledger
from spiders.outcomes import is_passing
from spiders.ways import Ways

REPOSITORY = Path(__file__).resolve().parents[1]
# A crawl process that dies is most often a machine short of memory or a full disk: some time helps, or nothing does.
RETRIES = 1
RETRY_SECONDS = 30
# Threads only wait for their process; how many of these run at once is the setting crawl_processes.
THREADS: Any = ThreadPoolTaskRunner(max_workers=64)


_LISTING_FAULT = re.compile(r"\[spiders\.explore\] WARNING: (?P<source>[a-z0-9-]+): \S+: (?P<issue>[a-z0-9-]+) \(")


# Scrapy ends with code 0 even when its spider could not start; its log tells.
FINISHED_LINE = "Spider closed (finished)"


class CrawlError(RuntimeError):
    """Nothing could be had from any source; the message names the faults and the logs."""


@dataclass(frozen=True, slots=True)
class CrawlJob:
    """One crawl process to run."""

    run: Run
    lake: Path
    sources_dir: Path
    ledger: str | None = None  # SQLAlchemy URL; a file in the lake when None
    allow: tuple[str, ...] = ()
    everything: bool = False  # look again at every page that was ever read, due or not

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.lake / "state" / "logs" / f"{self.run.run_id}-{self.run.sources[0]}.log"

    def argv(self) -> list[str]:
        """The command."""
        arguments = {
            "source": ",".join(self.run.sources),
            "lake": str(self.lake.resolve()),
            "run_id": self.run.run_id,
            "sources_dir": str(self.sources_dir.resolve()),
        }
        if self.run.window:
            arguments |= {"start": self.run.window[0].isoformat(), "end": self.run.window[1].isoformat()}
        if self.allow:
            arguments["allow"] = ",".join(self.allow)
        if self.ledger:
            arguments["ledger"] = self.ledger
        if self.everything:
            arguments["revisit"] = "all"
        return [
            sys.executable,
            "-m",
            "scrapy",
            "crawl",
            "news",
            *(word for name, value in arguments.items() for word in ("-a", f"{name}={value}")),
        ]


@task(
    name="crawl-process",
    task_run_name="crawl {job.run.sources}",
    retries=RETRIES,
    retry_delay_seconds=RETRY_SECONDS,
    retry_condition_fn=lambda _task, _run, state: not isinstance(state.result(raise_on_failure=False), ChildStopped),
    cache_policy=NO_CACHE,
    persist_result=False,
)
def crawl_process(job: CrawlJob, children: Children, timeout: float) -> None:
    """Run one crawl process to its end.

    Args:
        job: what to crawl.
        children: which ends the process when the flow ends.
        timeout: seconds.

    Raises:
        ChildError: when it fails; what it fetched until then is in the archive, and its queue in the ledger.
    """
    log = get_run_logger()
    environment = {"SCRAPY_SETTINGS_MODULE": "spiders.settings", "PYTHONPATH": str(REPOSITORY)}
    ended = children.run(job.argv(), log=job.log, cwd=REPOSITORY, env=environment, timeout=timeout)
    if ended.timed_out:
        log.warning("%s: stopped after %.0f s; the next run goes on with its queue", job.run.sources, ended.seconds)
        return
    if ended.code != 0 or FINISHED_LINE not in tail(job.log):
        raise ChildError(
            f"the crawl of {', '.join(job.run.sources)} ended with exit code {ended.code}; its log, {job.log}, ends:\n"
            f"{tail(job.log)}"
        )
    finish_run(job.lake, job.run)
    log.info("%s: crawled in %.0f s, log %s", ", ".join(job.run.sources), ended.seconds, job.log)


def run_jobs(jobs: Sequence[CrawlJob], settings: Settings) -> dict[str, str]:
    """Run crawl processes side by side, inside a flow.

    Returns:
        run_id → what went wrong, for the jobs that failed.
    """
    children = Children(settings.crawl_processes)
    try:
        futures = {job.run.run_id: crawl_process.submit(job, children, settings.crawl_hours * 3600) for job in jobs}
        wait(list(futures.values()))
    except BaseException:
        children.stop()  # a cancelled flow is told by an exception in this thread; the tasks' threads wait on
        raise
    failed: dict[str, str] = {}
    for run_id, future in futures.items():
        if future.state.is_failed() or future.state.is_crashed():
            failed[run_id] = str(future.state.message or future.state.name)
            get_run_logger().error("%s: %s", run_id, failed[run_id])
    return failed


@flow(name="crawl", task_runner=THREADS)
def crawl(
    lake: str | None = None,
    sources: list[str] | None = None,
    sources_dir: str | None = None,
    allow: list[str] | None = None,
    everything: bool = False,
) -> RunReport:
    """Fetch what is new at the sources, into the raw archive and the ledger.

    Args:
        lake: root folder; the setting NEWSMILL_LAKE when None.
        sources: names; all that are enabled in the catalogue when None.
        sources_dir: catalogue; the setting NEWSMILL_SOURCES_DIR when None.
        allow: loopback addresses HOST:PORT that may be reached: those of the sample web, and nothing else.
        everything: look again at every page that was ever read, due or not.

    Raises:
        CrawlError: when nothing could be had from any source.
        CatalogueError: for a catalogue that is broken, or a name that is not in it.
    """
    settings = Settings()
    root = Path(lake or settings.lake)
    catalogue = Path(sources_dir or settings.sources_dir)
    chosen = choose_sources(catalogue, sources)
    jobs, failed = crawl_sources(root, catalogue, chosen, settings, allow=allow, everything=everything)
    ledger = open_ledger(root, settings)
    try:
        trouble = troubles(ledger, jobs, failed)
        report = run_report(str(root), {j.run.run_id: ledger.counts(j.run.run_id) for j in jobs}, [], trouble)
    finally:
        ledger.close()
    show(report, "crawl")
    fail_if_all_broken(report, set(chosen))
    return report


def crawl_sources(
    lake: Path,
    sources_dir: Path,
    sources: Iterable[str],
    settings: Settings,
    *,
    allow: Sequence[str] | None = None,
    everything: bool = False,
) -> tuple[list[CrawlJob], dict[str, str]]:
    """Crawl sources in groups, inside a flow: the jobs, and what went wrong with those that failed."""
    names = iter(sorted(sources))
    jobs = []
    while group := tuple(islice(names, settings.sources_per_process)):
        run = Run(new_run_id(datetime.now(UTC)), group)
        save_run(lake, run)
        jobs.append(CrawlJob(run, lake, sources_dir, settings.ledger, tuple(allow or settings.allow), everything))
    return jobs, run_jobs(jobs, settings)


def choose_sources(catalogue: Path, names: Sequence[str] | None) -> dict[str, Source]:
    """The sources that were asked for; those that are enabled when none was.

    Raises:
        CatalogueError: for a name that the catalogue lacks, and when none is enabled.
    """
    every = load_catalogue(catalogue)
    unknown = sorted(set(names or ()) - every.keys())
    if unknown:
        raise CatalogueError(
            f"{', '.join(unknown)}: no such source in {catalogue}; see them with: newsmill sources list"
        )
    chosen = {n: s for n, s in every.items() if (n in names if names else s.enabled)}
    if not chosen:
        raise CatalogueError(f"no source in {catalogue} is enabled; set enabled = true in one, or name sources")
    return chosen


def troubles(ledger: Ledger, jobs: Sequence[CrawlJob], failed: Mapping[str, str]) -> dict[str, str]:
    """Sources that failed as a whole: their process died, no listing of theirs could be read, or no page.

    Args:
        ledger: of the lake.
        jobs: that ran.
        failed: as :func:`run_jobs` gives it.
    """
    found: dict[str, str] = {}
    for job in jobs:
        counts = ledger.counts(job.run.run_id)
        faults = listing_faults(job.log)
        for source in job.run.sources:
            own = counts.get(source)
            discovery = _of_backfill(faults.get(source, []), own) if job.run.window else _of_listings(ledger, source)
            died = failed.get(job.run.run_id, "").partition("\n")[0]
            if why := died or discovery or _of_pages(own):
                found[source] = why
    return found


def _of_listings(ledger: Ledger, source: str) -> str:
    """Why nothing could be discovered in a daily crawl; empty when some listing could be read."""
    listings = Ways(ledger.engine).load(source).values()
    if listings and all(way.issue for way in listings):
        return f"no listing could be read: {', '.join(sorted({str(way.issue) for way in listings}))}"
    return ""


def _of_backfill(faults: Sequence[str], counts: Counts | None) -> str:
    """Why a backfill is not complete. A listing that is gone for good does not make it so, unless there is no other."""
    if any(is_passing(fault) for fault in faults) or (faults and counts is None):
        return f"listings could not be read: {', '.join(sorted(set(faults)))}"
    return ""


def _of_pages(counts: Counts | None) -> str:
    """That every page failed; empty when one could be read, or none was tried."""
    if counts is not None and counts.failed and not (counts.fetched or counts.unchanged):
        return f"no page could be read: {', '.join(sorted(counts.failed))}"
    return ""


def listing_faults(log: Path) -> dict[str, list[str]]:
    """The listings that a backfill's crawl could not read, from its log: source → outcomes.

    The ledger keeps how the listings of a daily crawl fared, since the next one builds on it; a backfill reads
    listings of the past once, and tells of them in its log only.
    """
    faults: dict[str, list[str]] = {}
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else ():
        if told := _LISTING_FAULT.search(line):
            faults.setdefault(told["source"], []).append(told["issue"])
    return faults


def show(report: RunReport, key: str) -> None:
    """The report as a table artifact of the flow run, and its troubles in the log."""
    create_table_artifact(
        table=report.table(), key=f"newsmill-{key}", description=f"Outcomes by source: lake {report.lake}"
    )
    log = get_run_logger()
    for source in report.sources:
        if source.trouble:
            log.warning("%s: %s", source.source, source.trouble)
    total = report.total
    log.info(
        "%d discovered, %d fetched, %d kept, %d duplicates, %d rejected, %d failed",
        total.discovered,
        total.fetched,
        total.kept,
        total.duplicates,
        sum(total.rejected.values()),
        sum(total.failed.values()),
    )


def fail_if_all_broken(report: RunReport, asked: set[str]) -> None:
    """Raise CrawlError when every source that was asked for is in trouble."""
    broken = {s.source: s.trouble for s in report.sources if s.trouble and not (s.fetched or s.unchanged)}
    if asked and asked <= broken.keys():
        told = "\n".join(f"  {name}: {why}" for name, why in sorted(broken.items()))
        raise CrawlError(
            f"nothing could be had from any of {len(asked)} sources:\n{told}\n"
            f"Look at {report.lake}/state/logs, and at: newsmill failures --lake {report.lake}"
        )
