"""The table of a run: each source that was asked for has a row, and a run without news says so."""

from __future__ import annotations

import pytest

from flows.cli.shared.reporting import print_report
from flows.reports.run_report import run_report
from spiders.frontier.frontier import Counts

ASKED = [f"paper-{n}" for n in range(12)]


def test_every_source_that_was_asked_for_has_a_row_also_with_nothing_new() -> None:
    report = run_report("lake", {"r1": {"paper-3": Counts(2, 0, {"fetched": 2})}}, [], {}, ASKED)
    assert [row["source"] for row in report.table()] == [*sorted(ASKED), "all"]
    assert report.headline == "12 sources, 2 discovered, 2 fetched"


def test_a_run_without_news_says_so_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    report = run_report("lake", {"r1": {}}, [], {}, ASKED)
    assert report.headline == "12 sources, nothing new"
    print_report(report, "outcomes by source")
    assert capsys.readouterr().out.strip() == "12 sources, nothing new"


def test_a_source_in_trouble_is_shown_though_nothing_is_new(capsys: pytest.CaptureFixture[str]) -> None:
    report = run_report("lake", {"r1": {}}, [], {"paper-3": "no listing could be read: http-404"}, ASKED)
    assert report.headline == "12 sources, nothing new; 1 source in trouble"
    print_report(report, "outcomes by source")
    assert "no listing could be read" in capsys.readouterr().out


def test_sources_in_trouble_come_first_with_their_trouble_next_to_the_name() -> None:
    report = run_report("lake", {}, [], {"quay": "quiet"}, ["harbor", "quay"])
    rows = report.table()
    assert [row["source"] for row in rows] == ["quay", "harbor", "all"]
    assert list(rows[0])[:2] == ["source", "trouble"]


def test_the_headline_says_what_was_there_before() -> None:
    crawled = {"r1": {"harbor": Counts(outcomes={"unchanged": 30})}}
    assert run_report("lake", crawled, [], {}).headline == "1 source, nothing new, 30 there before"
