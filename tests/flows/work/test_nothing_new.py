"""A publish that finds nothing new costs its start-up alone: it loads no model, and starts no process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows.orchestration.in_process import InProcess
from flows.work.publish import publish
from tests.flows.archive import Page, story, write_archive
from tests.flows.conftest import REPOSITORY

pytestmark = pytest.mark.slow

# What cleans, decides, or starts processes; a command without work needs none of it.
IDLE = {
    "pandas",
    "duckdb",
    "lightgbm",
    "lxml",
    "trafilatura",
    "requests",
    "pebble",
    "multiprocessing",
    "scrapy",
    "prefect",
}
CALL = """
import sys
from flows.cli.app import main

sys.argv = ["newsmill", "publish", "--lake", sys.argv[1]]
try:
    main()
finally:
    print(*{name.partition(".")[0] for name in sys.modules})
"""


def test_a_publish_that_finds_nothing_new_loads_nothing_that_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSMILL_PUBLISH_WORKERS", "0")
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    (tmp_path / "state").mkdir()
    write_archive(tmp_path, "r1", [Page("a", story(1))])
    publish(InProcess(), str(tmp_path))
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PREFECT_HOME": str(tmp_path / "prefect")}
    call = [sys.executable, "-c", CALL, str(tmp_path)]
    done = subprocess.run(call, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    headline, loaded = done.stdout.splitlines()
    assert "nothing new" in headline
    assert IDLE & {*loaded.split()} == set()
