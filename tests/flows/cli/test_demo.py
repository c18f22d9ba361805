"""What the demo tells its user to do next; the demo itself is held by tests/flows/test_truth.py."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from cleaning.records import Duplicate
from cleaning.schema.arrow import to_table
from flows.cli.demo import DEFAULT_PORT, _next_steps
from flows.lake.store import Lake
from tests.flows.rows import article, put


def copy_of(original: str, number: int) -> Duplicate:
    """A copy of an article; only what it copies matters here."""
    return Duplicate(**asdict(article(number)), duplicate_of=original, relation="exact")


def test_the_demo_ends_with_the_most_copied_story_the_next_day_and_a_project_of_ones_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    often, once = article(1).article_id, article(2).article_id
    rows = [copy_of(often, 3), copy_of(once, 4), copy_of(often, 5)]
    put(Lake(tmp_path), {"duplicates/date=2026-11-20/part-0.parquet": to_table(Duplicate, rows)})

    _next_steps(tmp_path, DEFAULT_PORT, day=1)

    said = "".join(capsys.readouterr().out.split())
    assert f"newsmillinspect{often}--lake{tmp_path}" in said
    assert f"newsmilldemo--day2--lake{tmp_path}" in said
    assert "newsmillinitmy-news" in said


def test_the_demo_of_the_second_day_proposes_no_further_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _next_steps(tmp_path, DEFAULT_PORT, day=2)

    said = capsys.readouterr().out
    assert "--day" not in said
    assert "newsmill init my-news" in said
