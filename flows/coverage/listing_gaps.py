"""What the daily crawl leaves in the listings that it reads: entries that are too old for it, and further pages."""

from __future__ import annotations

from collections.abc import Iterable

from spiders.catalogue import Limits
from spiders.discovery.endpoints import Endpoint, Endpoints
from spiders.frontier.frontier import Frontier


def listing_gaps(frontier: Frontier, source: str, limits: Limits | None = None) -> tuple[str, ...]:
    """Sentences on what a source's listings name and the daily crawl does not take, each with how to take it.

    Args:
        frontier: only read.
        source: name of the catalogue entry.
        limits: of the source; the defaults if None.
    """
    known = Endpoints(frontier.engine).load(source).values()
    limits = limits or Limits()
    return (*_too_old(known, limits), *_unread(known, limits))


def _too_old(known: Iterable[Endpoint], limits: Limits) -> Iterable[str]:
    for one in known:
        if not one.left_out:
            continue
        days = f" from {one.left_out_from} to {one.left_out_to}" if one.left_out_from else ""
        backfill = f"newsmill backfill --from {one.left_out_from} --to {one.left_out_to}" if one.left_out_from else ""
        yield (
            f"{one.left_out} entries{days} of {one.url} are too old for the daily crawl (limits.sitemap_days = "
            f"{limits.sitemap_days}); take them with {backfill or 'newsmill backfill'}, or raise sitemap_days"
        )


def _unread(known: Iterable[Endpoint], limits: Limits) -> Iterable[str]:
    for one in known:
        if one.unread_page:
            yield (
                f"{one.unread_page} and what follows it were not read (limits.first_listing_pages = "
                f"{limits.first_listing_pages}, then listing_pages = {limits.listing_pages}; sitemap_days = "
                f"{limits.sitemap_days}); take older posts with newsmill backfill, or raise these before the first run"
            )
