"""What the daily crawl leaves in the listings it reads is said, with how to take it."""

from __future__ import annotations

from pathlib import Path

from flows.coverage.listing_gaps import listing_gaps
from spiders.catalogue import Limits
from spiders.discovery.endpoints import Endpoint, Endpoints
from spiders.frontier.endpoint_kinds import Kind
from spiders.frontier.frontier import Frontier

SITEMAP, FEED = "https://post.example/sitemap.xml", "https://post.example/feed"


def test_entries_that_are_too_old_and_pages_that_are_too_many_are_named_with_the_remedy(tmp_path: Path) -> None:
    frontier = Frontier(tmp_path / "ledger.sqlite")
    endpoints = Endpoints(frontier.engine)
    facts = {"left_out": 28, "left_out_from": "2026-06-20", "left_out_to": "2026-10-24"}
    endpoints.save(Endpoint("post", SITEMAP, Kind.SITEMAP, 0.0, 0.0, 0.0, **facts))  # type: ignore[arg-type]
    endpoints.save(Endpoint("post", FEED, Kind.FEED, 0.0, 0.0, 0.0, unread_page=f"{FEED}?paged=4"))
    endpoints.save(Endpoint("post", f"{FEED}/all", Kind.FEED, 0.0, 0.0, 0.0))
    old, unread = listing_gaps(frontier, "post", Limits(sitemap_days=14))
    assert old.startswith("28 entries from 2026-06-20 to 2026-10-24")
    assert "sitemap_days = 14" in old
    assert "newsmill backfill --from 2026-06-20 --to 2026-10-24" in old
    assert f"{FEED}?paged=4" in unread
    assert listing_gaps(frontier, "other") == ()
