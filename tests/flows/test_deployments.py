"""prefect.yaml and `newsmill serve` name what is there."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import yaml
from prefect import Flow

from flows.cli.init import deployments
from flows.crawling.child_processes import ChildError
from flows.serving.deployments import deployments_file
from flows.serving.environment import serving_environment
from flows.serving.supervisor import serve
from flows.serving.work_pool import POOL
from tests.flows.conftest import REPOSITORY

pytestmark = pytest.mark.slow

DEPLOYMENTS = yaml.safe_load((REPOSITORY / "prefect.yaml").read_text())["deployments"]


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda d: d["name"])
def test_a_deployment_names_a_flow_that_is_called_as_it_is(deployment: dict[str, object]) -> None:
    module, _, name = str(deployment["entrypoint"]).rpartition(".")
    found = getattr(importlib.import_module(module), name)
    assert isinstance(found, Flow)
    assert found.name == deployment["name"] == name
    assert deployment["work_pool"] == {"name": POOL}


def test_the_deployments_that_are_shipped_are_those_of_the_checkout() -> None:
    assert deployments() == (REPOSITORY / "prefect.yaml").read_text(encoding="utf-8")


def test_serving_deploys_what_the_working_folder_says_and_elsewhere_what_is_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with deployments_file() as file:
        assert file.read_text(encoding="utf-8") == deployments()
    (tmp_path / "prefect.yaml").write_text("name: mine\n", encoding="utf-8")
    with deployments_file() as file:
        assert file == tmp_path / "prefect.yaml"


def test_flow_runs_find_the_settings_file_of_the_folder_that_they_were_served_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "newsmill.toml").write_text("wave_days = 5\n", encoding="utf-8")
    environment = serving_environment(tmp_path, None, "http://127.0.0.1:4200/api")
    assert environment["NEWSMILL_CONFIG"] == str(tmp_path / "newsmill.toml")


def test_the_daily_flow_has_a_schedule_with_a_zone_and_never_runs_twice_at_once_or_queues_up() -> None:
    [daily] = [d for d in DEPLOYMENTS if d["name"] == "daily"]
    assert all(s["cron"] and s["timezone"] for s in daily["schedules"])
    assert daily["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}


def test_serving_keeps_what_the_operator_has_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_SERVER_DATABASE_CONNECTION_URL", "postgresql+asyncpg://db")
    monkeypatch.delenv("PREFECT_HOME", raising=False)
    environment = serving_environment(tmp_path, tmp_path / "sources", "http://127.0.0.1:4200/api")
    assert environment["PREFECT_SERVER_DATABASE_CONNECTION_URL"] == "postgresql+asyncpg://db"
    assert environment["NEWSMILL_LAKE"] == str(tmp_path)
    assert environment["NEWSMILL_SOURCES_DIR"] == str(tmp_path / "sources")
    assert environment["PREFECT_HOME"] == str(tmp_path / "state" / "prefect")
    assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"


def test_serving_where_no_server_answers_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.serving.supervisor.START_SECONDS", 1.0)
    with pytest.raises(ChildError, match="no server answers"):
        serve(tmp_path, api_url="http://127.0.0.1:1/api")
