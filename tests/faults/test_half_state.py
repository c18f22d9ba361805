"""State that a full disk, a power cut or a stranger left half there: healed where safe, named where not."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from cleaning.schema.arrow import TABLES
from flows.crawling.probe import save_source
from flows.crawling.runs import Run, RunWindows, is_finished, runs_asked_for, runs_begun, save_run
from flows.date_range import DateRange
from flows.duplicates.rewrites_refresh import STATE, refresh_rewrites
from flows.lake.journal import JOURNAL, PREPARING, seal, temporary
from flows.lake.store import Lake, LakeError, partition
from flows.publishing.publisher import Publishing, publish_raw
from spiders.catalogue import CatalogueError, load_catalogue, read_catalogue, select
from spiders.frontier.database import FrontierError
from spiders.frontier.frontier import Frontier
from spiders.system.whole_file import write_whole
from tests.faults.conftest import Attack
from tests.flows.archive import START, ExactIndex, Page, story, write_archive
from tests.flows.rows import DAY, articles, put

OTHER = DAY + timedelta(days=1)


def staged_commit(root: Path) -> None:
    """A lake in which one partition is about to be replaced and another to go, as the journal's writing leaves it."""
    put(Lake(root), {partition("articles", DAY): articles(1, 2), partition("articles", OTHER): articles(3)})
    target = root / partition("articles", DAY)
    done = root / "done"
    put(Lake(done), {partition("articles", DAY): articles(1, 2, 3)})
    shutil.move(done / partition("articles", DAY), temporary(target))
    shutil.rmtree(done)
    staged = temporary(target).relative_to(root).as_posix()
    seal(root, {staged: partition("articles", DAY)}, [partition("articles", OTHER)])


