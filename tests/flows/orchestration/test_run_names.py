"""On Prefect's page a run says what it is about and when it was due; random names say neither."""

from __future__ import annotations

import re
from datetime import date

import pytest
from prefect import flow

from flows.orchestration.prefect_engine import PrefectEngine, run_name

pytestmark = pytest.mark.slow


@flow(name="backfill", flow_run_name=run_name)
def named(start: date | None = None, end: date | None = None, sources: list[str] | None = None) -> tuple[str, str]:
    from prefect.runtime import flow_run, task_run

    return str(flow_run.name), PrefectEngine().step("publish-pages", lambda: str(task_run.name))


DUE = r", \d{4}-\d{2}-\d{2} \d{2}:\d{2}"


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({}, r"backfill \d{4}-\d{2}-\d{2} \d{2}:\d{2}"),
        (
            {"start": date(2026, 7, 6), "end": date(2026, 7, 12), "sources": ["a-post"]},
            "backfill 2026-07-06 to 2026-07-12, a-post" + DUE,
        ),
        ({"sources": ["a", "b", "c", "d"]}, "backfill 4 sources" + DUE),
    ],
)
def test_a_run_is_named_by_its_range_its_sources_and_when_it_was_due(
    engine: dict[str, str], parameters: dict[str, object], words: str
) -> None:
    name, step = named(**parameters)  # type: ignore[arg-type]
    assert re.fullmatch(words, name)
    assert step == "publish-pages"
