"""The table of outcomes at the end of a run, for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from flows.cli.shared.console import out, print_json

if TYPE_CHECKING:
    from flows.reports.run_report import RunReport

NUMBERS = ("discovered", "fetched", "unchanged", "kept", "revised", "duplicates", "outside range", "waiting")


def report_as_json(report: RunReport) -> dict[str, object]:
    """A run's report as an object: its lake, the ids of its crawls, and every number of every source."""
    from dataclasses import asdict

    return {
        "lake": report.lake,
        "runs": list(report.runs),
        "commits": report.commits,
        "headline": report.headline,
        "sources": [asdict(source) for source in report.sources],
    }


def show_report(report: RunReport, title: str, *, json: bool) -> None:
    """Write a run's report to stdout, as JSON or as a table."""
    if json:
        print_json(report_as_json(report))
    else:
        print_report(report, title)


def print_report(report: RunReport, title: str) -> None:
    """Print source × outcomes, or a line where nothing is new; columns that are zero for every source are left out."""
    if report.is_quiet:
        out.print(report.headline)
        return
    rows = report.table()
    shown = [name for name in rows[0] if name == "source" or any(row[name] for row in rows)]
    table = Table(title=title, title_justify="left")
    for name in shown:
        table.add_column(name, justify="right" if name in NUMBERS else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(str(row[name])) for name in shown))
    out.print(table)
