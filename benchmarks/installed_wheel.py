"""Walks through an installed wheel: every command answers, in a new environment, from an empty folder and HOME.

    python -m benchmarks.installed_wheel                        # builds the wheel of this checkout first
    python -m benchmarks.installed_wheel dist/newsmill-0.1.0-py3-none-any.whl
    python -m benchmarks.installed_wheel --keep /var/tmp/walk   # leaves environment and folders to look at

Prints a line for each step, and what a failed one said; ends with code 1 if any failed. Nothing but the package index
is asked. It takes some two minutes of CPU, most of them for the demo, which ends with 0 only if its lake is right by
its own truth.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
# Standing server with its deployments: 10 s on a free machine.
SERVE_SECONDS = 240
# Grace of serve for its worker and of that for a flow run.
STOP_SECONDS = 90
STEP_SECONDS = 600
DEPLOYMENTS = {"daily", "backfill", "archives", "crawl", "publish", "reclean"}
# Marks every process that a step starts, so that one that is left behind is found whoever its parent is now.
MARK = "INSTALLED_WHEEL_WALK"

PAGE = """<html lang="en"><head><title>The ferry is back - Post</title></head><body><nav><a href="/">Home</a></nav>
<article><h1>The ferry is back</h1>
<p>The ferry between the two banks of the river sails again since Monday, after eleven weeks in the yard.</p>
<p>Its engine was built anew, said the master, and the crossing now takes nine minutes instead of twelve.</p>
<p>Passengers who had taken the long way round by the northern bridge stood in line from six in the morning.</p>
<p>The fare stays as it was; the council decides in spring whether children shall sail free of charge.</p>
</article></body></html>"""

# Serves the sample web of the installed package until stdin is closed.
SAMPLE_WEB = """
import sys
from pathlib import Path
from flows.sample.server import SampleWeb
with SampleWeb() as web:
    web.write_sources(Path(sys.argv[1]))
    print(web.port, flush=True)
    sys.stdin.read()
"""


@dataclass
class Walk:
    """An environment with the wheel, an empty folder and an empty HOME; and what went wrong so far."""

    root: Path
    failed: list[str] = field(default_factory=list)

    @property
    def bin(self) -> Path:
        """Programs of the environment."""
        return self.root / "venv" / "bin"

    @property
    def folder(self) -> Path:
        """Where the commands run."""
        return self.root / "empty"

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the caller's but the system's programs."""
        return {
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "HOME": str(self.root / "home"),
            "LANG": "C.UTF-8",
            "COLUMNS": "200",
            MARK: self.root.name,
        }

    def step(self, words: str, *, says: str = "", code: int = 0, folder: Path | None = None) -> str:
        """Run newsmill with some words; returns its stdout. A traceback or another exit code is a failure."""
        begun = time.perf_counter()
        done = subprocess.run(
            [self.bin / "newsmill", *words.split()],
            cwd=folder or self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=STEP_SECONDS,
            check=False,
        )
        said = done.stdout + done.stderr
        wrong = []
        if done.returncode != code:
            wrong.append(f"exit code {done.returncode}, not {code}")
        if "Traceback" in said:
            wrong.append("a traceback")
        if says not in said:
            wrong.append(f"{says!r} is missing")
        self.tell(f"newsmill {words}", wrong, f"{time.perf_counter() - begun:.1f} s", said)
        return done.stdout

    def tell(self, what: str, wrong: list[str], note: str = "", said: str = "") -> None:
        """Print a step; remember it if something was wrong."""
        print(f"{'FAILED' if wrong else 'ok    '} {what}  {'; '.join(wrong) or note}", flush=True)
        if wrong:
            self.failed.append(what)
            print("\n".join(f"       | {line}" for line in said.splitlines()[-15:]))

    def left_behind(self) -> list[str]:
        """Processes of this walk that still run, with their command lines."""
        mark = f"{MARK}={self.root.name}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                    found.append(f"{entry.name} {command[:100]}")
            except OSError:  # it ended, or is another user's
                continue
        return found


