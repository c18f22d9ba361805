"""Cleans the user's own files in worker processes: a page that takes too long fails alone."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from multiprocessing import get_context

from pebble import ProcessPool

from cleaning.boilerplate.rules import RuleSet, load_rules
from cleaning.boilerplate.site_templates import SiteTemplates
from cleaning.language import language_of
from cleaning.limits import PAGE_SECONDS
from cleaning.pipeline import clean, clean_text
from cleaning.records import Article, Cleaned, RawPage, SourceFacts
from flows.cli.cleaning.clean_inputs import Input
from flows.publishing.page_futures import PageFault, cleaned_in_order
from flows.publishing.unprocessed import unprocessed
from flows.publishing.workers import PAGES_PER_WORKER

# A page that declares no language, so that language detection runs: Lorem ipsum is not a language that has rules.
WARM_UP = f"<html><body><article><h1>Lorem</h1>{'<p>Lorem ipsum dolor sit amet consectetur.</p>' * 9}</article>"

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
    count = workers or os.cpu_count() or 1
    known = templates or {}
    with ProcessPool(
        max_workers=count, max_tasks=PAGES_PER_WORKER, initializer=_warm_up, context=get_context("spawn")
    ) as pool:

        def submit(item: Input) -> Future[Cleaned]:
            arguments = [item, known.get(item.source.name), fast]
            future: Future[Cleaned] = pool.schedule(clean_one, args=arguments, timeout=page_seconds)
            return future

        ahead = count * AHEAD_PER_WORKER
        for item, result in cleaned_in_order(inputs, submit, ahead=ahead, page_seconds=page_seconds):
            yield item, result if isinstance(result, Cleaned) else _rejected(item, result)


def learn_sites(results: Iterable[tuple[Input, Cleaned]]) -> dict[str, SiteTemplates]:
    """Learn each site's templates, by source name, from pages that were cleaned without them."""
    learnt: dict[str, SiteTemplates] = {}
    for item, cleaned in results:
        article = cleaned.result
        if isinstance(article, Article):
            lines = (*article.text.split("\n\n"), *(removal.text for removal in cleaned.removals))
            name = item.source.name
            learnt.setdefault(name, SiteTemplates(name)).learn(article.canonical_url, article.title, lines)
    return learnt


def clean_one(item: Input, templates: SiteTemplates | None, fast: bool) -> Cleaned:
    """Clean one input in this process; returns it with the CPU seconds it took."""
    rules = _rules()
    started = time.process_time()
    if isinstance(item.page, RawPage):
        cleaned = clean(item.page, item.source, rules, templates, fast=fast)
    else:
        cleaned = clean_text(item.page, item.source, rules, templates)
    return replace(cleaned, seconds=time.process_time() - started)


def _warm_up() -> None:
    """Load models and tables before the first page's clock starts: half a second that is not any page's own."""
    said = RawPage("https://example.org/", "", WARM_UP.encode(), datetime(2026, 1, 1, tzinfo=UTC), "", "", 0)
    clean(said, SourceFacts(""), _rules())
    language_of(WARM_UP)


@cache
def _rules() -> RuleSet:
    return load_rules()


def _rejected(item: Input, fault: PageFault) -> Cleaned:
    return Cleaned(unprocessed(item.page, fault.reason, fault.detail, _rules().version), seconds=fault.seconds)
