"""The listings and robots.txt files that cannot be read: what keeps URLs from being discovered at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from spiders.catalogue import Source
from spiders.discovery.endpoints import Endpoints
from spiders.fetching.robots import RobotsStore
from spiders.frontier.frontier import Frontier
from spiders.frontier.outcomes import Outcome

ROBOTS = "robots.txt"


@dataclass(frozen=True, slots=True)
class ListingFailure:
    """A listing or robots.txt that could not be read, or not whole, when it was last asked for.

    Attributes:
        what: the kind of listing, or robots.txt.
        source: name of the catalogue entry; empty for the robots.txt of a host that no entry names.
        outcome: a fetch outcome, or a fault of the listing.
        due_at: when it is asked for again, in seconds since 1970; None: with the next request to its host.
    """

    what: str
    source: str
    outcome: str
    url: str
    detail: str | None
    ended_at: float
    due_at: float | None


def listing_failures(
    frontier: Frontier, sources: Iterable[Source], source: str | None = None, reason: str | None = None
) -> list[ListingFailure]:
    """The faults that stand, the latest first.

    Args:
        frontier: only read.
        sources: the catalogue, which knows whose host a robots.txt is of.
        source: only of this source; all if None.
        reason: only this outcome or fault; all if None.
    """
    found = [
        ListingFailure(str(one.kind), one.source, str(one.issue), one.url, one.issue_detail, one.checked_at, one.due_at)
        for one in Endpoints(frontier.engine).broken(source, reason)
    ]
    owners = list(sources)
    for file in RobotsStore(frontier.engine).unreachable():
        host = urlsplit(file.origin).hostname or ""
        owner = next((one.name for one in owners if one.owns(host)), "")
        if (source is None or owner == source) and reason in (None, Outcome.ROBOTS_UNREACHABLE):
            url = f"{file.origin}/robots.txt"
            detail = file.detail or (f"answered {file.status}" if file.status else None)
            found.append(ListingFailure(ROBOTS, owner, Outcome.ROBOTS_UNREACHABLE, url, detail, file.checked_at, None))
    return sorted(found, key=lambda one: (-one.ended_at, one.url))