@pytest.mark.attack("journal cut at any byte", "fault")
def test_a_journal_that_is_cut_anywhere_is_finished_all_the_same(tmp_path: Path, attack: Attack) -> None:
    staged_commit(tmp_path / "whole")
    length = (tmp_path / "whole" / JOURNAL).stat().st_size
    for cut in [0, 1, length // 4, length // 2, length - 2, length - 1]:
        with attack.case(cut):
            root = tmp_path / f"cut-{cut}"
            shutil.copytree(tmp_path / "whole", root)
            journal = root / JOURNAL
            journal.write_bytes(journal.read_bytes()[:cut])
            with Lake(root).write_lock():
                pass
            assert Lake(root).read("articles").num_rows == 3
            assert Lake(root).dates("articles") == [DAY]
            assert not [path for path in root.rglob(".*") if path.is_file()]
            assert not journal.exists()


def test_a_cut_journal_is_not_obeyed_where_a_staged_file_is_half_there(tmp_path: Path) -> None:
    staged_commit(tmp_path)
    (tmp_path / JOURNAL).write_bytes(b"")
    new = temporary(tmp_path / partition("articles", DAY))
    new.write_bytes(new.read_bytes()[:100])
    with pytest.raises(LakeError, match="not whole"), Lake(tmp_path).write_lock():
        pass
    assert Lake(tmp_path).read("articles").num_rows == 3


FOREIGN = [
    "../secret",
    "/etc/passwd",
    "articles/../../secret",
    "articles/date=2026-11-20/../../../secret",
    "state/ledger.sqlite",
    "raw/source=post/date=2026-11-20/r-00000.warc.gz",
    "secret",
    "",
    ".",
    "articles\\..\\..\\secret",
    "articles/\0",
]


@pytest.mark.attack("journal that names other files", "hostile input")
def test_a_journal_never_moves_or_removes_a_file_that_is_no_table_s(tmp_path: Path, attack: Attack) -> None:
    secret = tmp_path / "secret"
    for number, path in enumerate(FOREIGN):
        for told in (
            {"swaps": {}, "deletions": [path]},
            {"swaps": {path: "articles/date=2026-11-20/part-0.parquet"}, "deletions": []},
            {"swaps": {"articles/date=2026-11-20/.part-0.parquet.tmp": path}, "deletions": []},
        ):
            with attack.case((path, told)):
                root = tmp_path / f"lake-{number}"
                put(Lake(root), {partition("articles", DAY): articles(1)})
                secret.write_text("kept")
                (root / "secret").write_text("kept")
                (root / JOURNAL).write_text(json.dumps(told))
                with pytest.raises(LakeError, match="journal"), Lake(root).write_lock():
                    pass
                assert secret.read_text() == (root / "secret").read_text() == "kept"
                assert Lake(root).read("articles").num_rows == 1
                (root / JOURNAL).unlink()


def test_a_table_s_folder_may_be_a_link_to_another_disk(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    (tmp_path / "disk").mkdir()
    (tmp_path / "lake" / "articles").symlink_to(tmp_path / "disk")
    put(lake, {partition("articles", DAY): articles(1)})
    assert lake.read("articles").num_rows == 1


NOT_WHOLE = [b"", b"{", b"null", b"[]", b"{}", b"\xff\xfe", b'{"temporary": 3}', b'{"temporary": [3]}', b"[" * 100_000]


@pytest.mark.attack("half of a state file", "fault")
def test_publish_goes_on_whatever_is_left_of_a_state_file(tmp_path: Path, attack: Attack) -> None:
    root = tmp_path / "lake"
    window = DateRange(START.date(), START.date())
    for number, content in enumerate(NOT_WHOLE):
        for name in (PREPARING, "state/runs/r1.json", STATE, JOURNAL):
            with attack.case((name, content[:10])):
                shutil.rmtree(root, ignore_errors=True)
                save_run(root, Run("r1", ("the-harbor-post",), window))
                write_archive(root, "r1", [Page("a", story(1)), Page("b", story(number + 2))])
                (root / name).write_bytes(content)

                lake = Lake(root)
                publish_raw(lake, Publishing({}, ExactIndex(root).decide, workers=0))
                refresh_rewrites(lake)
                assert lake.read("articles").num_rows == 2
                if name.endswith("r1.json"):
                    assert RunWindows(root).of("r1") is None
                    assert not is_finished(root, "r1")
                    assert runs_asked_for(root, window, ["the-harbor-post"]) == []
                    assert list(runs_begun(root, window.first, window.last)) == []


@pytest.mark.attack("truncated Parquet", "fault")
def test_a_truncated_file_of_the_lake_is_named(tmp_path: Path, attack: Attack) -> None:
    rng = random.Random(4)
    write_archive(tmp_path, "r1", [Page("a", story(1))])
    how = Publishing({}, ExactIndex(tmp_path).decide, workers=0)
    publish_raw(Lake(tmp_path), how)
    files = sorted(path for path in tmp_path.rglob("*.parquet"))
    assert {path.relative_to(tmp_path).parts[0] for path in files} >= {"articles", "index"}
    write_archive(tmp_path, "r2", [Page("a", story(2)), Page("c", story(3))])
    for file in files:
        whole = file.read_bytes()
        for size in (0, 3, 8, rng.randrange(len(whole)), len(whole) - 1):
            with attack.case((file.name, size)):
                file.write_bytes(whole[:size])
                try:
                    Lake(tmp_path).read("articles")
                    publish_raw(Lake(tmp_path), how)
                    pytest.fail(f"{file} is not whole, and nobody said so")
                except LakeError as error:
                    assert str(file.relative_to(tmp_path)) in str(error)
                    assert "copy" in str(error)
                finally:
                    file.write_bytes(whole)


FOLDERS = [
    "date=__HIVE_DEFAULT_PARTITION__",
    "date=",
    "date=2026-13-01",
    "date=20261120",
    "date=..",
    "date=null",
    "tmp",
]


@pytest.mark.attack("folders that are no date", "fault")
def test_a_folder_that_is_no_date_is_named_and_breaks_no_read(
    tmp_path: Path, attack: Attack, caplog: pytest.LogCaptureFixture
) -> None:
    write_archive(tmp_path, "r1", [Page("a", story(1))])
    for folder in FOLDERS:
        with attack.case(folder):
            for table in (*TABLES, "index/documents", "index/published", "raw/source=the-harbor-post"):
                (tmp_path / table / folder).mkdir(parents=True, exist_ok=True)
            publish_raw(Lake(tmp_path), Publishing({}, ExactIndex(tmp_path).decide, workers=0))
            assert Lake(tmp_path).read("articles").num_rows == 1
    assert "__HIVE_DEFAULT_PARTITION__" in caplog.text


GOOD = 'name = "{0}"\ntitle = "{0}"\nhome = "https://{0}.example/"\nhosts = ["{0}.example"]\nenabled = true\n'
BAD_TOML = [b"", b"name = ", b"\x00", b"\xff\xfe\x00", b"[" * 5_000, b"a = 1e999999\n", b'name = "x"\n' * 2, b"= = ="]


@pytest.mark.attack("broken TOML", "hostile input")
def test_a_broken_source_file_costs_that_source_alone(
    tmp_path: Path, attack: Attack, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("harbor", "valley"):
        (tmp_path / f"{name}.toml").write_text(GOOD.format(name))
    whole = GOOD.format("broken").encode()
    for content in [*BAD_TOML, *(whole[:n] for n in range(0, len(whole) - 20, 3))]:
        with attack.case(content[-20:]):
            (tmp_path / "broken.toml").write_bytes(content)
            sources, faults = read_catalogue(tmp_path)
            assert set(sources) == {"harbor", "valley"}
            assert "broken.toml" in faults["broken"]
            caplog.clear()
            assert set(load_catalogue(tmp_path)) == set(select(tmp_path, None)) == {"harbor", "valley"}
            assert "broken.toml" in caplog.text
            with pytest.raises(CatalogueError, match=r"broken\.toml"):
                select(tmp_path, ["broken"])
    (tmp_path / "broken.toml").unlink()
    (tmp_path / "folder.toml").mkdir()
    assert set(read_catalogue(tmp_path)[1]) == {"folder"}


@contextmanager
def no_file_beyond(limit: int) -> Iterator[None]:
    """What a full disk looks like, without one: no file of this process may grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.attack("full disk", "fault")
def test_a_full_disk_leaves_a_small_file_as_it_was(tmp_path: Path, attack: Attack) -> None:
    """sources add, a run's note, the journal: each written whole or not at all."""
    for limit in range(0, 1_200, 24):
        with attack.case(limit):
            file = tmp_path / "file.toml"
            file.write_text("old")
            with pytest.raises(OSError, match="File too large"), no_file_beyond(limit):
                write_whole(file, "new " * 300)
            assert file.read_text() == "old"
            assert sorted(path.name for path in tmp_path.iterdir()) == ["file.toml"]


@pytest.mark.attack("full disk", "fault")
def test_a_commit_on_a_full_disk_changes_nothing_and_the_next_one_is_whole(tmp_path: Path, attack: Attack) -> None:
    lake = Lake(tmp_path)
    put(lake, {partition("articles", DAY): articles(1)})
    rows = articles(*range(1, 60))
    for limit in range(0, 10_000, 400):
        with attack.case(limit):
            with pytest.raises(OSError, match=r"(?i)file too large|write"), no_file_beyond(limit):
                put(lake, {partition("articles", DAY): rows})
            assert lake.read("articles").num_rows == 1
            with lake.write_lock():
                pass
            assert not [path for path in tmp_path.rglob(".*") if path.is_file()]
    put(lake, {partition("articles", DAY): rows})
    assert lake.read("articles").num_rows == 59


@pytest.mark.attack("kills while a file is written", "kill")
def test_sources_add_killed_at_any_moment_leaves_the_old_file_or_the_new(tmp_path: Path, attack: Attack) -> None:
    rng = random.Random(5)
    new = GOOD.format("harbor") + "# " + "x" * 500_000 + "\n"
    for name in ("harbor", "valley"):
        (tmp_path / f"{name}.toml").write_text(GOOD.format(name))
    for number in range(100):
        with attack.case(number):
            (tmp_path / "harbor.toml").write_text(GOOD.format("harbor"))
            child = os.fork()
            if child == 0:
                while True:
                    save_source(new, "harbor", tmp_path, force=True)
            time.sleep(rng.uniform(0, 0.06))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            assert set(load_catalogue(tmp_path)) == {"harbor", "valley"}
            assert (tmp_path / "harbor.toml").read_text() in (GOOD.format("harbor"), new)


def test_a_frontier_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "state" / "ledger.sqlite"
    Frontier(path).close()
    for content in (b"no database at all, but long enough to be taken for one" * 20, path.read_bytes()[:1_500]):
        path.write_bytes(content)
        for beside in ("-wal", "-shm"):
            path.with_name(path.name + beside).unlink(missing_ok=True)
        with pytest.raises(FrontierError, match="ledger"):
            Frontier(path)
