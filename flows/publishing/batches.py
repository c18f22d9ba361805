"""Cleaned pages in batches: the next ones are read and cleaned while one is planned and committed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice

from cleaning.records import Cleaned
from flows.lake.index import ReadFile
from flows.lake.store import Lake, LakeError
from flows.publishing import site_templates
from flows.publishing.edited_lines import edited_lines
from flows.publishing.read_ahead import ReadAhead
from flows.publishing.unpublished import Record, Unpublished
from flows.publishing.workers.cleaning_pool import CleaningPool

# Pages cleaned ahead of the commit: some 15 s of two processes, in which a batch is planned and committed; 10 kB each.
AHEAD_PAGES = 1_000
# After so many attempts that another writer's commit made vain, the pages are cleaned under the lock.
ATTEMPTS = 3

Pairs = list[tuple[Record, Cleaned]]


@dataclass(frozen=True, slots=True)
class PublishProgress:
    """Progress of a publish."""

    done: int  # pages cleaned
    listed: int  # pages known to be unpublished; grows as more fetch dates are listed


@dataclass(slots=True)
class CleanedBatch:
    """The pages of one commit, cleaned without site templates.

    Attributes:
        records: what the batch consists of.
        files: raw files that are read to their end with it.
        is_reopened: its records were published before, as outside the range that was asked for.
        pages: each record with its cleaned form, once all of them are cleaned.
    """

    records: Sequence[Record]
    files: Sequence[ReadFile]
    is_reopened: bool = False
    pages: Pairs = field(default_factory=list)


def batches_of(group: Unpublished, size: int, *, is_reopened: bool = False) -> Iterator[CleanedBatch]:
    """The records of a group in batches; its files count as fully read with the last one."""
    if not group.records and group.files:
        yield CleanedBatch([], group.files)
    for start in range(0, len(group.records), size):
        is_last = start + size >= len(group.records)
        yield CleanedBatch(group.records[start : start + size], group.files if is_last else [], is_reopened)


def cleaned_batches(
    pool: CleaningPool,
    batches: Iterable[CleanedBatch],
    on_progress: Callable[[PublishProgress], None],
    listed: Callable[[], int],
) -> Generator[CleanedBatch, None, None]:
    """The batches with their pages, in order.

    Args:
        pool: does the cleaning.
        batches: read in a thread, as their turn to be cleaned comes.
        on_progress: called after each page.
        listed: pages known so far.
    """
    begun: deque[CleanedBatch] = deque()

    def records() -> Iterator[Record]:
        for batch in batches:
            begun.append(batch)
            yield from batch.records

    done = 0
    with ReadAhead(pool.clean(records(), {}), AHEAD_PAGES) as pages:
        upcoming = iter(pages)
        while True:
            first = next(upcoming, None)
            # Batches that consist of files alone stand before the one that the page is of.
            while begun and not begun[0].records:
                yield begun.popleft()
            if first is None:
                return
            batch = begun.popleft()
            for pair in chain([first], islice(upcoming, len(batch.records) - 1)):
                batch.pages.append(pair)
                done += 1
                on_progress(PublishProgress(done, listed()))
            yield batch


@contextmanager
def under_lock(pool: CleaningPool, lake: Lake, pages: Pairs) -> Iterator[tuple[Pairs, dict[str, site_templates.Sites]]]:
    """Hold the write lock, with the pages cleaned by what their sites repeat according to the lake as it then is.

    Pages that contain a line which their site repeats are cleaned again, before the lock is taken. Where another
    writer has committed site templates or versions of articles meanwhile, or removed a file that was being read, they
    are cleaned once more.

    Yields:
        Each record with its cleaned form, and the site templates learnt from the pages, by fetch date.
    """
    days = site_templates.days_of(pages)
    for _ in range(ATTEMPTS):
        before = site_templates.state(lake.root, days)
        try:
            cleaned = _cleaned_again(pool, lake, pages)
        except LakeError:  # a file that is broken, and was not just replaced, is met again under the lock
            continue
        with lake.write_lock():
            if site_templates.state(lake.root, days) == before:
                yield cleaned
                return
    with lake.write_lock():
        yield _cleaned_again(pool, lake, pages)


def clean_batch(
    pool: CleaningPool,
    lake: Lake,
    records: Sequence[Record],
    on_progress: Callable[[PublishProgress], None] = lambda _: None,
) -> tuple[Pairs, dict[str, site_templates.Sites]]:
    """Both passes over some records, without any lock: for whoever commits nothing.

    Args:
        pool: does the cleaning.
        lake: whose site templates are read.
        records: the batch.
        on_progress: called after each page.

    Returns:
        What :func:`under_lock` yields.
    """
    pages: Pairs = []
    for pair in pool.clean(records, {}):
        pages.append(pair)
        on_progress(PublishProgress(len(pages), len(records)))
    return _cleaned_again(pool, lake, pages)


def _cleaned_again(pool: CleaningPool, lake: Lake, pages: Pairs) -> tuple[Pairs, dict[str, site_templates.Sites]]:
    learnt = site_templates.learn(pages, edited_lines(lake, pages))
    repeating = site_templates.suspects(pages, site_templates.recall(lake.root, learnt))
    anew = dict(pool.clean(repeating, repeating))
    return [(record, anew.get(record, page)) for record, page in pages], learnt
