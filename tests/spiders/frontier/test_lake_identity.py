"""A frontier serves one lake: a second one would silently get nothing of what the first has."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from flows.config import Settings, open_frontier
from spiders.frontier.frontier import Frontier
from spiders.frontier.lake_identity import WrongLakeError, hold_to_lake, lake_id


def test_a_frontier_that_a_second_lake_uses_refuses_it_and_says_what_to_do(tmp_path: Path) -> None:
    settings = Settings(frontier=f"sqlite:///{tmp_path / 'shared.sqlite'}")
    open_frontier(tmp_path / "one", settings).close()
    open_frontier(tmp_path / "one", settings).close()
    with pytest.raises(WrongLakeError, match=r"one\).*NEWSMILL_FRONTIER"):
        open_frontier(tmp_path / "two", settings)


def test_a_lake_that_was_moved_keeps_its_frontier(tmp_path: Path) -> None:
    open_frontier(tmp_path / "one", Settings()).close()
    shutil.move(tmp_path / "one", tmp_path / "two")
    open_frontier(tmp_path / "two", Settings()).close()


def test_a_lake_whose_state_was_lost_gets_its_frontier_back_as_the_message_says(tmp_path: Path) -> None:
    frontier = Frontier(tmp_path / "shared.sqlite")
    hold_to_lake(frontier.engine, tmp_path / "one")
    before = lake_id(tmp_path / "one")
    shutil.rmtree(tmp_path / "one" / "state")
    with pytest.raises(WrongLakeError) as caught:
        hold_to_lake(frontier.engine, tmp_path / "one")
    assert f"write {before} into" in str(caught.value)
    (tmp_path / "one" / "state" / "lake-id").write_text(before)
    hold_to_lake(frontier.engine, tmp_path / "one")
    frontier.close()
