"""Progress bars on a terminal; nothing where stderr is a pipe or a log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from flows.cli.shared.console import err

if TYPE_CHECKING:
    from flows.publishing.batches import PublishProgress

T = TypeVar("T")


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=err, transient=True, redirect_stdout=False, disable=not err.is_terminal)


def counted(items: Iterable[T], description: str) -> Iterator[T]:
    """The items as they come, counted on the terminal; how many there will be is not known."""
    with _bar() as bar:
        task = bar.add_task(description, total=None)
        for item in items:
            yield item
            bar.advance(task)


@contextmanager
def publishing_bar(description: str) -> Iterator[None]:
    """A bar for each publishing that a flow does inside: pages done of pages listed."""
    from flows.work.publish import listeners

    with _bar() as bar:
        task = bar.add_task(description, total=None)

        def tell(progress: PublishProgress) -> None:
            bar.update(task, completed=progress.done, total=progress.listed)

        listeners.append(tell)
        try:
            yield
        finally:
            listeners.remove(tell)
