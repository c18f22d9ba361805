"""A snapshot holds what one commit left, whatever is committed meanwhile and later."""

from __future__ import annotations

import errno
import os
import threading
from datetime import timedelta
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from typer.testing import CliRunner

from flows.cli.app import app
from flows.lake.snapshot import take_snapshot
from flows.lake.store import Lake, LakeError, partition
from tests.flows.rows import DAY, articles, put

DAYS = [DAY + timedelta(days=n) for n in range(4)]


def commit(lake: Lake, count: int) -> None:
    """Every day with this many articles: a snapshot whose days differ is of two commits."""
    put(lake, {partition("articles", day): articles(*range(count)) for day in DAYS})


def test_it_stays_as_it_was_and_takes_no_space(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    commit(lake, 3)
    made = take_snapshot(lake, tmp_path / "at-noon")
    assert (made.files, made.is_linked) == (len(DAYS), True)
    file = partition("articles", DAY)
    assert (tmp_path / "at-noon" / file).samefile(lake.root / file)
    commit(lake, 7)
    put(lake, {partition("articles", DAYS[1]): None})
    assert len(pd.read_parquet(tmp_path / "at-noon" / "articles")) == 3 * len(DAYS)
    assert len(pl.read_parquet(tmp_path / "at-noon" / "articles")) == 3 * len(DAYS)


@pytest.mark.slow
def test_it_is_of_one_commit_beside_a_writer(tmp_path: Path) -> None:
    lake, stop = Lake(tmp_path / "lake"), threading.Event()
    commit(lake, 1)

    def write() -> None:
        count, own = 1, Lake(lake.root)
        while not stop.is_set():
            commit(own, count)
            count = count % 5 + 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(20):
            folder = tmp_path / f"snapshot-{number}"
            take_snapshot(lake, folder)
            rows = [len(pd.read_parquet(file)) for file in folder.rglob("*.parquet")]
            assert len(rows) == len(DAYS)
            assert len(set(rows)) == 1
    finally:
        stop.set()
        writer.join()


def test_a_commit_that_died_half_way_is_finished_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake(tmp_path / "lake")
    commit(lake, 1)
    monkeypatch.setattr("flows.lake.store.recover", lambda root: None)
    with pytest.raises(FileNotFoundError), lake.write_lock():
        lake.commit({partition("articles", day): articles(*range(9)) for day in DAYS})
        raise FileNotFoundError
    monkeypatch.undo()
    take_snapshot(lake, tmp_path / "s")
    assert len(pd.read_parquet(tmp_path / "s" / "articles")) == 9 * len(DAYS)


def test_it_is_copied_to_another_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake(tmp_path / "lake")
    commit(lake, 2)

    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    assert not take_snapshot(lake, tmp_path / "s").is_linked
    assert len(pd.read_parquet(tmp_path / "s" / "articles")) == 2 * len(DAYS)


def test_a_folder_that_would_be_overwritten_or_read_with_the_table_is_refused(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    commit(lake, 1)
    (tmp_path / "there").mkdir()
    with pytest.raises(LakeError, match="exists"):
        take_snapshot(lake, tmp_path / "there")
    with pytest.raises(LakeError, match="inside a table"):
        take_snapshot(lake, lake.root / "articles" / "copy")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lake", "there"]


def test_one_that_was_killed_is_made_anew(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    commit(lake, 1)
    half = tmp_path / ".s.snapshot" / "articles" / "date=1999-01-01"
    half.mkdir(parents=True)
    (half / "part-0.parquet").write_bytes(b"half")
    take_snapshot(lake, tmp_path / "s")
    assert len(pd.read_parquet(tmp_path / "s" / "articles")) == len(DAYS)
    assert not (tmp_path / ".s.snapshot").exists()


def test_the_command_says_what_it_made(tmp_path: Path) -> None:
    commit(Lake(tmp_path / "lake"), 1)
    told = CliRunner().invoke(app, ["snapshot", str(tmp_path / "s"), "--lake", str(tmp_path / "lake"), "--json"])
    assert told.exit_code == 0, told.output
    assert '"files": 4' in told.output
    assert len(pl.read_parquet(tmp_path / "s" / "articles")) == len(DAYS)
