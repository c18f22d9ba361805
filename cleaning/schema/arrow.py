"""The Arrow schema of each table, derived from the dataclasses of :mod:`cleaning.records`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import pyarrow as pa

from cleaning.records import (
    Alias,
    Article,
    Column,
    Coverage,
    Duplicate,
    Edge,
    Originality,
    Passage,
    Rejection,
    RemovalRow,
    Revision,
    Rewrite,
    RightsRow,
    SeriesMember,
)

# Written into each file's metadata. MAJOR.MINOR: a nullable column more raises the minor number, and files of earlier
# minor numbers are read with nulls in it; any other change raises the major number, and files of another are refused.
SCHEMA_VERSION = "1.2"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the lake: its name, its row class, the column it is partitioned by, and its sort order within a
    partition."""

    name: str
    row: type
    partition_by: str
    sort_by: tuple[str, ...]
    doc: str


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table("articles", Article, "published_date", ("source", "published_at", "article_id"), "One article, once."),
        Table(
            "duplicates",
            Duplicate,
            "published_date",
            ("source", "published_at", "article_id", "duplicate_of"),
            "A copy of an article.",
        ),
        Table(
            "revisions",
            Revision,
            "published_date",
            ("source", "published_at", "article_id", "revision"),
            "An earlier version of an article.",
        ),
        Table(
            "rewrites",
            Rewrite,
            "published_date",
            ("source", "article_id", "rewrite_of"),
            "A possible rewrite or follow-up of an article: a link with a score.",
        ),
        Table(
            "series",
            SeriesMember,
            "published_date",
            ("template_id", "article_id"),
            "A report of a form that recurs: weather, prices, results.",
        ),
        Table(
            "passages",
            Passage,
            "published_date",
            ("article_id", "other_id", "start"),
            "A run of words that a text shares with the article it is linked to.",
        ),
        Table(
            "edges",
            Edge,
            "published_date",
            ("from_source", "to_source"),
            "What one source took from another on one day.",
        ),
        Table("originality", Originality, "published_date", ("source",), "How much of a source's week is its own."),
        Table(
            "removals",
            RemovalRow,
            "published_date",
            ("source", "article_id", "revision", "position"),
            "One line or block that was taken out of a page.",
        ),
        Table(
            "rejected", Rejection, "fetched_date", ("source", "fetched_at", "url"), "A fetched page that is no article."
        ),
        Table(
            "rights",
            RightsRow,
            "fetched_date",
            ("source", "fetched_at", "raw_file", "raw_offset", "position"),
            "One signal of a publisher about the use of one fetched page.",
        ),
        Table(
            "aliases", Alias, "published_date", ("cluster_id", "same_as"), "Clusters that turned out to be one story."
        ),
        Table(
            "coverage",
            Coverage,
            "published_date",
            ("source", "way"),
            "What became of the URLs that discovery listed: one source, one day, one way; made from the frontier.",
        ),
    )
}


def columns(row: type) -> dict[str, Column]:
    """The columns of a row class by name, in order."""
    return {f.name: f.metadata["column"] for f in fields(row)}


def schema(row: type) -> pa.Schema:
    """The Arrow schema of a row class, including nullability."""
    return pa.schema(
        [pa.field(name, c.type, nullable=c.nullable) for name, c in columns(row).items()],
        metadata={"newsmill.row": row.__name__, "newsmill.schema_version": SCHEMA_VERSION},
    )


def to_table(row: type, rows: Iterable[Any]) -> pa.Table:
    """Rows of one class as an Arrow table with its explicit schema; also correct if there are none.

    Raises ValueError naming the column if a required value is missing or has the wrong type.
    """
    listed = list(rows)
    arrays = []
    for name, c in columns(row).items():
        try:
            values = [getattr(r, name) for r in listed]
            if pa.types.is_map(c.type):
                values = [sorted(value.items()) for value in values]
            array = pa.array(values, type=c.type)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise ValueError(f"{row.__name__}.{name}: {error}") from error
        if array.null_count and not c.nullable:
            raise ValueError(f"{row.__name__}.{name} may not be null, and is in {array.null_count} rows")
        arrays.append(array)
    return pa.Table.from_arrays(arrays, schema=schema(row))
