"""Why a source as a whole yielded nothing in a crawl: its process died, or no listing or no page could be read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from flows.crawling.jobs import CrawlJob
from spiders.discovery.endpoints import Endpoint, Endpoints, ListingFault
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
        endpoints = Endpoints(frontier.engine)
        faults = endpoints.faults(job.run.run_id)
        for source in job.run.sources:
            own, met = counts.get(source), faults.get(source, [])
            if job.run.window:
                discovery = _of_backfill(met, own)
            else:
                discovery = _of_listings(endpoints.load(source).values(), met, _begun(job.run.run_id))
            died = failed.get(job.run.run_id, "").partition("\n")[0]
            if why := died or discovery or _of_pages(own):
                found[source] = why
    return found


def _of_listings(listings: Collection[Endpoint], faults: Sequence[ListingFault], begun: float) -> str:
    """Why a daily crawl could discover nothing; empty if some listing could be read.

    What this crawl did not ask for, because it was not due, says nothing of it: an earlier reading of one listing does
    not hide that nothing can be read now. A listing that is broken and gives entries all the same is read.

    Args:
        listings: all of the source's, as of their last reading.
        faults: that this crawl met.
        begun: when it began, in seconds since 1970.
    """
    asked = [one for one in listings if one.checked_at >= begun]
    if any(one.found or not one.issue for one in asked):
        return ""
    issues = {fault.issue for fault in faults} or {str(one.issue) for one in listings if one.issue}
    if faults or (listings and all(one.issue and not one.found for one in listings)):
        return f"no listing could be read: {', '.join(sorted(issues))}"
    if listings:
        return ""
    return "nothing to discover it by: its entry names no listing, and its robots.txt names none or cannot be read"


def _begun(run_id: str) -> float:
    """When a run began, by its id; 1970 for an id that was given by hand."""
    try:
        return datetime.strptime(run_id[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


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
