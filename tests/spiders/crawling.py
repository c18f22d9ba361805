"""Crawls of the sample web as processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from flows.sample.server import SampleWeb
from spiders.frontier.frontier import Frontier, default_path

ROOT = Path(__file__).resolve().parents[2]


class Crawls:
    """Starts crawls of one sample web into one lake."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.lake = folder / "lake"
        self.sources = folder / "sources"
        self.port = port
        self.settings = {"NEWSMILL_BACKOFF_SECONDS": "0.1"}
        self._runs = 0

    def command(self, spider: str = "news", **arguments: str) -> list[str]:
        given = {"lake": str(self.lake), "sources_dir": str(self.sources), "allow": f"127.0.0.1:{self.port}"}
        if spider == "news":
            self._runs += 1
            given["run_id"] = f"run-{self._runs:03d}"
        words = [f"{name}={value}" for name, value in {**given, **arguments}.items()]
        settings = [f"{name}={value}" for name, value in self.settings.items()]
        return [
            *(sys.executable, "-m", "scrapy", "crawl", spider),
            *(part for word in words for part in ("-a", word)),
            *(part for setting in settings for part in ("-s", setting)),
        ]

    def start(self, spider: str = "news", **arguments: str) -> subprocess.Popen[str]:
        # Without compiled modules every process spends a second on reading Scrapy.
        without = ("NEWSMILL_CONTACT", "PYTHONDONTWRITEBYTECODE")
        environment = {name: value for name, value in os.environ.items() if name not in without}
        return subprocess.Popen(
            self.command(spider, **arguments),
            cwd=ROOT,
            env=environment,
            text=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def run(self, spider: str = "news", **arguments: str) -> str:
        """Crawl to the end; what it logged."""
        process = self.start(spider, **arguments)
        _, log = process.communicate(timeout=120)
        assert process.returncode == 0, log
        return log

    def kill(self, process: subprocess.Popen[str]) -> None:
        process.send_signal(signal.SIGKILL)
        process.communicate()

    def frontier(self) -> Frontier:
        return Frontier(default_path(self.lake))


def new_crawls(folder: Path, web: SampleWeb, *names: str) -> Crawls:
    """A lake, with the catalogue of the sample web; of some sources only, where they are named."""
    made = Crawls(folder, web.port)
    web.write_sources(made.sources)
    for path in made.sources.glob("*.toml"):
        if names and path.stem not in names:
            path.unlink()
    return made
