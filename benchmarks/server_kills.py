"""Ends `newsmill serve` in the middle of a run, starts it again, and sees whether the next scheduled run completes.

    python -m benchmarks.server_kills FOLDER --rounds 20 --how kill
    python -m benchmarks.server_kills FOLDER --rounds 40 --how kill kill term int --database postgresql+asyncpg://user@host/name

``kill``: server, worker, engine, crawl and their supervisor, all at once, by SIGKILL, as a power cut does.
``supervisor``: only `newsmill serve` itself by SIGKILL; the rest has to end by itself. ``term``, ``int``: that signal.
Every second round waits for the publishing part of the run, the others for its crawl; the run that is hit is started
at once, the one that has to complete is a scheduled one: within two periods from when the server answers again. The
folder gets a lake of the sample web, which is served on loopback meanwhile.
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

# Source of one run: a crawl of some seconds, which a machine that is busy with other work ends within a period too.
SOURCES = ("the-harbor-post",)
SIGNALS = {"kill": signal.SIGKILL, "supervisor": signal.SIGKILL, "term": signal.SIGTERM, "int": signal.SIGINT}
POLL_SECONDS = 0.4
# After a stop: the time within which the last process has to be gone.
GONE_SECONDS = 60.0
# The next run is due within one period, and may take another.
PERIODS = 2.0
# The environment of a process that is older than this stays what it is.
SETTLED_SECONDS = 10.0
# Seconds into the phase, at most, at which the end comes: a publish of these sources takes some three.
SPREAD = 2.5
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
    known: dict[tuple[int, float], bool] = field(default_factory=dict)  # processes seen before: whether ours

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
        found, known = [], {}
        for process in psutil.process_iter():
            key = (process.pid, process.create_time())
            try:
                ours = self.known.get(key)
                # A process may be between its fork and its program: only what is ours is remembered for good.
                if ours is None or (not ours and time.time() - key[1] < SETTLED_SECONDS):
                    ours = process.environ().get(MARK) == str(self.lake.resolve())
                known[key] = ours
                if ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        self.known = known
        return found

    def crawls(self) -> bool:
        """Whether a crawl process is at work."""
        return any("scrapy" in _command(one) for one in self.processes())

    def publishes(self) -> bool:
        """Whether a flow run is at work beyond its crawl."""
        return not self.crawls() and any("prefect.engine" in _command(one) for one in self.processes())

    def client(self) -> SyncPrefectClient:
        """A client of the server."""
        return SyncPrefectClient(f"http://127.0.0.1:{self.port}/api", auth_string=server_key(self.lake))

    def begin(self) -> None:
        """Start a run of ``daily`` now. Where one is at work already, this one is cancelled."""
        with self.client() as client:
            deployment = client.read_deployment_by_name("daily/daily")
            client.create_flow_run_from_deployment(deployment.id)

    def answers(self) -> bool:
        """Whether the server is up, with its worker."""
        try:
            with self.client() as client:
                client.hello().raise_for_status()
        except Exception:
            return False
        return any("worker start" in _command(one) for one in self.processes())

    def runs(self) -> list[FlowRun]:
        """The scheduled runs that were due since the server was started last."""
        due = FlowRunFilterExpectedStartTime(after_=self.started, before_=datetime.now(UTC))
        try:
            with self.client() as client:
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
        time.sleep(POLL_SECONDS)
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


@dataclass(frozen=True, slots=True)
class Round:
    """What one round saw."""

    line: str
    is_mid_run: bool  # a run was at work when the end came
    is_in_time: bool


def round_trip(
    stage: Stage, serving: subprocess.Popen[bytes], how: str, phase: str
) -> tuple[Round, subprocess.Popen[bytes]]:
    """One round: into the phase, the end, the new start, the next run. Returns what was seen, and the new server."""
    wait("nothing is at work", lambda: not (stage.crawls() or stage.publishes()), PATIENCE)
    if phase == "publish":
        stage.forget_tables()
    stage.begin()
    wait("a crawl begins", stage.crawls, PATIENCE)
    if phase == "publish":
        wait("the crawl ends", lambda: not stage.crawls(), PATIENCE)
    time.sleep(random.uniform(0, SPREAD))
    hit = "crawl" if stage.crawls() else "publish" if stage.publishes() else "between runs"
    at_work = len(stage.processes())
    stop(stage, serving, how)
    serving.wait(timeout=120)
    gone = wait("every process gone", lambda: not stage.processes(), GONE_SECONDS)
    serving = stage.start()
    up = wait("the server is up", stage.answers, PATIENCE)
    answered = datetime.now(UTC)
    wait("a scheduled run completes", lambda: completed(stage), PATIENCE)
    run = completed(stage)
    assert run is not None
    assert run.end_time is not None
    periods = (run.end_time - answered).total_seconds() / stage.period
    stuck = [one for one in stage.runs() if one.state_name == "Running" and one.created < answered]
    line = (
        f"{how:10} in {hit:12} {at_work:3} processes, gone after {gone:4.1f} s; up after {up:5.1f} s, "
        f"a scheduled run completed {periods:.2f} periods later; {len(stuck)} stuck"
    )
    return Round(line, hit != "between runs", periods <= PERIODS and not stuck), serving


def main() -> None:
    """Run the rounds and print a line each, and a summary."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--how", choices=list(SIGNALS), nargs="+", default=["kill"], help="in turn, two rounds each")
    parser.add_argument("--period", type=int, default=60, help="seconds between scheduled runs")
    parser.add_argument("--seconds", type=int, help="begin no round after this many seconds")
    parser.add_argument("--database", help="SQLAlchemy URL of the server's database; SQLite when not given")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the server is ended then, too
    # A shell's background job ignores Ctrl-C, and would hand that on to the server.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    stage = Stage(given.folder.resolve(), given.period, given.database, port)
    rounds: list[Round] = []
    tried = lost = 0
    begun = time.monotonic()
    with SampleWeb(port=0) as web:
        stage.write(web)
        serving = stage.start()
        try:
            wait("the server is up", stage.answers, PATIENCE)
            # A run that was over when its end came shows nothing: another round is made for it.
            while sum(one.is_mid_run for one in rounds) < given.rounds:
                if given.seconds and time.monotonic() - begun > given.seconds:
                    break
                how = given.how[tried // 2 % len(given.how)]
                tried += 1
                try:
                    made, serving = round_trip(stage, serving, how, ("crawl", "publish")[tried % 2])
                except (TimeoutError, subprocess.TimeoutExpired) as error:
                    print(f"{how:10} LOST: waited in vain: {error}", flush=True)
                    lost = 1
                    break
                rounds.append(made)
                print(made.line, flush=True)
        finally:
            if stage.serving is not None and stage.serving.poll() is None:
                stage.serving.terminate()
                stage.serving.wait(timeout=120)
    hit = sum(one.is_mid_run for one in rounds) + lost
    survived = sum(one.is_mid_run and one.is_in_time for one in rounds)
    where = "PostgreSQL" if given.database else "SQLite"
    print(
        f"{survived} of {hit} rounds in mid-run by {' '.join(given.how)} on {where}: the next scheduled run completed "
        f"within {PERIODS:.0f} periods of {given.period} s; "
        f"{len(stage.processes())} processes left"
    )
    sys.exit(lost or survived != hit)


if __name__ == "__main__":
    main()
