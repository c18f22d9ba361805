"""How worker processes are started: forked from a server that loaded the code once, and has no threads.

Neither forked from this process, whose threads (Prefect's, Arrow's) a fork would freeze in mid-step, nor started from
nothing, which costs each worker the second that the imports take, and memory of its own for the models and tables.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Sequence
from importlib import import_module
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cleaning.boilerplate.site_templates import SiteTemplates
    from cleaning.records import Cleaned, SourceFacts
    from flows.publishing.workers.page_worker import PageWorker

# trafilatura's and lxml's caches grow with the pages seen; a fresh worker is a fork of one that is warm.
PAGES_PER_WORKER = 5_000
# Loads models, rules and tables as well: for a pool that cleans many pages.
WARM = "flows.publishing.workers.warm_worker"


def worker_context(preload: Sequence[str] = (WARM,)) -> BaseContext:
    """The context in which a pool starts its processes.

    Args:
        preload: modules that the server of forks imports; it keeps to those that it was started with.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():  # Windows
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    return context


def single_context(module: str) -> BaseContext:
    """The context of a pool of one process for one page: a server of forks would cost more than the page.

    Args:
        module: what the process runs; loaded here, by a command that has no threads yet, and forked.
    """
    if sys.platform != "linux":  # macOS' frameworks do not survive a fork
        return worker_context((module,))
    import_module(module)
    return multiprocessing.get_context("fork")


# What the workers run, by a name that this process can give without loading the code of cleaning.


def start_worker(root: Path, sources: dict[str, SourceFacts], fast: bool) -> None:
    """:func:`flows.publishing.workers.page_worker.start_worker`."""
    from flows.publishing.workers import page_worker  # noqa: PLC0415

    page_worker.start_worker(root, sources, fast)


def clean_record(raw_file: str, raw_offset: int, templates: SiteTemplates | None) -> Cleaned:
    """:func:`flows.publishing.workers.page_worker.clean_record`."""
    from flows.publishing.workers import page_worker  # noqa: PLC0415

    return page_worker.clean_record(raw_file, raw_offset, templates)


def own_worker(root: Path, sources: dict[str, SourceFacts], *, fast: bool) -> PageWorker:
    """A worker in this process, for a debugger."""
    from flows.publishing.workers.page_worker import PageWorker  # noqa: PLC0415

    return PageWorker(root, sources, fast=fast)
