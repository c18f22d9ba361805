"""Crawl processes: what each is to do; run side by side under supervision."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path

from flows.config import Project, Settings, read_settings
from flows.crawling.child_processes import ChildError, Children, ChildStopped, tail
from flows.crawling.runs import Run, finish_run, save_run
from flows.orchestration.orchestrator import Orchestrator, Step
from spiders.frontier.frontier import Counts, Frontier
from spiders.frontier.session import new_run_id

# Where the packages lie: the checkout, or site-packages.
REPOSITORY = Path(__file__).resolve().parents[2]
# A dying crawl process most often means a machine short of memory or a full disk: either time helps or nothing does.
RETRIES = 1
RETRY_SECONDS = 30


# Scrapy exits with 0 even if its spider could not start; only its log shows it.
FINISHED_LINE = "Spider closed (finished)"


@dataclass(frozen=True, slots=True)
class CrawlJob:
    """One crawl process to run."""

    run: Run
    lake: Path
    sources_dir: Path
    frontier: str | None = None  # SQLAlchemy URL; None: a file in the lake
    allow: tuple[str, ...] = ()
    recrawl_all: bool = False  # revisit every page that was ever read, due or not

    @property
    def log(self) -> Path:
        """Path of its output."""
        return self.lake / "state" / "logs" / f"{self.run.run_id}-{self.run.sources[0]}.log"

    def argv(self) -> list[str]:
        """The command line."""
        arguments = {
            "source": ",".join(self.run.sources),
            "lake": str(self.lake.resolve()),
            "run_id": self.run.run_id,
            "sources_dir": str(self.sources_dir.resolve()),
        }
        if self.run.window:
            arguments |= {"start": self.run.window.first.isoformat(), "end": self.run.window.last.isoformat()}
        if self.allow:
            arguments["allow"] = ",".join(self.allow)
        if self.frontier:
            arguments["frontier"] = self.frontier
        if self.recrawl_all:
            arguments["revisit"] = "all"
        return [
            sys.executable,
            "-m",
            "scrapy",
            "crawl",
            "news",
            "-s",
            f"NEWSMILL_PARENT={os.getpid()}",
            *(word for name, value in arguments.items() for word in ("-a", f"{name}={value}")),
        ]


def crawl_process(run: Orchestrator, job: CrawlJob, children: Children, timeout: float) -> None:
    """Run one crawl process to its end.

    Args:
        run: what runs it.
        job: what to crawl.
        children: ends the process when the flow ends.
        timeout: seconds.

    Raises:
        ChildError: if it fails; what it fetched until then is in the archive, and its queue in the frontier.
    """
    log = run.log
    environment = spider_environment(read_settings())
    ended = children.run(job.argv(), log=job.log, cwd=REPOSITORY, env=environment, timeout=timeout)
    if ended.timed_out:
        log.warning("%s: stopped after %.0f s; the next run continues its queue", job.run.sources, ended.seconds)
        return
    if ended.code != 0 or FINISHED_LINE not in tail(job.log):
        raise ChildError(
            f"the crawl of {', '.join(job.run.sources)} ended with exit code {ended.code}; its log, {job.log}, ends:\n"
            f"{tail(job.log)}"
        )
    finish_run(job.lake, job.run)
    log.info("%s: crawled in %.0f s, log %s", ", ".join(job.run.sources), ended.seconds, job.log)


def spider_environment(settings: Settings) -> dict[str, str]:
    """The variables of a process that runs a spider: it reads no settings file by itself."""
    return {
        "SCRAPY_SETTINGS_MODULE": "spiders.settings",
        "PYTHONPATH": str(REPOSITORY),
        "NEWSMILL_CONTACT": settings.contact,
        "NEWSMILL_CHROMIUM": settings.chromium,
    }


def run_jobs(run: Orchestrator, jobs: Sequence[CrawlJob], settings: Settings) -> dict[str, str]:
    """Run crawl processes side by side.

    Returns:
        run_id → what went wrong, for the jobs that failed.
    """
    children = Children(settings.crawl_processes)
    timeout = settings.crawl_hours * 3600
    steps = [
        Step(
            key=job.run.run_id,
            name=f"crawl {', '.join(job.run.sources)}",
            work=partial(crawl_process, run, job, children, timeout),
            retries=RETRIES,
            retry_seconds=RETRY_SECONDS,
            final=(ChildStopped,),
        )
        for job in jobs
    ]
    try:
        return run.side_by_side("crawl-process", steps)
    except BaseException:
        children.stop()  # whoever is interrupted raises in this thread; the steps' threads keep waiting
        raise


def crawl_sources(
    run: Orchestrator,
    project: Project,
    sources: Iterable[str],
    *,
    allow: Sequence[str] | None = None,
    recrawl_all: bool = False,
) -> tuple[list[CrawlJob], dict[str, str]]:
    """Crawl sources in groups; returns the jobs, and what went wrong with those that failed."""
    names = iter(sorted(sources))
    jobs = []
    while group := tuple(islice(names, project.settings.sources_per_process)):
        jobs.append(crawl_job(project, Run(new_run_id(datetime.now(UTC)), group), allow, recrawl_all=recrawl_all))
    return jobs, run_jobs(run, jobs, project.settings)


def crawl_job(project: Project, crawl: Run, allow: Sequence[str] | None, *, recrawl_all: bool = False) -> CrawlJob:
    """The job of a crawl, which is recorded before it starts."""
    save_run(project.lake, crawl)
    settings = project.settings
    allowed = tuple(allow or settings.allow)
    return CrawlJob(crawl, project.lake, project.sources_dir, settings.frontier, allowed, recrawl_all)


def counts_by_run(frontier: Frontier, jobs: Iterable[CrawlJob]) -> dict[str, Mapping[str, Counts]]:
    """What the frontier counted of each crawl: run_id → source → counts."""
    return {job.run.run_id: frontier.counts(job.run.run_id) for job in jobs}
