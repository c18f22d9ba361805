"""What the lake promises of a commit: whole or not at all, the same bytes for the same rows, right for every reader."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaning.records import Article
from cleaning.schema.arrow import TABLES, schema, to_table
from flows.lake.store import JOURNAL, PREPARING, Lake, LakeError, partition
from tests.flows.rows import DAY, NOON, article, articles, put, tree


def test_the_same_rows_in_any_order_touch_no_byte(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    assert put(lake, {partition("articles", DAY): articles(1, 2, 3)}) == [partition("articles", DAY)]
    before = tree(tmp_path)
    assert put(lake, {partition("articles", DAY): articles(3, 1, 2)}) == []
    assert tree(tmp_path) == before


def test_rows_are_sorted_and_the_schema_is_explicit_even_when_a_column_is_all_null(tmp_path: Path) -> None:
    put(Lake(tmp_path), {partition("articles", DAY): articles(9, 4)})
    file = pq.ParquetFile(tmp_path / partition("articles", DAY))
    assert file.schema_arrow.field("section").type == pa.string()
    assert file.schema_arrow.metadata[b"newsmill.schema_version"] == b"1.2"
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"
    ids = file.read().column("article_id").to_pylist()
    assert ids == sorted(ids)


def test_pandas_duckdb_and_polars_read_the_same_rows_and_types(tmp_path: Path) -> None:
    rows = [article(1), article(2, published=None), article(3, published=NOON + timedelta(days=1))]
    put(
        Lake(tmp_path),
        {
            partition("articles", DAY): to_table(Article, rows[:2]),
            partition("articles", "2026-11-21"): to_table(Article, rows[2:]),
        },
    )
    folder = tmp_path / "articles"
    by_pandas = pd.read_parquet(folder)
    by_duckdb = duckdb.sql(f"from '{folder}/**/*.parquet'").arrow().read_all()
    by_polars = pl.read_parquet(folder)
    assert (
        sorted(by_pandas.article_id) == sorted(by_duckdb["article_id"].to_pylist()) == sorted(by_polars["article_id"])
    )
    assert str(by_pandas.published_at.dtype) == "datetime64[us, UTC]"
    assert by_pandas.published_date.map(type).eq(date).all()
    assert by_polars.schema["published_at"] == pl.Datetime("us", "UTC")
    assert by_polars.schema["authors"] == pl.List(pl.String)
    assert by_duckdb.schema.field("published_date").type == pa.date32()
    assert by_pandas.text.tolist() == by_polars["text"].to_list()


def test_a_partition_left_without_rows_disappears(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    put(lake, {partition("articles", DAY): articles(1)})
    assert put(lake, {partition("articles", DAY): None}) == [partition("articles", DAY)]
    assert lake.dates("articles") == []
    assert not (tmp_path / "articles" / f"date={DAY}").exists()


def test_a_partition_that_outgrows_its_limit_is_split_and_joined_again(tmp_path: Path) -> None:
    rows = articles(*range(40))
    lake = Lake(tmp_path, partition_bytes=rows.nbytes // 3)
    changed = put(lake, {partition("articles", DAY): rows})
    assert len(changed) > 2
    assert sorted(lake.read("articles")["raw_offset"].to_pylist()) == list(range(40))
    put(lake, {partition("articles", DAY): articles(1)})
    assert [p.name for p in (tmp_path / "articles" / f"date={DAY}").iterdir()] == ["part-0.parquet"]


def test_rows_that_do_not_fit_change_nothing(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    put(lake, {partition("articles", DAY): articles(1)})
    before = tree(tmp_path)
    broken = articles(2).set_column(0, "article_id", pa.array([None], pa.string()))
    with pytest.raises((pa.ArrowInvalid, ValueError)):
        put(lake, {partition("articles", "2026-11-19"): articles(5), partition("articles", DAY): broken})
    assert tree(tmp_path) == before


def test_committing_without_the_turn_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="write lock"):
        Lake(tmp_path).commit({})


def test_a_second_writer_waits_and_is_told_who_to_wait_for(tmp_path: Path) -> None:
    with (
        Lake(tmp_path).write_lock(),
        pytest.raises(LakeError, match="is writing"),
        Lake(tmp_path).write_lock(0.05),
    ):
        pass


def test_an_object_store_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="local folder"):
        Lake("s3://bucket/lake")


def test_a_partition_of_another_schema_version_is_refused(tmp_path: Path) -> None:
    old = articles(1).replace_schema_metadata({"newsmill.schema_version": "0"})
    file = tmp_path / partition("articles", DAY)
    file.parent.mkdir(parents=True)
    pq.write_table(old, file)
    with pytest.raises(LakeError, match="schema version 0"):
        Lake(tmp_path).read("articles")


def test_a_partition_of_an_earlier_minor_version_is_read_with_nulls_in_the_columns_it_lacks(tmp_path: Path) -> None:
    old = articles(1).drop_columns(["text_confidence"]).replace_schema_metadata({"newsmill.schema_version": "1"})
    file = tmp_path / partition("articles", DAY)
    file.parent.mkdir(parents=True)
    pq.write_table(old, file)
    rows = Lake(tmp_path).read("articles")
    assert rows.schema.equals(articles(1).schema)
    assert rows.column("text_confidence").to_pylist() == [None]


def test_a_commit_that_died_before_its_journal_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake(tmp_path)
    put(lake, {partition("articles", DAY): articles(1)})
    before = tree(tmp_path)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("flows.lake.store.seal", dies)
    with pytest.raises(KeyboardInterrupt):
        put(lake, {partition("articles", DAY): articles(1, 2), partition("articles", "2026-11-21"): articles(7)})
    monkeypatch.undo()
    assert (tmp_path / PREPARING).exists()
    with Lake(tmp_path).write_lock():
        pass
    assert tree(tmp_path) == before


def test_a_commit_that_died_after_its_journal_is_finished_by_the_next_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(tmp_path)
    put(lake, {partition("articles", DAY): articles(1), partition("articles", "2026-11-18"): articles(8)})
    swapped = 0
    real = Path.replace

    def dies(self: Path, target: Path) -> Path:
        nonlocal swapped
        if target.suffix == ".parquet":
            swapped += 1
            if swapped == 2:
                raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "replace", dies)
    with pytest.raises(KeyboardInterrupt):
        put(
            lake,
            {
                partition("articles", DAY): articles(1, 2),
                partition("articles", "2026-11-21"): articles(7),
                partition("articles", "2026-11-18"): None,
            },
        )
    monkeypatch.undo()
    with Lake(tmp_path).write_lock():
        pass
    assert sorted(Lake(tmp_path).read("articles")["raw_offset"].to_pylist()) == [1, 2, 7]
    assert not list(tmp_path.rglob(".*.tmp"))
    assert not (tmp_path / JOURNAL).exists()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.integers(0, 3), st.none() | st.lists(st.integers(0, 9), unique=True), max_size=3), max_size=5
    )
)
def test_any_sequence_of_commits_reads_back_as_the_last_word_on_each_partition(
    tmp_path_factory: pytest.TempPathFactory, commits: list[dict[int, list[int] | None]]
) -> None:
    lake = Lake(tmp_path_factory.mktemp("lake"))
    expected: dict[int, set[int]] = {}
    for commit in commits:
        put(
            lake,
            {
                partition("articles", DAY + timedelta(days=d)): None if rows is None else articles(*rows)
                for d, rows in commit.items()
            },
        )
        expected |= {d: set(rows or ()) for d, rows in commit.items()}
    for d, rows in expected.items():
        assert set(lake.read("articles", [DAY + timedelta(days=d)])["raw_offset"].to_pylist()) == rows
    assert lake.dates("articles") == sorted(DAY + timedelta(days=d) for d, rows in expected.items() if rows)


@pytest.mark.slow
def test_readers_in_a_loop_never_meet_half_a_file(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    versions = [[replace(article(n), revision=r, text="word " * 200) for n in range(300)] for r in (1, 2)]
    put(lake, {partition("articles", DAY): to_table(Article, versions[0])})
    stop = threading.Event()
    seen: list[tuple[int, int]] = []

    def look() -> None:
        while not stop.is_set():
            frame = pd.read_parquet(tmp_path / "articles", columns=["article_id", "revision"])
            seen.append((len(frame), frame.revision.nunique()))

    reader = threading.Thread(target=look)
    reader.start()
    for turn in range(25):
        put(lake, {partition("articles", DAY): to_table(Article, versions[(turn + 1) % 2])})
    stop.set()
    reader.join()
    assert len(seen) > 5
    assert set(seen) == {(300, 1)}


WRITER = """
import sys
from tests.flows.rows import DAY, articles, put
from datetime import timedelta
from flows.lake.store import Lake, partition
lake = Lake(sys.argv[1])
step = 0
while True:
    step += 1
    rows = articles(*range(step, step + 50))
    put(lake, {partition("articles", DAY): rows, partition("articles", DAY + timedelta(days=1)): rows})
    print(step, flush=True)
"""


@pytest.mark.slow
def test_kill_9_at_any_moment_leaves_one_whole_commit_and_no_lock(tmp_path: Path) -> None:
    chance = random.Random(7)
    for _ in range(10):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
        )
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(chance.random() * 0.1)
        writer.send_signal(signal.SIGKILL)
        reported = writer.stdout.read().split()
        writer.wait()
        lake = Lake(tmp_path)
        with lake.write_lock(5):
            pass
        both = [
            set(lake.read("articles", [DAY + timedelta(days=d)], ["raw_offset"])["raw_offset"].to_pylist())
            for d in (0, 1)
        ]
        assert both[0] == both[1]
        assert len(both[0]) == 50
        assert not reported or min(both[0]) >= int(reported[-1])
        assert not list(tmp_path.rglob(".*.tmp"))


def test_every_table_reads_as_its_schema_when_it_is_empty(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for name, table in TABLES.items():
        assert lake.read(name).schema.equals(schema(table.row), check_metadata=True)
