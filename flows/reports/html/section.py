"""The parts of a page: a section has a sentence, a chart or grid, the table behind it, the query for its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from flows.reports.wording import link, plain


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table or grid."""

    text: str
    level: float | None = None  # 0 to 1: how strongly it is coloured
    hue: str = "good"  # good, bad, or none: which colour
    href: str = ""
    title: str = ""  # shown on pointing at it

    @classmethod
    def of(cls, value: object) -> Cell:
        """A cell with a text of anybody's."""
        return value if isinstance(value, Cell) else cls(plain(value))

    @classmethod
    def page(cls, url: object, text: object | None = None) -> Cell:
        """A cell that leads to a page on the web, where its address is one."""
        return cls(plain(url if text is None or not str(text).strip() else text), href=link(url), title=plain(url))


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first column names its rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    left_out: int = 0  # rows that are not shown

    @classmethod
    def of(cls, columns: Sequence[str], rows: Sequence[Sequence[object]], caption: str = "", limit: int = 500) -> Table:
        """A table of anything, cut after some rows."""
        shown = tuple(tuple(Cell.of(value) for value in row) for row in rows[:limit])
        return cls(tuple(columns), shown, caption, max(0, len(rows) - limit))


@dataclass(frozen=True, slots=True)
class Section:
    """One question and its answer."""

    key: str  # anchor
    title: str
    sentence: str
    charts: tuple[tuple[str, Markup], ...] = ()  # caption, drawing; several are laid out side by side
    grid: Table | None = None  # a heat map or matrix: shown at once
    table: Table | None = None  # the numbers behind: unfolded on demand
    query: str = ""  # DuckDB, run in the lake's folder
    notes: tuple[str, ...] = field(default=())
