"""What a backfill is going to do and to cost, and what it obtained, for the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from rich.table import Table

from flows.cli.shared.console import out
from flows.cli.shared.reporting import print_rows
from flows.reports.backfill_outlook import Outlook
from flows.reports.range_report import RangeSource, answer, range_rows
from flows.work.backfill import Wave


@dataclass(frozen=True, slots=True)
class BackfillPlan:
    """A range of days, its units (source × day), the waves that process the remaining ones, and what they will cost."""

    first: date
    last: date
    units: int
    waves: tuple[Wave, ...]
    outlook: Outlook

    @property
    def left(self) -> int:
        """The number of unfinished units."""
        return sum(len(wave.units) for wave in self.waves)

    def print(self) -> None:
        """Print the plan as a table: one row per wave."""
        heading = f"plan: {self.first} to {self.last}, {self.units} units (source × day), {self.left} of them to do"
        if not self.left:
            out().print(heading)
            return
        table = Table(title=heading, title_justify="left")
        for name in ("wave", "days", "sources", "units", "of them begun before"):
            table.add_column(name, justify="left" if name in ("days", "sources") else "right", overflow="fold")
        for number, wave in enumerate(self.waves, start=1):
            begun = sum(unit.attempts > 0 for unit in wave.units)
            table.add_row(
                str(number), str(wave.days), ", ".join(sorted(wave.by_source)), str(len(wave.units)), str(begun)
            )
        out().print(table)
        print_rows(self.outlook.rows(), f"estimate: {self.outlook.headline}")

    def as_json(self) -> dict[str, object]:
        """The plan as an object for `--json`."""
        return {
            "from": self.first,
            "to": self.last,
            "units": self.units,
            "units_to_do": self.left,
            "waves": [
                {
                    "from": wave.days.first,
                    "to": wave.days.last,
                    "sources": sorted(wave.by_source),
                    "units": len(wave.units),
                    "begun_before": sum(unit.attempts > 0 for unit in wave.units),
                }
                for wave in self.waves
            ],
            "estimate": {
                "pages_to_fetch": self.outlook.to_fetch,
                "hours": asdict(self.outlook.hours),
                "bytes": round(self.outlook.bytes),
                "sources": [asdict(one) for one in self.outlook.sources],
            },
        }


def print_range(found: Sequence[RangeSource], first: date, last: date) -> None:
    """Print what the lake has of the range, source by source."""
    print_rows(range_rows(found), f"published from {first} to {last}: {answer(found)}")
