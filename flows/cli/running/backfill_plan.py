"""What a backfill is going to do, for the terminal and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rich.table import Table

from flows.cli.shared.console import out
from flows.work.backfill import Wave


@dataclass(frozen=True, slots=True)
class BackfillPlan:
    """A range of days, its units (source × day), and the waves that process the remaining ones."""

    first: date
    last: date
    units: int
    waves: tuple[Wave, ...]

    @property
    def left(self) -> int:
        """The number of unfinished units."""
        return sum(len(wave.units) for wave in self.waves)

    def print(self) -> None:
        """Print the plan as a table: one row per wave."""
        heading = f"plan: {self.first} to {self.last}, {self.units} units (source × day), {self.left} of them to do"
        if not self.left:
            out.print(heading)
            return
        table = Table(title=heading, title_justify="left")
        for name in ("wave", "days", "sources", "units", "of them begun before"):
            table.add_column(name, justify="left" if name in ("days", "sources") else "right", overflow="fold")
        for number, wave in enumerate(self.waves, start=1):
            begun = sum(unit.attempts > 0 for unit in wave.units)
            table.add_row(
                str(number), str(wave.days), ", ".join(sorted(wave.by_source)), str(len(wave.units)), str(begun)
            )
        out.print(table)

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
        }
