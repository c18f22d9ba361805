"""Cleans the user's own files in worker processes: a page that takes too long fails alone."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from itertools import chain, islice
from typing import TYPE_CHECKING

from pebble import ProcessPool

from cleaning.limits import PAGE_SECONDS
from cleaning.records import Article, Cleaned
from cleaning.rejection import reject
from flows.cli.cleaning.clean_inputs import Input
from flows.publishing.workers.page_futures import PageFault, cleaned_in_order
from flows.publishing.workers.worker_processes import (
    PAGES_PER_WORKER,
    WARM,
    single_context,
    worker_context,
)

if TYPE_CHECKING:
    from cleaning.boilerplate.site_templates import SiteTemplates

# What a process does; this one does not import it where others clean, since it only hands pages on.
WORKER = "flows.cli.cleaning.clean_worker"
# Pages queued ahead of the next due result; each holds its body in memory.
AHEAD_PER_WORKER = 8


def clean_inputs(
    inputs: Iterable[Input],
    *,
    templates: Mapping[str, SiteTemplates] | None = None,
    fast: bool = False,
    workers: int | None = None,
    page_seconds: float = PAGE_SECONDS,
) -> Iterator[tuple[Input, Cleaned]]:
    """Yield each input with its result, in the given order; `Cleaned.seconds` is CPU time.

    Args:
        inputs: read as they are needed.
        templates: site templates by source name; a site missing there is cleaned without.
        fast: ask trafilatura only where the block model is unsure.
        workers: processes; one per processor if None.
        page_seconds: wall-clock time after which a page is given up.
    """
    upcoming = iter(inputs)
    first = list(islice(upcoming, 2))
    count = (workers or os.cpu_count() or 1) if len(first) > 1 else 1
    context = worker_context((WARM, WORKER)) if len(first) > 1 else single_context(WORKER)
    known = templates or {}
    with ProcessPool(max_workers=count, max_tasks=PAGES_PER_WORKER, context=context) as pool:

        def submit(item: Input) -> Future[Cleaned]:
            arguments = [item, known.get(item.source.name), fast]
            future: Future[Cleaned] = pool.schedule(_clean_one, args=arguments, timeout=page_seconds)
            return future

        ahead = count * AHEAD_PER_WORKER
        for item, result in cleaned_in_order(chain(first, upcoming), submit, ahead=ahead, page_seconds=page_seconds):
            yield item, result if isinstance(result, Cleaned) else _rejected(item, result)


def _clean_one(item: Input, templates: SiteTemplates | None, fast: bool) -> Cleaned:
    """In a worker process."""
    from flows.cli.cleaning.clean_worker import clean_one

    return clean_one(item, templates, fast)


def learn_sites(results: Iterable[tuple[Input, Cleaned]]) -> dict[str, SiteTemplates]:
    """Learn each site's templates, by source name, from pages that were cleaned without them."""
    from cleaning.boilerplate.site_templates import SiteTemplates

    learnt: dict[str, SiteTemplates] = {}
    for item, cleaned in results:
        article = cleaned.result
        if isinstance(article, Article):
            lines = (*article.text.split("\n\n"), *(removal.text for removal in cleaned.removals))
            name = item.source.name
            learnt.setdefault(name, SiteTemplates(name)).learn(article.canonical_url, article.title, lines)
    return learnt


def _rejected(item: Input, fault: PageFault) -> Cleaned:
    from cleaning.boilerplate.rules import load_rules

    version = load_rules().version
    return Cleaned(reject(item.page, fault.reason, fault.detail, version), seconds=fault.seconds)
