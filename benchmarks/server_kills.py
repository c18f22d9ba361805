"""Ends `newsmill serve` in the middle of a run, starts it again, and sees whether the next scheduled run completes.

    python -m benchmarks.server_kills FOLDER --rounds 20 --how kill
    python -m benchmarks.server_kills FOLDER --rounds 10 --how term --database postgresql+asyncpg://user@host/name

``kill``: server, worker, engine, crawl and their supervisor, all at once, by SIGKILL, as a power cut does.
``supervisor``: only `newsmill serve` itself by SIGKILL; the rest has to end by itself. ``term``, ``int``: that signal.
Every second round waits for the publishing part of the run, the others for its crawl. The folder gets a lake of the
sample web, which is served on loopback meanwhile.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil
import yaml
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterExpectedStartTime
from prefect.client.schemas.objects import FlowRun

from flows.sample.server import SampleWeb
from flows.serving.credentials import server_key
from flows.serving.deployments import deployments_file
from flows.serving.environment import MARK

# Sources of one run: a crawl of some seconds, which a machine that is busy with other work ends within a period too.
SOURCES = ("nordwind-zeitung", "metro-courier", "the-harbor-post")
SIGNALS = {"kill": signal.SIGKILL, "supervisor": signal.SIGKILL, "term": signal.SIGTERM, "int": signal.SIGINT}
# After a stop: the time within which the last process has to be gone.
GONE_SECONDS = 60.0
# A busy machine takes minutes for a start; more means that it never comes.
PATIENCE = 900.0
SERVE = """
from pathlib import Path
from flows.serving.supervisor import serve
serve(Path({lake!r}), {port}, deployments=Path({file!r}))
"""


@dataclass
class Stage:
    """One lake with its sample web, its deployments file and its server."""

    folder: Path
    period: int  # seconds
    database: str | None
    port: int = 0
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    serving: subprocess.Popen[bytes] | None = None  # the server that was started last

    @property
    def lake(self) -> Path:
        """The lake."""
        return self.folder / "lake"

    def start(self) -> subprocess.Popen[bytes]:
        """Start `newsmill serve`, its output going to the folder's ``serve.log``."""
        self.started = datetime.now(UTC)
        environment = {
            **os.environ,
            "PREFECT_WORKER_QUERY_SECONDS": "2",
            **({"PREFECT_SERVER_DATABASE_CONNECTION_URL": self.database} if self.database else {}),
        }
        code = SERVE.format(lake=str(self.lake), port=self.port, file=str(self.folder / "prefect.yaml"))
        with (self.folder / "serve.log").open("ab") as log:
            self.serving = subprocess.Popen(
                [sys.executable, "-c", code], env=environment, stdout=log, stderr=log, start_new_session=True
            )
        return self.serving

    def write(self, web: SampleWeb) -> None:
        """Write the catalogue and a deployments file that schedules ``daily`` every period."""
        web.write_sources(self.folder / "sources")
        with deployments_file() as file:
            deployments = yaml.safe_load(file.read_text(encoding="utf-8"))
        for one in deployments["deployments"]:
            if one["name"] == "daily":
                one["schedules"] = [{"interval": self.period}]
                one["parameters"] = {
                    "sources": list(SOURCES),
                    "sources_dir": str(self.folder / "sources"),
                    "allow": [f"127.0.0.1:{web.port}"],
                    "recrawl_all": True,
                }
        (self.folder / "prefect.yaml").write_text(yaml.safe_dump(deployments), encoding="utf-8")

    def forget_tables(self) -> None:
        """Take the tables away, so that the next run publishes everything again."""
        for table in ("articles", "duplicates", "revisions", "rewrites", "removals", "rejected", "aliases", "index"):
            shutil.rmtree(self.lake / table, ignore_errors=True)

    def processes(self) -> list[psutil.Process]:
        """What of this lake's server is alive."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(MARK) == str(self.lake.resolve()) and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def crawls(self) -> bool:
        """Whether a crawl process is at work."""
        return any("scrapy" in _command(one) for one in self.processes())

    def runs(self) -> list[FlowRun]:
        """The scheduled runs that were due since the server was started last."""
        due = FlowRunFilterExpectedStartTime(after_=self.started, before_=datetime.now(UTC))
        try:
            with SyncPrefectClient(f"http://127.0.0.1:{self.port}/api", auth_string=server_key(self.lake)) as client:
                runs = client.read_flow_runs(flow_run_filter=FlowRunFilter(expected_start_time=due))
        except Exception:
            return []
        return sorted(
            (run for run in runs if run.auto_scheduled), key=lambda run: run.expected_start_time or run.created
        )


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def wait(what: str, condition: Callable[[], object], seconds: float) -> float:
    """Wait until a condition holds; the seconds that took. Raises TimeoutError naming what was waited for."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise TimeoutError(what)
        time.sleep(0.2)
    return time.monotonic() - began


