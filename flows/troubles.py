"""Why a source as a whole yielded nothing in a crawl: its process died, its listings or its pages could not be read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from flows.crawling import CrawlJob
from spiders.ledger import Counts, Ledger
from spiders.outcomes import is_passing
from spiders.ways import Ways

_LISTING_FAULT = re.compile(r"\[spiders\.explore\] WARNING: (?P<source>[a-z0-9-]+): \S+: (?P<issue>[a-z0-9-]+) \(")


def troubles(ledger: Ledger, jobs: Sequence[CrawlJob], failed: Mapping[str, str]) -> dict[str, str]:
    """Sources that failed as a whole: their process died, no listing of theirs could be read, or no page.

    Args:
        ledger: of the lake.
        jobs: that ran.
        failed: as :func:`run_jobs` gives it.
    """
    found: dict[str, str] = {}
    for job in jobs:
        counts = ledger.counts(job.run.run_id)
        faults = listing_faults(job.log)
        for source in job.run.sources:
            own = counts.get(source)
            discovery = _of_backfill(faults.get(source, []), own) if job.run.window else _of_listings(ledger, source)
            died = failed.get(job.run.run_id, "").partition("\n")[0]
            if why := died or discovery or _of_pages(own):
                found[source] = why
    return found


def _of_listings(ledger: Ledger, source: str) -> str:
    """Why nothing could be discovered in a daily crawl; empty when some listing could be read."""
    listings = Ways(ledger.engine).load(source).values()
    if listings and all(way.issue for way in listings):
        return f"no listing could be read: {', '.join(sorted({str(way.issue) for way in listings}))}"
    return ""


def _of_backfill(faults: Sequence[str], counts: Counts | None) -> str:
    """Why a backfill is not complete. A listing that is gone for good does not make it so, unless there is no other."""
    if any(is_passing(fault) for fault in faults) or (faults and counts is None):
        return f"listings could not be read: {', '.join(sorted(set(faults)))}"
    return ""


def _of_pages(counts: Counts | None) -> str:
    """That every page failed; empty when one could be read, or none was tried."""
    if counts is not None and counts.failed and not (counts.fetched or counts.unchanged):
        return f"no page could be read: {', '.join(sorted(counts.failed))}"
    return ""


def listing_faults(log: Path) -> dict[str, list[str]]:
    """The listings that a backfill's crawl could not read, from its log: source → outcomes.

    The ledger keeps how the listings of a daily crawl fared, since the next one builds on it; a backfill reads
    listings of the past once, and tells of them in its log only.
    """
    faults: dict[str, list[str]] = {}
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else ():
        if told := _LISTING_FAULT.search(line):
            faults.setdefault(told["source"], []).append(told["issue"])
    return faults
