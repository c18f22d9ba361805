"""`newsmill serve` lets nobody in, ends all that it started, and heals after it was killed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.states import Running

from flows.crawling.child_processes import ChildError
from flows.serving.credentials import CLIENT_VARIABLE, server_key
from flows.serving.environment import MARK
from flows.serving.supervisor import serve
from spiders.fetching.browser import NoBrowser, find_chromium
from tests.flows.conftest import REPOSITORY

try:
    from playwright.sync_api import sync_playwright

    CHROMIUM = find_chromium()
    NO_BROWSER = ""
except (ImportError, NoBrowser) as error:
    NO_BROWSER = str(error)

pytestmark = pytest.mark.slow

START_SECONDS = 600
SERVE = "from pathlib import Path; from flows.serving.supervisor import serve; serve(Path({lake!r}), {port})"


def until(what: str, condition: Callable[[], object], seconds: float = START_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


class Standing:
    """A server of its own for some tests, started and stopped as an operator does."""

    def __init__(self, lake: Path) -> None:
        self.lake = lake
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
        environment |= {"PYTHONPATH": str(REPOSITORY), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
        code = SERVE.format(lake=str(self.lake), port=self.port)
        self.process = subprocess.Popen([sys.executable, "-c", code], env=environment, cwd="/", start_new_session=True)
        until("the worker is up", self.worker)

    def processes(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(MARK) == str(self.lake.resolve()) and process.status() != "zombie":
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def worker(self) -> list[psutil.Process]:
        assert self.process is not None
        assert self.process.poll() is None
        found = []
        for one in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                found += [one] if "worker" in one.cmdline() else []
        return found

    def client(self) -> SyncPrefectClient:
        return SyncPrefectClient(f"{self.url}/api", auth_string=server_key(self.lake))

    def ask(self, path: str, body: object = None, **headers: str) -> int:
        data = None if body is None else json.dumps(body).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}{path}", data=data, headers=sent)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def end(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(120)
        until("every process is gone", lambda: not self.processes(), 60)


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    server = Standing(tmp_path_factory.mktemp("standing") / "lake")
    try:
        server.start()
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.end(signal.SIGTERM)


def test_nobody_without_the_key_gets_in_and_nobody_chooses_a_command(standing: Standing, tmp_path: Path) -> None:
    with standing.client() as client:
        [publish] = [d for d in client.read_deployments() if d.name == "publish"]
    path = f"/api/deployments/{publish.id}/create_flow_run"
    body = {"job_variables": {"command": f"touch {tmp_path / 'pwned'}"}, "state": {"type": "SCHEDULED"}}
    assert standing.ask(path, body) == 401
    assert standing.ask(path, body, Origin="https://evil.example") == 401
    assert standing.ask(path, body, Origin=standing.url) == 401
    assert standing.ask(path, {}, Authorization="Basic bm9ib2R5Om5vdGhpbmc=") == 401
    assert standing.ask("/api/deployments/filter", {}, Host="evil.example") == 400
    key = "Basic " + b64encode(server_key(standing.lake).encode()).decode()
    assert standing.ask("/api/deployments/filter", {}, Authorization=key, Host="evil.example") == 400
    assert standing.ask("/api/deployments/filter", {}, Authorization=key) == 200
    for variables in ({"command": "true"}, {"env": {"A": "b"}}, {"working_dir": "/"}):
        told = {"job_variables": variables, "state": {"type": "SCHEDULED"}}
        assert standing.ask(path, told, Authorization=key) == 422
    assert not (tmp_path / "pwned").exists()


@pytest.mark.browser
@pytest.mark.skipif(bool(NO_BROWSER), reason=f"no browser: {NO_BROWSER}")
def test_the_page_shows_the_deployments_to_who_has_the_key_and_to_nobody_else(
    standing: Standing, tmp_path: Path
) -> None:
    """``NEWSMILL_SCREENSHOT=FILE`` keeps what it looked like."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(120_000)
        page.goto(f"{standing.url}/deployments")
        for key in ("nobody:nothing", server_key(standing.lake)):
            assert not page.get_by_text("daily").count()
            page.get_by_placeholder("admin:pass").fill(key)
            with page.expect_response(lambda answer: "/api/" in answer.url) as answer:
                page.get_by_role("button", name="Login").click()
        assert answer.value.status == 200
        for name in ("daily", "publish"):
            page.get_by_text(name, exact=True).first.wait_for()
        page.screenshot(path=os.environ.get("NEWSMILL_SCREENSHOT", tmp_path / "page.png"))
        browser.close()


def test_the_worker_and_the_command_line_get_in(standing: Standing) -> None:
    with standing.client() as client:
        [publish] = [d for d in client.read_deployments() if d.name == "publish"]
        run = client.create_flow_run_from_deployment(publish.id)
        until("the run ends", lambda: (state := client.read_flow_run(run.id).state) and state.is_final())
        assert client.read_flow_run(run.id).state_name == "Completed"
    command = [sys.executable, "-m", "prefect", "deployment", "ls"]
    address = {"PREFECT_API_URL": f"{standing.url}/api"}
    for key, seen in ((server_key(standing.lake), True), ("nobody:nothing", False)):
        told = os.environ | address | {CLIENT_VARIABLE: key}
        listed = subprocess.run(command, env=told, capture_output=True, text=True, check=False)
        assert ("daily/daily" in listed.stdout) is seen, listed.stderr


def test_no_file_of_the_state_can_be_read_by_others(standing: Standing) -> None:
    state = standing.lake / "state"
    assert state.stat().st_mode & 0o077 == 0
    assert (state / "prefect").stat().st_mode & 0o077 == 0
    assert (state / "prefect" / "prefect.db").stat().st_mode & 0o077 == 0


def test_a_second_server_of_a_lake_is_refused(standing: Standing) -> None:
    with pytest.raises(ChildError, match="another `newsmill serve`"):
        serve(standing.lake)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_whatever_ends_it_no_process_stays_and_the_next_start_frees_the_slot(standing: Standing, number: int) -> None:
    with standing.client() as client:
        [daily] = [d for d in client.read_deployments() if d.name == "daily"]
        run = client.create_flow_run_from_deployment(daily.id)
        client.set_flow_run_state(run.id, Running(), force=True)
        limit = daily.global_concurrency_limit
        assert limit is not None
        client.increment_concurrency_slots([limit.name], 1, "concurrency")
    standing.end(number)
    standing.start()
    with standing.client() as client:
        assert client.read_flow_run(run.id).state_name == "Crashed"
        [daily] = [d for d in client.read_deployments() if d.name == "daily"]
        assert daily.global_concurrency_limit is not None
        assert daily.global_concurrency_limit.active_slots == 0
