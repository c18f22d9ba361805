"""A real Prefect engine, the sample web, and a lake that the daily flow made of it: once for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.reports.run_report import RunReport
from flows.sample.server import Logged, SampleWeb

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def engine(prefect_home: Path) -> Iterator[dict[str, str]]:
    """A server of its own; gives the variables with which another process finds it."""
    # Imported here: it takes four CPU-seconds, which the tests without a server need not pay.
    from prefect.settings import PREFECT_API_URL
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield {
            **os.environ,
            "PREFECT_API_URL": str(PREFECT_API_URL.value()),
            "PREFECT_HOME": str(prefect_home),
            "PYTHONPATH": str(REPOSITORY),
        }


@dataclass(frozen=True, slots=True)
class Crawled:
    """What the daily flow made of the first day of the sample web. Read only: copy it to change it."""

    web: SampleWeb
    lake: Path
    sources: Path
    report: RunReport
    log: list[Logged]  # the requests of that run

    @property
    def allow(self) -> list[str]:
        return [f"127.0.0.1:{self.web.port}"]


@pytest.fixture(scope="session")
def crawled(engine: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    from flows.daily import daily

    root = tmp_path_factory.mktemp("sample")
    with SampleWeb(port=0) as web:
        web.write_sources(root / "sources")
        report = daily(lake=str(root / "lake"), sources_dir=str(root / "sources"), allow=[f"127.0.0.1:{web.port}"])
        yield Crawled(web, root / "lake", root / "sources", report, web.log)
