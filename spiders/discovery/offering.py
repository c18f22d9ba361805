"""What discovery offers the frontier for an entry of a listing: its URL, or why that is never fetched."""

from __future__ import annotations

from cleaning.urls import canonical_url
from spiders.catalogue import Source
from spiders.discovery.listing import ListingEntry
from spiders.fetching.address_guard import Allowance, Refused, check_url
from spiders.frontier.records import DiscoveredUrl


def offer_of(
    entry: ListingEntry, via: str, listed_by: int, source: Source, allowance: Allowance
) -> DiscoveredUrl | None:
    """The offer for an entry; None where the source's patterns leave it out.

    Args:
        entry: of a listing.
        via: address of the listing.
        listed_by: the kind of the listing, as endpoint_kinds.kind_bits gives it.
        source: whose listing it is.
        allowance: which loopback addresses may be fetched.
    """
    hints = entry.hints(via)
    try:
        host = check_url(entry.url, source, allowance)
    except Refused as refused:
        return DiscoveredUrl(source.name, entry.url, entry.url, "", hints, refused.outcome, refused.detail, listed_by)
    if not source.wants(entry.url):
        return None
    return DiscoveredUrl(source.name, entry.url, canonical_url(entry.url), host, hints, listed_by=listed_by)
