"""Every address of a source is read once, sections after what teaches them."""

from __future__ import annotations

from datetime import date

from spiders.catalogue import Source
from spiders.discovery.listing import Span
from spiders.discovery.plan import addresses
from spiders.frontier.endpoint_kinds import Kind

HOME = "https://post.example"
SOURCE = Source(
    name="post",
    title="Post",
    home=f"{HOME}/",
    hosts=("post.example",),
    feeds=(f"{HOME}/rss",),
    sitemaps=(f"{HOME}/map.xml",),
    news_sitemaps=(f"{HOME}/news.xml",),
    apis=(f"{HOME}/wp-json/wp/v2/posts",),
    sections=(f"{HOME}/sport", f"{HOME}/{{yyyy}}/{{mm}}/{{dd}}/"),
)


def test_sections_come_last_and_no_address_twice() -> None:
    days = [date(2026, 7, 20), date(2026, 7, 19)]
    found = addresses(SOURCE, [f"{HOME}/map.xml", f"{HOME}/more.xml"], days)
    assert [kind for kind, _ in found] == [
        Kind.FEED, Kind.NEWS_SITEMAP, Kind.SITEMAP, Kind.SITEMAP, Kind.API, Kind.SECTION, Kind.ARCHIVE, Kind.ARCHIVE,
    ]  # fmt: skip
    assert [url for kind, url in found if kind is Kind.SITEMAP] == [f"{HOME}/map.xml", f"{HOME}/more.xml"]
    assert [url for kind, url in found if kind is Kind.ARCHIVE] == [f"{HOME}/2026/07/20/", f"{HOME}/2026/07/19/"]


def test_a_list_of_posts_is_asked_for_the_days_of_a_backfill() -> None:
    [asked] = [url for kind, url in addresses(SOURCE, [], [], Span(date(2026, 7, 1))) if kind is Kind.API]
    assert "after=2026-06-30T" in asked
