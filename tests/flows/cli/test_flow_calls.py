"""A command runs in its own process, and as a flow on the Prefect server that is configured or asked for."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from flows.reports.deployment_runs import CANCELLED, COMPLETED, FAILED, read_runs, recorded
from tests.flows.archive import Page, story, write_archive
from tests.flows.conftest import REPOSITORY, Crawled

SOURCES = REPOSITORY / "spiders" / "sources"


def newsmill(*words: str | Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "flows.cli", *map(str, words)]
    return subprocess.run(call, env=dict(environment), cwd=REPOSITORY, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_publish_needs_no_server_records_its_run_and_does_nothing_the_second_time(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    (lake / "state").mkdir(parents=True)
    write_archive(lake, "r1", [Page(f"p{n}", story(n)) for n in range(3)])
    environment = {**os.environ, "PREFECT_HOME": str(tmp_path / "prefect")}
    first = newsmill("publish", "--lake", lake, "--sources-dir", SOURCES, "--json", environment=environment)
    assert first.returncode == 0, first.stderr
    assert sum(one["kept"] for one in json.loads(first.stdout)["sources"]) == 3
    assert "3 pages in 1 commits" in first.stderr
    again = newsmill("publish", "--lake", lake, "--sources-dir", SOURCES, "--json", environment=environment)
    assert json.loads(again.stdout)["sources"] == []
    assert read_runs(lake, "publish").state == COMPLETED
    assert not (tmp_path / "prefect").exists()


def test_with_a_server_the_same_command_is_a_flow_run_on_it(
    engine: dict[str, str], crawled: Crawled, tmp_path: Path
) -> None:
    from prefect.client.orchestration import get_client

    shutil.copytree(crawled.lake, tmp_path / "lake")
    done = newsmill("publish", "--lake", tmp_path / "lake", "--sources-dir", crawled.sources, environment=engine)
    assert done.returncode == 0, done.stderr
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs()
    assert any(run.parameters.get("lake") == str(tmp_path / "lake") for run in runs)


@pytest.mark.parametrize(
    ("error", "state"), [(ValueError("no"), FAILED), (KeyboardInterrupt(), CANCELLED), (SystemExit(143), CANCELLED)]
)
def test_a_run_without_prefect_records_how_it_ended(tmp_path: Path, error: BaseException, state: str) -> None:
    with pytest.raises(type(error)), recorded(tmp_path, "daily"):
        assert read_runs(tmp_path, "daily").is_running
        raise error
    known = read_runs(tmp_path, "daily")
    assert (known.state, known.completed_at, known.is_running) == (state, None, False)
