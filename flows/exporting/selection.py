"""Which rows of a table are exported: by day, source and use, with a receipt of what was left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from cleaning.rights.vocabulary import Use
from cleaning.schema.arrow import TABLES, columns
from flows.lake.index import Lineage
from flows.lake.store import Lake

# Uses as the command line names them → as the column `rights` does.
USES = {"search": Use.SEARCH.value, "research": Use.RESEARCH.value, "train-ai": Use.TRAIN.value}
# What the selection needs beside the exported columns.
_NEEDED = ("source", "license", "rights", "raw_file", "raw_offset", "fetched_at")
NOT_RECORDED = "signals were not recorded: clean it again with newsmill reclean"


class ExportError(ValueError):
    """An export that cannot be made as asked; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What to export.

    Attributes:
        table: name of a table.
        start: first day of the partition, inclusive; None is open.
        end: last day, inclusive; None is open.
        sources: names; empty takes all.
        columns: names in order; empty takes all.
        use: a key of USES; None leaves nothing out.
    """

    table: str = "articles"
    start: date | None = None
    end: date | None = None
    sources: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    use: str | None = None

    def __post_init__(self) -> None:
        known = columns(TABLES[self.table].row) if self.table in TABLES else None
        if known is None:
            raise ExportError(f"{self.table}: no such table; there are {', '.join(TABLES)}")
        unknown = [name for name in self.columns if name not in known]
        if unknown:
            raise ExportError(f"{', '.join(unknown)}: no column of {self.table}; its columns are {', '.join(known)}")
        if self.use is not None and self.use not in USES:
            raise ExportError(f"{self.use}: no such use; say one of {', '.join(USES)}")
        if self.use is not None and "rights" not in known:
            raise ExportError(f"--for needs a table of texts: articles, duplicates or revisions, not {self.table}")
        if self.sources and "source" not in known:
            raise ExportError(f"{self.table} has no column source: leave --source out")

    @property
    def names(self) -> tuple[str, ...]:
        """The exported columns."""
        return self.columns or tuple(columns(TABLES[self.table].row))


@dataclass(slots=True)
class Receipt:
    """What was exported and what was not.

    Attributes:
        rows: exported.
        left_out: reason → rows. A row that several signals reserve counts under the first.
        licenses: source → licence → exported rows; empty text where none is known.
    """

    rows: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    licenses: dict[str, Counter[str]] = field(default_factory=dict)


def select(lake: Lake, selection: Selection, receipt: Receipt) -> Iterator[pa.Table]:
    """The chosen rows in partition order, a few at a time; the receipt is kept as they go by."""
    known = columns(TABLES[selection.table].row)
    read = list(dict.fromkeys([*selection.names, *(name for name in _NEEDED if name in known)]))
    reasons = _Reasons(lake, selection.use)
    for rows in lake.stream(selection.table, lake.dates(selection.table, selection.start, selection.end), read):
        chosen = rows
        if selection.sources:
            chosen = chosen.filter(pc.is_in(chosen.column("source"), pa.array(selection.sources)))
        if selection.use is not None:
            allowed = pa.array([USES[selection.use] in (uses or ()) for uses in chosen.column("rights").to_pylist()])
            receipt.left_out.update(reasons.of(chosen.filter(pc.invert(allowed))))
            chosen = chosen.filter(allowed)
        receipt.rows += len(chosen)
        _count_licenses(receipt, chosen)
        if len(chosen):
            yield chosen.select(list(selection.names))


def _count_licenses(receipt: Receipt, rows: pa.Table) -> None:
    if "license" not in rows.schema.names:
        return
    pairs = zip(rows.column("source").to_pylist(), rows.column("license").to_pylist(), strict=True)
    for source, license in pairs:
        receipt.licenses.setdefault(source, Counter())[license or ""] += 1


class _Reasons:
    """Looks up by which signal a row is reserved, in the table ``rights``."""

    def __init__(self, lake: Lake, use: str | None) -> None:
        self._use = USES[use] if use is not None else ""
        self._of_day = lru_cache(maxsize=8)(lambda day: _signals(lake, day, self._use))

    def of(self, rows: pa.Table) -> Iterator[str]:
        """The reason for each row that is left out."""
        names = ("rights", "raw_file", "raw_offset", "fetched_at")
        for uses, raw_file, raw_offset, fetched in zip(*(rows.column(n).to_pylist() for n in names), strict=True):
            if uses is None:
                yield NOT_RECORDED
            else:
                yield self._of_day(_day(fetched)).get(
                    (raw_file, raw_offset), "reserved, by a signal that is not stored"
                )


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _signals(lake: Lake, day: date, use: str) -> dict[Lineage, str]:
    """The first signal about each page fetched on a day that reserves a use, in words."""
    found: dict[Lineage, str] = {}
    names = ["raw_file", "raw_offset", "signal", "where", "forbids"]
    for rows in lake.stream("rights", [day], names):
        for raw_file, raw_offset, signal, where, forbids in zip(
            *(rows.column(name).to_pylist() for name in names), strict=True
        ):
            if use in forbids:
                found.setdefault((raw_file, raw_offset), f"{signal} ({where})")
    return found


def sources_without_license(licenses: dict[str, Counter[str]]) -> Collection[str]:
    """The sources of which some exported row has no known licence."""
    return sorted(source for source, counter in licenses.items() if counter[""])
