"""The crawl of the world as an operator does it: the real `newsmill` commands, as processes."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.world.content import DAYS
from tests.world.processes import run
from tests.world.world import Served, World

REPOSITORY = Path(__file__).resolve().parents[2]


class Operator:
    """One lake and one catalogue for all sites of a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.lake = world.folder / "lake"
        self.sources = world.folder / "sources"
        home = world.folder / "home"
        home.mkdir(exist_ok=True)
        self.environment = {
            "HOME": str(home),
            "PREFECT_HOME": str(home / "prefect"),
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "NEWSMILL_CONTACT": "mailto:world@example.org",
            "COLUMNS": "200",
        }

    def newsmill(self, *words: str, seconds: float = 900.0) -> str:
        """Run a command; what it printed. Raises RuntimeError where it fails."""
        return run([sys.executable, "-m", "flows.cli", *words], REPOSITORY, self.environment, seconds)

    def add(self, served: Served) -> str:
        """`sources add`, and what the operator edits then: on, back to the oldest post, no wait."""
        allow = self.world.ports[0 if served.generator is None else 1]
        file = self.sources / f"{served.site.name}.toml"
        where = ("--sources-dir", str(self.sources), "--allow", allow)
        try:
            shown = self.newsmill("sources", "add", served.address + "/", *where)
        except RuntimeError as error:
            if not (served.generator and served.generator.sections):
                raise
            # Where nothing is found the operator writes the entry by hand.
            shown = str(error)
            file.parent.mkdir(exist_ok=True)
            file.write_text(_by_hand(served), encoding="utf-8")
        kept = [
            line
            for line in file.read_text(encoding="utf-8").splitlines()
            if not line.startswith(("enabled", "[politeness]", "delay_seconds", "concurrency"))
        ]
        first_table = next((number for number, line in enumerate(kept) if line.startswith("[")), len(kept))
        kept.insert(first_table, "enabled = true")
        # The archive at once: sitemaps are read back to their oldest day.
        kept += [
            "",
            "[politeness]",
            "delay_seconds = 0.0",
            "concurrency = 2",
            "",
            "[limits]",
            f"sitemap_days = {DAYS + 30}",
            "",
        ]
        file.write_text("\n".join(kept), encoding="utf-8")
        return shown

    def add_all(self) -> None:
        """Add every site of the world, some at a time: adding waits between its requests and hardly computes."""
        with ThreadPoolExecutor(max_workers=len(self.world.served())) as pool:
            list(pool.map(self.add, self.world.served()))

    def run(self, *words: str) -> str:
        """`run` over all sources."""
        return self.newsmill("run", *self._where(), *words)

    def _where(self) -> list[str]:
        allowed = [word for port in self.world.ports for word in ("--allow", port)]
        return ["--lake", str(self.lake), "--sources-dir", str(self.sources), *allowed]


def _by_hand(served: Served) -> str:
    """A catalogue entry with the section pages that a reader would find."""
    assert served.generator is not None
    values = {
        "name": served.site.name,
        "title": served.site.title,
        "home": served.address + "/",
        "hosts": [served.site.host],
        "timezone": served.site.timezone,
        "sections": [served.address + path for path in served.generator.sections],
    }
    return "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items())
