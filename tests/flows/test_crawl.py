"""A crawl is one supervised process: no flow leaves it behind, and only all sources failing fails the flow."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.config import Settings
from flows.crawl import crawl
from flows.crawling.jobs import CrawlJob
from flows.crawling.runs import Run
from flows.reports.presentation import CrawlError, fail_if_all_broken
from flows.reports.run_report import RunReport, SourceReport
from flows.sample.server import SampleWeb
from spiders.catalogue import CatalogueError, select
from tests.flows.conftest import REPOSITORY, Crawled

pytestmark = pytest.mark.slow

WAIT_SECONDS = 90.0
CALLS = {
    "as a flow": """
import sys
from flows.crawl import crawl
if __name__ == "__main__":
    lake, sources_dir, allow = sys.argv[1:]
    crawl(lake, ["slow-road"], sources_dir, [allow])
""",
    "without Prefect": """
import sys
from flows.cli.app import main
if __name__ == "__main__":
    lake, sources_dir, allow = sys.argv[1:]
    words = ["--lake", lake, "--sources-dir", sources_dir, "--allow", allow, "-s", "slow-road"]
    sys.argv = ["newsmill", "run", *words]
    main()
""",
}


def crawl_processes(lake: Path) -> list[int]:
    """Crawl processes of a lake, by their command lines."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"scrapy" in words and f"lake={lake}".encode() in words:
            found.append(int(folder.name))
    return found


def until(condition: object) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("call_as", CALLS)
def test_a_flow_that_is_cancelled_or_killed_leaves_no_crawl_behind(
    engine: dict[str, str], tmp_path: Path, how: signal.Signals, call_as: str
) -> None:
    if call_as == "without Prefect":
        engine = {name: value for name, value in engine.items() if name != "PREFECT_API_URL"}
    lake = tmp_path / "lake"
    with SampleWeb(port=0) as web:
        web.write_sources(tmp_path / "sources")
        words = [str(lake), str(tmp_path / "sources"), f"127.0.0.1:{web.port}"]
        call = subprocess.Popen([sys.executable, "-c", CALLS[call_as], *words], env=engine, cwd=REPOSITORY)
        until(lambda: any("/robots.txt" not in r.path for r in web.log) or call.poll() is not None)
        assert crawl_processes(lake)
        call.send_signal(how)
        call.wait(WAIT_SECONDS)
        if how is signal.SIGKILL:
            until(lambda: not crawl_processes(lake))
        assert not crawl_processes(lake)


def test_a_crawl_from_which_nothing_can_be_had_fails_loudly(engine: dict[str, str], tmp_path: Path) -> None:
    with SampleWeb(port=0) as web:
        [file] = [p for p in web.write_sources(tmp_path / "sources") if p.stem == "metro-courier"]
        file.write_text(file.read_text().replace(str(web.port), "1"))
        with pytest.raises(CrawlError, match="metro-courier"):
            crawl(str(tmp_path / "lake"), ["metro-courier"], str(tmp_path / "sources"), ["127.0.0.1:1"])


def test_one_broken_source_among_several_fails_no_flow() -> None:
    broken = SourceReport("a", trouble="no page could be read", failed={"timeout": 3})
    well = SourceReport("b", fetched=2)
    fail_if_all_broken(RunReport("data", (), (broken, well)), {"a", "b"})
    with pytest.raises(CrawlError, match="a: no page could be read"):
        fail_if_all_broken(RunReport("data", (), (broken,)), {"a"})


def test_the_command_carries_all_that_was_asked_for(tmp_path: Path) -> None:
    job = CrawlJob(Run("r1", ("a", "b")), tmp_path, tmp_path, "postgresql://db", ("127.0.0.1:1",), recrawl_all=True)
    words = job.argv()
    for word in ("source=a,b", "run_id=r1", "frontier=postgresql://db", "allow=127.0.0.1:1", "revisit=all"):
        assert word in words
    assert not any(word.startswith(("start=", "end=")) for word in words)


def test_sources_are_chosen_by_name_or_because_they_are_enabled(crawled: Crawled) -> None:
    assert set(select(crawled.sources, ["al-mina"])) == {"al-mina"}
    assert len(select(crawled.sources, None)) > 5
    with pytest.raises(CatalogueError, match="no such source"):
        select(crawled.sources, ["nowhere"])


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSMILL_CRAWL_PROCESSES", "7")
    monkeypatch.setenv("NEWSMILL_ALLOW", '["127.0.0.1:8377"]')
    assert (Settings().crawl_processes, Settings().allow) == (7, ("127.0.0.1:8377",))
