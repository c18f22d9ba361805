"""Cleans raw records in worker processes: a page that takes too long, or kills its worker, fails alone."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Self

from pebble import ProcessPool

from cleaning.boilerplate.rules import load_rules
from cleaning.boilerplate.site_templates import SiteTemplates
from cleaning.limits import PAGE_SECONDS
from cleaning.records import Cleaned, Reason, Rejection, SourceFacts
from cleaning.rejection import reject
from flows.publishing.unpublished import Record
from flows.publishing.workers.page_futures import cleaned_in_order
from flows.publishing.workers.worker_processes import (
    PAGES_PER_WORKER,
    clean_record,
    own_worker,
    start_worker,
    worker_context,
)

# Tasks queued ahead of the next due result: enough that no worker idles, few enough to stay small.
AHEAD_PER_WORKER = 16


# A page on which cleaning itself fails is set aside; if this share of at least this many pages fails, the fault is not
# the pages'.
FAULTY_SHARE = 0.1
FAULTY_PAGES = 10


class CleaningError(RuntimeError):
    """Cleaning fails on so many pages that the fault is not theirs."""


class CleaningPool:
    """Worker processes that clean records of one lake.

    Args:
        root: the lake.
        sources: facts of the catalogue, by name; a source missing there is cleaned with the defaults.
        workers: processes; one per processor if None. With 0, pages are cleaned in this process, for a debugger: then
        no page is ever given up.
        page_seconds: wall-clock time after which a page is given up and its worker replaced.
        fast: ask for a second opinion only where the block model is unsure.
    """

    def __init__(
        self,
        root: Path,
        sources: Mapping[str, SourceFacts],
        *,
        workers: int | None = None,
        page_seconds: float = PAGE_SECONDS,
        fast: bool = False,
    ) -> None:
        self.workers = os.cpu_count() or 1 if workers is None else workers
        self._page_seconds = page_seconds
        self._rules_version = load_rules().version
        self._own = own_worker(root, dict(sources), fast=fast) if self.workers == 0 else None
        self._pool = ProcessPool(
            max_workers=max(1, self.workers),
            max_tasks=PAGES_PER_WORKER,
            initializer=start_worker,
            initargs=[root, dict(sources), fast],
            context=worker_context(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def clean(
        self, records: Iterable[Record], templates: Mapping[Record, SiteTemplates]
    ) -> Iterator[tuple[Record, Cleaned]]:
        """The result for each record, in the given order. A page that fails yields a Rejection; the others continue.

        Args:
            records: read by the workers themselves, so that no body passes through this process.
            templates: site templates per record; a record without an entry is cleaned without.

        Raises:
            CleaningError: see FAULTY_SHARE; the message quotes the last fault.
        """
        results = cleaned_in_order(
            records,
            lambda record: self._submit(record, templates),
            ahead=self.workers * AHEAD_PER_WORKER,
            page_seconds=self._page_seconds,
        )
        faults = 0
        for seen, (record, result) in enumerate(results, start=1):
            if isinstance(result, Cleaned):
                yield record, result
                continue
            yield record, Cleaned(self._rejection(record, result.reason, result.detail), seconds=result.seconds)
            faults += result.error is not None
            if faults >= FAULTY_PAGES and faults > FAULTY_SHARE * seen:
                raise CleaningError(
                    f"cleaning failed on {faults} of {seen} pages, last with {result.detail}; none of the "
                    "batch was published. Fix the fault (its traceback is in the log), then publish again."
                )

    def _submit(self, record: Record, templates: Mapping[Record, SiteTemplates]) -> Future[Cleaned]:
        args = [record.raw_file, record.raw_offset, templates.get(record)]
        if self._own is None:
            future: Future[Cleaned] = self._pool.schedule(clean_record, args=args, timeout=self._page_seconds)
            return future
        future = Future()
        try:
            future.set_result(self._own.clean(record.raw_file, record.raw_offset, templates.get(record)))
        except Exception as e:
            future.set_exception(e)
        return future

    def _rejection(self, record: Record, reason: Reason, detail: str) -> Rejection:
        return reject(record, reason, detail, self._rules_version)
