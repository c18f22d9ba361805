"""Who waits for a lake's write lock is told for whom, soon and then each minute."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.lake.lock_holder import holder
from flows.lake.store import Lake, LakeError

HOLD = """
import sys, time
from flows.lake.store import Lake
with Lake(sys.argv[1]).write_lock():
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def held(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lake."""
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.mark.slow
def test_a_writer_that_waits_says_who_holds_the_lake_and_says_it_again(
    held: subprocess.Popen[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("flows.lake.lock_holder.FIRST_SECONDS", 0.1)
    monkeypatch.setattr("flows.lake.lock_holder.NEXT_SECONDS", 0.2)
    with (
        caplog.at_level(logging.WARNING),
        pytest.raises(LakeError, match=f"process {held.pid} on .* is writing"),
        Lake(tmp_path).write_lock(timeout=0.4),
    ):
        pass
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2
    assert all(f"process {held.pid}" in line and "since" in line for line in told)


def test_it_is_told_after_five_seconds_and_then_each_minute() -> None:
    from flows.lake import lock_holder

    assert (lock_holder.FIRST_SECONDS, lock_holder.NEXT_SECONDS) == (5.0, 60.0)


def test_a_lake_whose_holder_left_no_note_is_held_by_another_process(tmp_path: Path) -> None:
    assert holder(tmp_path) == "another process"


def test_a_lake_that_is_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(LakeError, match="is a file"):
        Lake(tmp_path / "file")
