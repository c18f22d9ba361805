"""Why a source as a whole yielded nothing in a crawl: its process died, or no listing or no page could be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flows.crawling.jobs import CrawlJob
from spiders.discovery.endpoints import Endpoints, ListingFault
from spiders.frontier.frontier import Counts, Frontier


def source_failures(frontier: Frontier, jobs: Sequence[CrawlJob], failed: Mapping[str, str]) -> dict[str, str]:
    """Sources that failed as a whole: their process died, none of their listings could be read, or none of their pages.

    Args:
        frontier: the lake's.
        jobs: those that ran.
        failed: as returned by :func:`run_jobs`.
    """
    found: dict[str, str] = {}
    for job in jobs:
        counts = frontier.counts(job.run.run_id)
        faults = Endpoints(frontier.engine).faults(job.run.run_id)
        for source in job.run.sources:
            own = counts.get(source)
            discovery = _of_backfill(faults.get(source, []), own) if job.run.window else _of_listings(frontier, source)
            died = failed.get(job.run.run_id, "").partition("\n")[0]
            if why := died or discovery or _of_pages(own):
                found[source] = why
    return found


def _of_listings(frontier: Frontier, source: str) -> str:
    """Why a daily crawl could discover nothing; empty if some listing could be read."""
    listings = Endpoints(frontier.engine).load(source).values()
    if listings and all(way.issue for way in listings):
        return f"no listing could be read: {', '.join(sorted({str(way.issue) for way in listings}))}"
    return ""


def _of_backfill(faults: Sequence[ListingFault], counts: Counts | None) -> str:
    """Why a backfill is incomplete. A listing that is gone for good does not make it so, unless it is the only one."""
    if any(fault.is_passing for fault in faults) or (faults and counts is None):
        return f"listings could not be read: {', '.join(sorted({fault.issue for fault in faults}))}"
    return ""


def _of_pages(counts: Counts | None) -> str:
    """States that every page failed; empty if one could be read, or none was tried."""
    if counts is not None and counts.failed and not (counts.fetched or counts.unchanged):
        return f"no page could be read: {', '.join(sorted(counts.failed))}"
    return ""
