"""prefect.yaml and `newsmill serve` name what is there."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import yaml
from prefect import Flow

from flows.cli.server import POOL, serve, serving_environment
from flows.crawling.child_processes import ChildError
from tests.flows.conftest import REPOSITORY

pytestmark = pytest.mark.slow

DEPLOYMENTS = yaml.safe_load((REPOSITORY / "prefect.yaml").read_text())["deployments"]


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda d: d["name"])
def test_a_deployment_names_a_flow_that_is_called_as_it_is(deployment: dict[str, object]) -> None:
    file, name = str(deployment["entrypoint"]).split(":")
    found = getattr(importlib.import_module(file.removesuffix(".py").replace("/", ".")), name)
    assert isinstance(found, Flow)
    assert found.name == deployment["name"] == name
    assert deployment["work_pool"] == {"name": POOL}


def test_the_daily_flow_has_a_schedule_with_a_zone_and_never_runs_twice_at_once() -> None:
    [daily] = [d for d in DEPLOYMENTS if d["name"] == "daily"]
    assert all(s["cron"] and s["timezone"] for s in daily["schedules"])
    assert daily["concurrency_limit"] == {"limit": 1, "collision_strategy": "ENQUEUE"}


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
    monkeypatch.setattr("flows.cli.server.START_SECONDS", 1.0)
    with pytest.raises(ChildError, match="no server answers"):
        serve(tmp_path, api_url="http://127.0.0.1:1/api")
