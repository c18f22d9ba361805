"""Progress is drawn on a terminal, and nothing of it reaches a pipe; tables are as wide as COLUMNS says."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from flows.cli.shared import progress
from flows.cli.shared.console import PIPE_COLUMNS, console
from flows.publishing.batches import PublishProgress
from flows.work.progress import publishing


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    drawn = io.StringIO()
    console = Console(file=drawn, force_terminal=True, width=100)
    monkeypatch.setattr(progress, "err", lambda: console)
    return drawn


def test_publishing_draws_pages_done_of_pages_listed(terminal: io.StringIO) -> None:
    with progress.publishing_bar("publish"):
        [tell] = publishing
        tell(PublishProgress(7, 9))
    assert "7/9" in terminal.getvalue()
    assert publishing == []


def test_a_crawl_draws_urls_visited_of_urls_known(
    terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    @contextmanager
    def watch_crawls(lake: Path, tell: Callable[[int, int], None]) -> Iterator[None]:
        assert lake == tmp_path
        tell(40, 70)
        yield

    monkeypatch.setattr(progress, "watch_crawls", watch_crawls)
    with progress.publishing_bar("publish", crawls_in=tmp_path):
        pass
    assert "40/70" in terminal.getvalue()


def test_items_are_counted_as_they_come(terminal: io.StringIO) -> None:
    assert list(progress.counted(range(3), "clean")) == [0, 1, 2]
    assert "3/?" in terminal.getvalue()


def test_a_pipe_gets_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = io.StringIO()
    console = Console(file=drawn)
    monkeypatch.setattr(progress, "err", lambda: console)
    assert list(progress.counted(range(3), "clean")) == [0, 1, 2]
    assert drawn.getvalue() == ""


def test_a_piped_table_is_as_wide_as_columns_says_and_wide_without() -> None:
    assert console(environment={"COLUMNS": "72"}).width == 72
    assert console(environment={}).width == PIPE_COLUMNS
