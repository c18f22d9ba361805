"""What a cleaning process does: it reads a record of the raw archive and cleans it.

It imports neither Arrow nor pandas nor SQLAlchemy: they would double the memory and the start of each worker.
"""

from __future__ import annotations

import signal
import time
from dataclasses import replace
from pathlib import Path

from cleaning.boilerplate.rules import RuleSet, load_rules
from cleaning.boilerplate.site_templates import SiteTemplates
from cleaning.pipeline import clean
from cleaning.records import Cleaned, SourceFacts
from flows.crawling.child_processes import die_with_parent
from spiders.archive.warc_reader import read_page


class PageWorker:
    """What a worker process keeps between pages.

    Args:
        root: the lake.
        sources: facts of the catalogue, by name; a source missing there is cleaned with the defaults.
        fast: ask for a second opinion only where the block model is unsure.
    """

    def __init__(self, root: Path, sources: dict[str, SourceFacts], *, fast: bool = False) -> None:
        self.root = root
        self.sources = sources
        self.fast = fast
        self.rules: RuleSet = load_rules()

    def clean(self, raw_file: str, raw_offset: int, templates: SiteTemplates | None) -> Cleaned:
        """Clean one record; its CPU time counts, the reading of its bytes does not."""
        page = read_page(self.root, raw_file, raw_offset)
        source = self.sources.get(page.source) or SourceFacts(page.source)
        started = time.process_time()
        cleaned = clean(page, source, self.rules, templates, fast=self.fast)
        return replace(cleaned, seconds=time.process_time() - started)


_worker: PageWorker | None = None


def start_worker(root: Path, sources: dict[str, SourceFacts], fast: bool) -> None:
    """Runs once in each worker: a pool's tasks can share only what lives in their module."""
    global _worker  # noqa: PLW0603
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker = PageWorker(root, sources, fast=fast)


def clean_record(raw_file: str, raw_offset: int, templates: SiteTemplates | None) -> Cleaned:
    """One task of a pool whose processes began with :func:`start_worker`."""
    if _worker is None:
        raise RuntimeError("a worker must be started by start_worker")
    return _worker.clean(raw_file, raw_offset, templates)
