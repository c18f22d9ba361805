"""The server's key is made once, nobody else can read it, and what the operator has set counts."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from flows.lake.store import Lake
from flows.serving.credentials import CLIENT_VARIABLE, SERVER_VARIABLE, key_file, server_key
from flows.serving.environment import serving_environment
from flows.serving.work_pool import job_template
from spiders.frontier.frontier import Frontier, default_path
from spiders.system.private_files import write_private


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (SERVER_VARIABLE, CLIENT_VARIABLE, "PREFECT_HOME", "PREFECT_SERVER_CORS_ALLOWED_ORIGINS"):
        monkeypatch.delenv(name, raising=False)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    key = server_key(tmp_path)
    assert key == server_key(tmp_path)
    assert len(key.partition(":")[2]) >= 32
    assert mode(key_file(tmp_path)) == 0o600
    assert mode(tmp_path / "state") == 0o700
    assert server_key(tmp_path / "other") != key


def test_a_key_that_was_left_open_is_closed_and_an_empty_one_is_made_anew(tmp_path: Path) -> None:
    server_key(tmp_path)
    key_file(tmp_path).chmod(0o644)
    server_key(tmp_path)
    assert mode(key_file(tmp_path)) == 0o600
    key_file(tmp_path).write_text("")
    assert len(server_key(tmp_path)) > 32


def test_the_state_of_a_lake_is_closed_to_others(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o755)
    Frontier(default_path(tmp_path)).close()
    assert mode(state) == 0o700
    state.chmod(0o755)
    Lake(tmp_path)
    assert mode(state) == 0o700


def test_a_private_file_is_whole_or_not_there(tmp_path: Path) -> None:
    write_private(tmp_path / "a", "one")
    write_private(tmp_path / "a", "two")
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "two"


def test_server_worker_and_client_get_one_key_and_only_the_own_origin(tmp_path: Path) -> None:
    environment = serving_environment(tmp_path, None, "http://127.0.0.1:4999/api")
    assert environment[SERVER_VARIABLE] == environment[CLIENT_VARIABLE] == server_key(tmp_path)
    origins = environment["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"].split(",")
    assert origins == ["http://127.0.0.1:4999", "http://localhost:4999"]
    assert environment["PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE"].endswith(".filesystem")


def test_a_caller_can_choose_nothing_about_how_a_flow_run_is_started() -> None:
    template = job_template()
    assert template["variables"] == {"type": "object", "properties": {}, "additionalProperties": False}
    assert "{{" not in str(template["job_configuration"])
