"""Puts rows into a table's partitions, replacing rows with the same key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from cleaning.schema.arrow import TABLES, columns, to_table
from flows.lake.store import Lake, partition

# What makes two rows of a table the same. An article's revisions and removals are
# replaced together, and so are the signals about one fetched page.
KEYS: dict[str, tuple[str, ...]] = {
    "articles": ("article_id",),
    "duplicates": ("article_id",),
    "revisions": ("article_id",),
    "removals": ("article_id",),
    "rejected": ("canonical_url", "reason"),
    "rewrites": ("article_id", "rewrite_of"),
    "series": ("article_id",),
    "aliases": ("cluster_id", "same_as"),
    "rights": ("raw_file", "raw_offset"),
    "coverage": ("source", "way"),
}


def put_rows(
    lake: Lake, table: str, rows: Iterable[Any], gone: Mapping[date, set[str]] | None = None
) -> dict[str, pa.Table | None]:
    """The partitions of a table after rows were added and removed, as :meth:`Lake.commit` takes them.

    Args:
        lake: only read.
        table: its name.
        rows: instances of the table's row class; each replaces a stored row with the same key.
        gone: partition date → keys (:func:`key_of`) whose rows are removed from it.
    """
    spec = TABLES[table]
    by_day: dict[date, list[Any]] = defaultdict(list)
    for row in rows:
        by_day[getattr(row, spec.partition_by)].append(row)
    leaving = gone or {}
    files: dict[str, pa.Table | None] = {}
    for day in {*by_day, *leaving}:
        present = lake.read(table, [day])
        replaced = leaving.get(day, set()) | {key_of(table, r) for r in by_day[day]}
        keys = pc.binary_join_element_wise(*(present.column(c).cast(pa.string()) for c in KEYS[table]), " ")
        stay = present.filter(pc.invert(pc.is_in(keys, pa.array(sorted(replaced), pa.string()))))
        files[partition(table, day)] = pa.concat_tables([stay, to_table(spec.row, by_day[day])])
    return files


def key_of(table: str, row: object) -> str:
    """The key of one row."""
    return " ".join(str(getattr(row, name)) for name in KEYS[table])


def read_rows(lake: Lake, table: str, day: date, ids: set[str]) -> list[Any]:
    """The rows of these article_ids in one partition, as instances of the table's row class."""
    present = lake.read(table, [day])
    found = present.filter(pc.is_in(present.column("article_id"), pa.array(sorted(ids), pa.string())))
    return rows_of(table, found)


def rows_of(table: str, rows: pa.Table) -> list[Any]:
    """Arrow rows of a table as instances of its row class."""
    kind = TABLES[table].row
    lists = [name for name, c in columns(kind).items() if pa.types.is_list(c.type)]
    return [kind(**{**row, **{name: _tuple(row[name]) for name in lists}}) for row in rows.to_pylist()]


def _tuple(values: list[Any] | None) -> tuple[Any, ...] | None:
    return None if values is None else tuple(values)
