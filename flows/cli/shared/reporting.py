"""The table of outcomes at the end of a run, for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from flows.cli.shared.console import out, print_json

if TYPE_CHECKING:
    from flows.reports.run_report import RunReport


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
        out().print(report.headline)
        return
    print_rows(report.table(), title)


def print_rows(rows: Sequence[Mapping[str, object]], title: str) -> None:
    """Print rows; but for the first, which names them, columns that are empty or 0 in every row are left out."""
    first = next(iter(rows[0]))
    table = Table(title=title, title_justify="left")
    shown = [name for name in rows[0] if name == first or any(row[name] for row in rows)]
    for name in shown:
        are_numbers = all(isinstance(row[name], int) for row in rows)
        table.add_column(name, justify="right" if are_numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(str(row[name])) for name in shown))
    out().print(table)
