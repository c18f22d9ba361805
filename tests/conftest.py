"""What all tests share: a Prefect home of their own, and the rule that CI skips nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Set before anything imports Prefect: tests leave the developer's own profile and server alone.
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")
# Tables fit the width of a pipe: tests look for whole words in them.
os.environ.setdefault("COLUMNS", "240")
# The temporary server takes up to 18 s on a fresh home, and longer beside other tests.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")


# Hypothesis gives an example 200 ms; on a machine that does other work too, that says nothing of the code.
settings.register_profile("newsmill", deadline=None)
# `make test-fast`: what fails nearly always does so within the first examples; `make test` tries four times as many.
settings.register_profile("fast", deadline=None, max_examples=25)
settings.load_profile("newsmill")

# Fixtures that crawl, or that start a Prefect server: a test that asks for one is slow, and need not say so itself.
SLOW_FIXTURES = frozenset({"engine", "crawled", "crawls", "whole"})


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what crawls, and keep the tests of one Prefect server in one process."""
    for item in items:
        fixtures = SLOW_FIXTURES.intersection(getattr(item, "fixturenames", ()))
        if fixtures:
            item.add_marker(pytest.mark.slow)
        if fixtures & {"engine", "crawled"}:
            item.add_marker(pytest.mark.xdist_group("prefect"))


@pytest.fixture(scope="session", autouse=True)
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for Prefect's profile and database that goes with the test session."""
    home = tmp_path_factory.mktemp("prefect")
    before = os.environ.get("PREFECT_HOME")
    os.environ["PREFECT_HOME"] = str(home)
    yield home
    if before is None:
        del os.environ["PREFECT_HOME"]
    else:
        os.environ["PREFECT_HOME"] = before


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """Variables as they were before the test: the demo, which also runs in this process, sets some for its own."""
    before = dict(os.environ)
    yield
    for variable in set(os.environ) - set(before):
        del os.environ[variable]
    os.environ.update({variable: value for variable, value in before.items() if os.environ.get(variable) != value})


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """In CI a part that is missing is a failure, not a skip: `.ci/run` installs all of them."""
    if os.environ.get("CI") and call.excinfo is not None and call.excinfo.errisinstance(pytest.skip.Exception):
        call.excinfo = pytest.ExceptionInfo.from_exception(
            AssertionError(f"skipped in CI, where nothing may be skipped: {call.excinfo.value}")
        )
