"""Finds one article in the lake, with everything known about it: row, copies, revisions, removals, raw record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from cleaning.schema.arrow import TABLES
from cleaning.urls import article_id, canonical_url

ARTICLE_ID = re.compile(r"[0-9a-f]{32}")

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """What the lake has on one URL. `table` is where its own row is; the rest may be empty."""

    table: str
    row: Row
    removals: tuple[Row, ...]
    copies: tuple[Row, ...]
    revisions: tuple[Row, ...]


def find(root: Path, key: str) -> FoundArticle | None:
    """The article, copy, earlier revision or rejection of an article_id or URL; None if the lake has none.

    An article takes precedence over a copy, a copy over an earlier revision, and all of them over a rejection.
    """
    identity = key if ARTICLE_ID.fullmatch(key) else article_id(canonical_url(key))
    with duckdb.connect() as db:
        for table in ("articles", "duplicates", "revisions"):
            rows = _rows(db, root, table, "article_id = ?", identity)
            if rows:
                return FoundArticle(
                    table,
                    rows[-1],
                    removals=_rows(db, root, "removals", "article_id = ?", identity),
                    copies=_rows(db, root, "duplicates", "duplicate_of = ?", identity),
                    revisions=_rows(db, root, "revisions", "article_id = ?", identity),
                )
        if identity != key:
            rejected = _rows(db, root, "rejected", "canonical_url = ? or url = ?", canonical_url(key), key)
            if rejected:
                return FoundArticle("rejected", rejected[-1], (), (), ())
    return None


def _rows(db: duckdb.DuckDBPyConnection, root: Path, table: str, where: str, *values: str) -> tuple[Row, ...]:
    if not any((root / table).glob("date=*/*.parquet")):
        return ()
    order = ", ".join(TABLES[table].sort_by)
    result = db.execute(
        f"select * from read_parquet(?, hive_partitioning = false) where {where} order by {order}",  # noqa: S608  ours
        [str(root / table / "**" / "*.parquet"), *values],
    )
    names = [d[0] for d in result.description or ()]
    return tuple(dict(zip(names, values_, strict=True)) for values_ in result.fetchall())