def install(walk: Walk, wheel: Path | None) -> None:
    """Build the wheel unless one is given, and install it with the locked versions."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    if uv is None:
        raise SystemExit("uv is needed: make install has it in .venv/bin")
    environment = {**os.environ, "UV_LINK_MODE": "copy", "UV_NATIVE_TLS": "1", "UV_SYSTEM_CERTS": "1"}

    def run(*words: str | Path) -> None:
        subprocess.run([uv, *words], cwd=REPOSITORY, env=environment, check=True)

    if wheel is None:
        run("build", "-q", "--wheel", "--out-dir", walk.root / "dist")
        [wheel] = (walk.root / "dist").glob("*.whl")
    run("venv", "-q", "--python", sys.executable, walk.root / "venv")
    run("pip", "install", "-q", "--python", walk.bin / "python", "-c", "constraints.txt", wheel)
    print(f"installed {wheel.name}", flush=True)
    for name in ("empty", "home"):
        (walk.root / name).mkdir()


def commands(walk: Walk) -> None:
    """Everything that needs no web but its own."""
    walk.step("--version", says="newsmill ")
    walk.step("--help", says="newsmill demo")
    walk.step("status", code=1, says="--lake")
    demo = walk.step(f"demo --port {free_port()} --lake lake", says="three things to try next")
    walk.step("sources list", says="voice-of-america")
    walk.step("sources check --json", says='"broken": 0')
    walk.step("config", says="wave_days")
    walk.step("config --json", says='"settings"')
    walk.step("doctor --lake lake --sources-dir lake/sources")
    walk.step("status --lake lake")
    walk.step("failures --lake lake", says="http-404")
    walk.step("failures --lake lake --json", says='"outcome"')
    story = re.search(r"newsmill inspect (\w+)", demo)
    walk.step(f"inspect {story[1] if story else 'of-the-demo'} --lake lake", says="copies")
    walk.step("reclean --plan --lake lake --sources-dir lake/sources")
    walk.step("publish --lake lake --sources-dir lake/sources")
    walk.step("dedup --all --lake lake --out duplicates")
    walk.step("dedup --rebuild-index --lake lake")
    (walk.folder / "page.html").write_text(PAGE, encoding="utf-8")
    (walk.folder / "texts.jsonl").write_text(
        "".join(json.dumps({"id": str(n), "text": f"Text {n}. The ferry sails again."}) + "\n" for n in range(3)),
        encoding="utf-8",
    )
    walk.step("clean page.html", says="eleven weeks in the yard")
    walk.step("clean page.html --explain", says="eleven weeks in the yard")
    walk.step("dedup texts.jsonl --out texts")
    walk.step("dictionary", says="data/README.md")
    walk.step("init my-news", says="my-news")
    walk.step("config", folder=walk.folder / "my-news", says="newsmill.toml")
    walk.step("sources list", folder=walk.folder / "my-news")


def crawls(walk: Walk) -> None:
    """What fetches, against the sample web of the installed package."""
    web = subprocess.Popen(
        [walk.bin / "python", "-c", SAMPLE_WEB, "sources"],
        cwd=walk.folder,
        env=walk.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert web.stdin is not None
    assert web.stdout is not None
    try:
        allow = f"--sources-dir sources --lake own --allow 127.0.0.1:{web.stdout.readline().strip()}"
        days = "--from 2026-07-06 --to 2026-07-08"
        walk.step("sources check valley-notebook " + allow.replace("--lake own ", ""), says="valley-notebook")
        walk.step(f"run --source valley-notebook {allow}", says="valley-notebook")
        walk.step(f"backfill --plan --source metro-courier {days} {allow}", says="metro-courier")
        walk.step(f"backfill --source metro-courier {days} {allow}", says="metro-courier")
        walk.step(f"backfill --source metro-courier {days} {allow} --json")
    finally:
        web.stdin.close()
        web.wait(timeout=STOP_SECONDS)


def serve(walk: Walk) -> None:
    """A standing server comes up with its deployments and a worker, and ends whole at SIGTERM."""
    port = free_port()
    log = walk.root / "serve.log"
    with log.open("wb") as sink:
        server = subprocess.Popen(
            [walk.bin / "newsmill", "serve", "--port", str(port), "--lake", "served"],
            cwd=walk.folder,
            env=walk.environment,
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
    found: set[str] = set()
    workers = 0
    until = time.monotonic() + SERVE_SECONDS
    try:
        while time.monotonic() < until and server.poll() is None and not (found >= DEPLOYMENTS and workers):
            time.sleep(1)
            key = walk.folder / "served" / "state" / "server-key"
            if key.exists():
                found = {one["name"] for one in ask(port, "deployments/filter", key)}
                workers = len(ask(port, "work_pools/newsmill/workers/filter", key))
        missing = sorted(DEPLOYMENTS - found)
        wrong = [f"no deployment {name}" for name in missing] + ["no worker"] * (not workers)
        walk.tell(f"newsmill serve --port {port}", wrong, ", ".join(sorted(found)), log.read_text(errors="replace"))
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            code = server.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            code = server.wait()
    time.sleep(1)
    left = walk.left_behind()
    wrong = [f"exit code {code}"] * (code not in (0, 128 + signal.SIGTERM)) + [f"left behind: {one}" for one in left]
    walk.tell("newsmill serve, SIGTERM", wrong, f"exit code {code}, no process left", log.read_text(errors="replace"))


def ask(port: int, what: str, key: Path) -> list[dict[str, Any]]:
    """What the server says it has; nothing while it does not answer."""
    said = base64.b64encode(key.read_text(encoding="utf-8").strip().encode()).decode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/{what}",
        data=b"{}",
        headers={"Content-Type": "application/json", "Authorization": f"Basic {said}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            found: list[dict[str, Any]] = json.load(answer)
            return found
    except (OSError, urllib.error.URLError, ValueError):
        return []


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port: int = held.getsockname()[1]
        return port


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Walks through an installed wheel.")
    parser.add_argument("wheel", nargs="?", type=Path, help="built from this checkout if not given")
    parser.add_argument("--keep", type=Path, help="a new folder for the environment, which is kept")
    given = parser.parse_args()
    root = given.keep or Path(tempfile.mkdtemp(prefix="newsmill-wheel-"))
    root.mkdir(parents=True, exist_ok=True)
    walk = Walk(root.resolve())
    try:
        install(walk, given.wheel.resolve() if given.wheel else None)
        for part in (commands, crawls, serve):
            part(walk)
        walk.tell("no process left", [f"left behind: {one}" for one in walk.left_behind()])
    finally:
        if given.keep is None:
            shutil.rmtree(root, ignore_errors=True)
    print(f"{len(walk.failed)} steps failed" if walk.failed else "every step is right")
    return 1 if walk.failed else 0


if __name__ == "__main__":
    sys.exit(main())
