"""Takes items from an iterator in a thread of its own, a bounded number ahead of whoever uses them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")
# How often a thread that waits looks whether it is still wanted.
LOOK_SECONDS = 0.2


class ReadAhead(Generic[T]):
    """The items of an iterator, produced while the ones before are being used; a context manager.

    An error of the iterator is raised where its item would have come. Leaving the context does not wait for the thread:
    it ends with the item that it is producing.

    Args:
        items: used by the thread alone from now on.
        ahead: items that may wait; each is held in memory.
    """

    def __init__(self, items: Iterator[T], ahead: int) -> None:
        self._items = items
        self._queue: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue(ahead)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._produce, name="read-ahead", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()

    def __iter__(self) -> Iterator[T]:
        while True:
            item, error = self._queue.get()
            if error is not None:
                raise error
            if item is None:
                return
            yield item

    def _produce(self) -> None:
        try:
            for item in self._items:
                self._put((item, None))
                if self._stopping.is_set():
                    return
            self._put((None, None))
        except BaseException as error:
            self._put((None, error))

    def _put(self, entry: tuple[T | None, BaseException | None]) -> None:
        while not self._stopping.is_set():
            try:
                self._queue.put(entry, timeout=LOOK_SECONDS)
                return
            except queue.Full:
                continue
