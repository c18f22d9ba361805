"""Whether a Prefect server is configured is answered as Prefect itself would, without importing it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flows.orchestration.configured_server import configured_server

URL = "http://127.0.0.1:4999/api"
PLACES = {
    ".env": f'export PREFECT_API_URL="{URL}"  # ours\n',
    "prefect.toml": f'[api]\nurl = "{URL}"\n',
    "pyproject.toml": f'[tool.prefect.api]\nurl = "{URL}"\n',
}


@pytest.mark.parametrize("name", PLACES)
def test_a_file_of_the_folder_configures_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(PLACES[name])
    assert configured_server(tmp_path, {"PREFECT_HOME": str(tmp_path)}) == URL


def test_the_variable_goes_before_everything_even_when_it_is_empty(tmp_path: Path) -> None:
    (tmp_path / "prefect.toml").write_text(PLACES["prefect.toml"])
    assert configured_server(tmp_path, {"PREFECT_API_URL": "http://other/api"}) == "http://other/api"
    assert configured_server(tmp_path, {"PREFECT_API_URL": ""}) is None


def test_the_active_profile_configures_it(tmp_path: Path) -> None:
    profiles = 'active = "mine"\n[profiles.mine]\nPREFECT_API_URL = "%s"\n[profiles.other]\n' % URL  # noqa: UP031
    (tmp_path / "profiles.toml").write_text(profiles)
    here = {"PREFECT_HOME": str(tmp_path)}
    assert configured_server(tmp_path, here) == URL
    assert configured_server(tmp_path, {**here, "PREFECT_PROFILE": "other"}) is None


def test_nothing_and_broken_files_configure_none(tmp_path: Path) -> None:
    here = {"PREFECT_HOME": str(tmp_path)}
    assert configured_server(tmp_path, here) is None
    for name in ("prefect.toml", "pyproject.toml", "profiles.toml"):
        (tmp_path / name).write_text("[[[")
    assert configured_server(tmp_path, here) is None


@pytest.mark.slow
def test_the_commands_need_no_prefect_without_a_server() -> None:
    code = (
        "import sys, importlib\n"
        "for name in ('daily', 'crawl', 'publish', 'backfill', 'archives', 'reclean'):\n"
        "    importlib.import_module(f'flows.work.{name}')\n"
        "import flows.cli.app, flows.orchestration.in_process\n"
        "sys.exit('prefect' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
