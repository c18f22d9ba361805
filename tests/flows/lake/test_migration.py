"""Files of earlier releases are read with today's columns, and migrated without a changed value.

``fixtures/schema-VERSION`` was written by the release that had this schema: keep a folder of each.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

from cleaning.schema.arrow import SCHEMA_VERSION, TABLES, schema
from flows.lake.migration import migrate, outdated
from flows.lake.store import Lake
from flows.publishing.publisher import Publishing, publish_raw
from tests.flows.archive import ExactIndex, Page, story, write_archive
from tests.flows.rows import tree

FIXTURES = sorted((Path(__file__).parent / "fixtures").iterdir())


@pytest.fixture(params=FIXTURES, ids=lambda path: path.name)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    shutil.copytree(request.param, tmp_path / "lake")
    return Lake(tmp_path / "lake")


def test_every_reader_of_ours_sees_todays_columns_and_the_values_as_they_were(old: Lake) -> None:
    for table in ("articles", "duplicates", "revisions", "rejected"):
        (file,) = (old.root / table).glob("*/*.parquet")
        stored, read = pq.read_table(file, partitioning=None), old.read(table)
        assert read.schema.names == schema(TABLES[table].row).names
        assert len(read) == len(stored) > 0
        for name in stored.schema.names:
            assert read.column(name).to_pylist() == stored.column(name).to_pylist(), (table, name)
        for name in set(read.schema.names) - set(stored.schema.names):
            assert read.column(name).null_count == len(read), (table, name)


def test_migrating_adds_the_columns_for_all_readers_and_changes_nothing_twice(old: Lake) -> None:
    before = {table: old.read(table) for table in TABLES}
    assert {one.version for one in outdated(old)} == {"1.1"}
    assert migrate(old).total() == 4
    assert list(outdated(old)) == []
    assert all(old.read(table).equals(rows) for table, rows in before.items())
    for names in (
        list(pd.read_parquet(old.root / "articles").columns),
        pl.read_parquet(old.root / "articles/**/*.parquet").columns,
        [d[0] for d in duckdb.sql(f"describe from '{old.root}/articles/**/*.parquet'").fetchall()],
    ):
        assert {"rights", "license"} <= set(names)
    once = tree(old.root)
    assert migrate(old).total() == 0
    assert tree(old.root) == once


def test_publishing_into_an_old_lake_works_before_and_after(old: Lake) -> None:
    write_archive(old.root, "run-9", [Page("new", story(50))])
    publish_raw(old, Publishing(sources={}, decide=ExactIndex(old.root).decide, workers=0))
    rows = {row["url"].rsplit("/", 1)[1]: row["rights"] for row in old.read("articles").to_pylist()}
    assert rows["new"] == ["search", "research", "train"]
    assert rows["0"] is None
    assert SCHEMA_VERSION != "1.1"