def completed(stage: Stage) -> FlowRun | None:
    """The first scheduled run since the start that completed."""
    return next((run for run in stage.runs() if run.state_name == "Completed"), None)


def stop(stage: Stage, serving: subprocess.Popen[bytes], how: str) -> None:
    """End the server as asked."""
    if how == "kill":
        for process in [psutil.Process(serving.pid), *stage.processes()]:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
    else:
        serving.send_signal(SIGNALS[how])


def round_trip(
    stage: Stage, serving: subprocess.Popen[bytes], how: str, phase: str
) -> tuple[str, subprocess.Popen[bytes]]:
    """One round: into the phase, the end, the new start, the next run. Returns its line and the new server."""
    if phase == "publish":
        wait("no crawl at work", lambda: not stage.crawls(), PATIENCE)
        stage.forget_tables()
    wait("a crawl begins", stage.crawls, PATIENCE)
    if phase == "publish":
        wait("the crawl ends", lambda: not stage.crawls(), PATIENCE)
    time.sleep(random.uniform(0, 3))
    at_work = len(stage.processes())
    stop(stage, serving, how)
    serving.wait(timeout=120)
    gone = wait("every process gone", lambda: not stage.processes(), GONE_SECONDS)
    serving = stage.start()
    up = wait("the server is up", stage.runs, PATIENCE)
    # Due after the start, whenever the server was up: counted from there.
    took = wait("a scheduled run completes", lambda: completed(stage), PATIENCE)
    run = completed(stage)
    assert run is not None
    assert run.end_time is not None
    assert run.expected_start_time is not None
    periods = (run.end_time - run.expected_start_time).total_seconds() / stage.period
    left = [one for one in stage.runs() if one.state_name == "Running"]
    return (
        f"{how:10} {phase:8} {at_work:3} processes, gone after {gone:4.1f} s; up {up:5.1f} s, "
        f"completed {up + took:5.1f} s after the start, {periods:.2f} periods after it was due; {len(left)} at work",
        serving,
    )


def main() -> None:
    """Run the rounds and print a line each, and a summary."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--how", choices=list(SIGNALS), default="kill")
    parser.add_argument("--period", type=int, default=60, help="seconds between scheduled runs")
    parser.add_argument("--database", help="SQLAlchemy URL of the server's database; SQLite when not given")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    stage = Stage(given.folder.resolve(), given.period, given.database, port)
    survived = 0
    with SampleWeb(port=0) as web:
        stage.write(web)
        serving = stage.start()
        try:
            for number in range(given.rounds):
                try:
                    line, serving = round_trip(stage, serving, given.how, ("crawl", "publish")[number % 2])
                except TimeoutError as error:
                    print(f"{given.how:10} LOST: waited in vain: {error}", flush=True)
                    break
                survived += 1
                print(line, flush=True)
        finally:
            if stage.serving is not None and stage.serving.poll() is None:
                stage.serving.terminate()
                stage.serving.wait(timeout=120)
    where = "PostgreSQL" if given.database else "SQLite"
    print(
        f"{survived} of {given.rounds} rounds by {given.how} on {where}: the next scheduled run completed; "
        f"{len(stage.processes())} processes left"
    )
    sys.exit(survived != given.rounds)


if __name__ == "__main__":
    main()
