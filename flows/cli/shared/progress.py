"""Progress bars on a terminal; nothing where stderr is a pipe or a log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from flows.cli.shared.console import err
from flows.cli.shared.crawl_progress import watch_crawls

if TYPE_CHECKING:
    from rich.progress import Progress

    from flows.publishing.batches import PublishProgress

T = TypeVar("T")


def _bar() -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=err(), transient=True, redirect_stdout=False, disable=not err().is_terminal)


def counted(items: Iterable[T], description: str) -> Iterator[T]:
    """The items as they come, counted on the terminal; how many there will be is not known."""
    with _bar() as bar:
        task = bar.add_task(description, total=None)
        for item in items:
            yield item
            bar.advance(task)


@contextmanager
def publishing_bar(description: str, *, crawls_in: Path | None = None) -> Iterator[None]:
    """A bar for each publishing that a flow does inside: pages done of pages listed.

    Args:
        description: of the bar.
        crawls_in: a lake whose crawls inside get a bar of their own: URLs visited of URLs known so far.
    """
    from flows.work.progress import publishing

    with _bar() as bar:
        task = bar.add_task(description, total=None)

        def tell(progress: PublishProgress) -> None:
            bar.update(task, completed=progress.done, total=progress.listed)

        publishing.append(tell)
        try:
            with _crawl_bar(bar, crawls_in):
                yield
        finally:
            publishing.remove(tell)


@contextmanager
def _crawl_bar(bar: Progress, lake: Path | None) -> Iterator[None]:
    if lake is None or bar.disable:  # nobody looks: the frontier need not be asked
        yield
        return
    task = bar.add_task("crawl", total=None)
    with watch_crawls(lake, lambda visited, known: bar.update(task, completed=visited, total=known)):
        yield
