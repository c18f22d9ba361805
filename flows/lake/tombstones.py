# ruff: noqa: RUF009  column() is dataclasses.field
"""Tombstones: identities of what was erased, which no publish, backfill or rebuild brings back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from cleaning.records import STRING, TIMESTAMP, column
from cleaning.schema.arrow import to_table
from flows.lake.store import Lake

PATH = "index/erased/part-0.parquet"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A row of ``index/erased``: a hash and a time, and nothing of what was there."""

    article_id: str = column(STRING, "Identity of the URL.")
    erased_at: datetime = column(TIMESTAMP, "When, UTC.")


def erased_ids(lake: Lake) -> frozenset[str]:
    """The identities that were erased."""
    rows = lake.read_file(PATH)
    return frozenset(rows.column("article_id").to_pylist()) if rows is not None else frozenset()


def with_tombstones(lake: Lake, identities: Iterable[str], now: datetime) -> dict[str, pa.Table | None]:
    """The file of tombstones with these added, as :meth:`Lake.commit` takes it. An earlier time stays."""
    present = lake.read_file(PATH)
    rows = {row["article_id"]: Tombstone(**row) for row in (present.to_pylist() if present is not None else ())}
    for identity in identities:
        rows.setdefault(identity, Tombstone(identity, now))
    return {PATH: to_table(Tombstone, [rows[identity] for identity in sorted(rows)])}
