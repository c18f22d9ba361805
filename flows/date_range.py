"""A range of days, both ends included: which range an article, a fetch or a backfill falls into is asked in one way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, order=True)
class DateRange:
    """The days from ``first`` to ``last``.

    Raises:
        ValueError: if the range ends before it begins.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"the range ends ({self.last}) before it begins ({self.first}); swap the two")

    @classmethod
    def between(cls, start: date | None, end: date | None) -> DateRange | None:
        """A range of which either end may be open; None if both are: then there is no range to keep to."""
        return None if start is None and end is None else cls(start or date.min, end or date.max)

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"

    @property
    def days(self) -> list[date]:
        """Each of them, in order."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def overlaps(self, other: DateRange) -> bool:
        """Whether the two have a day in common."""
        return self.first <= other.last and other.first <= self.last
