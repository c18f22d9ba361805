"""Which endpoints a run reads again, and which it leaves alone.

The downloader is canned, and listings are parsed in this process, which saves a second a run; all else is real.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.http import Response, TextResponse

from spiders.catalogue import Limits, Politeness, Source
from spiders.discovery.endpoints import Endpoints
from spiders.discovery.explorer import Explorer
from spiders.discovery.listing import Listing, Span
from spiders.discovery.listing_worker import ListingParser
from spiders.fetching.address_guard import NOTHING
from spiders.fetching.fetcher import Fetcher
from spiders.fetching.host_budget import HostBudget
from spiders.fetching.rate_limiter import RateLimiter
from spiders.fetching.robots import RobotsStore
from spiders.frontier.frontier import Frontier
from spiders.frontier.records import DiscoveredUrl

HOME = "https://post.example"
DAY = 86_400.0


class Clock:
    def __init__(self) -> None:
        self.now = 1_784_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Site:
    """Answers from a dictionary, in the place of Scrapy's downloader; anything else is a 404."""

    pages: dict[str, bytes]
    asked: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    async def download_async(self, request: Request) -> Response:
        path = request.url.removeprefix(HOME)
        if path == "/robots.txt":
            return TextResponse(request.url, status=404)
        self.asked.append(path)
        self.headers = {name.decode(): request.headers[name].decode() for name in request.headers}
        body = self.pages.get(path)
        return TextResponse(request.url, status=404) if body is None else Response(request.url, body=body)


class ParserInThisProcess(ListingParser):
    """Parses without worker processes, whose bounds tests/faults/test_hostile_listings.py tries."""

    async def _run(self, parse: Callable[..., Listing], *args: object) -> Listing:
        return parse(*args)


def index(**modified: str) -> bytes:
    rows = "".join(f"<sitemap><loc>{HOME}/{n}.xml</loc><lastmod>{m}</lastmod></sitemap>" for n, m in modified.items())
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'.encode()


def urlset(*names: str) -> bytes:
    rows = "".join(f"<url><loc>{HOME}/{n}</loc></url>" for n in names)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'.encode()


POST = Source(
    name="post",
    title="Post",
    home=f"{HOME}/",
    hosts=("post.example",),
    sitemaps=(f"{HOME}/index.xml",),
    robots_sitemaps=False,
    politeness=Politeness(delay_seconds=0),
)


@dataclass
class Discovery:
    """Runs of discovery over one site, at one clock and with one frontier."""

    frontier: Frontier
    site: Site
    clock: Clock
    offered: list[str] = field(default_factory=list)
    runs: int = 0
    source: Source = POST
    span: Span | None = None

    def run(self, *, recrawl_all: bool = False) -> list[str]:
        """Discover once; the paths that were asked for."""
        self.runs += 1
        budget = HostBudget(self.frontier.engine, self.frontier.leases.begin(f"r{self.runs}"), self.clock)
        fetcher = Fetcher(
            engine=self.site,
            rate_limiter=RateLimiter(budget, 4, clock=self.clock),
            robots=RobotsStore(self.frontier.engine),
            user_agent="newsmill",
            allowance=NOTHING,
            refused={},
            backoff=0.0,
            clock=self.clock,
        )
        explorer = Explorer(
            run_id=f"r{self.runs}",
            source=self.source,
            fetcher=fetcher,
            endpoints=Endpoints(self.frontier.engine),
            enqueue=self._offer,
            span=self.span,
            allowance=NOTHING,
            clock=self.clock,
            backoff=0.0,
            recrawl_all=recrawl_all,
            parser=ParserInThisProcess(),
        )
        self.site.asked.clear()
        asyncio.run(explorer.run())
        return list(self.site.asked)

    async def _offer(self, offers: list[DiscoveredUrl]) -> int:
        names = [o.url.rpartition("/")[2] for o in offers]
        new = len(set(names) - set(self.offered))
        self.offered += names
        return new


@pytest.fixture
def discovery(tmp_path: Path) -> Discovery:
    clock = Clock()
    site = Site({"/index.xml": index(july="2026-07-10"), "/july.xml": urlset("a", "b")})
    return Discovery(Frontier(tmp_path / "ledger.sqlite", clock=clock), site, clock)


def test_a_dated_sitemap_that_was_read_whole_is_not_asked_for_again_until_its_date_changes(
    discovery: Discovery,
) -> None:
    assert discovery.run() == ["/index.xml", "/july.xml"]
    discovery.clock.now += 2 * DAY
    discovery.site.pages |= {"/index.xml": index(july="2026-07-10", june="2026-07-09"), "/june.xml": urlset("c")}
    assert discovery.run() == ["/index.xml", "/june.xml"]
    discovery.clock.now += 2 * DAY
    discovery.site.pages["/index.xml"] = index(july="2026-07-12", june="2026-07-09")
    assert discovery.run() == ["/index.xml", "/july.xml"]
    assert discovery.offered == ["a", "b", "c"]  # what came a second time was the same


@pytest.mark.parametrize("fault", [urlset("a", "b")[:-20], b"<html>Too many visitors</html>", None])
def test_a_dated_sitemap_that_was_read_with_a_fault_is_read_again_though_its_date_is_the_same(
    discovery: Discovery, fault: bytes | None
) -> None:
    whole = discovery.site.pages.pop("/july.xml")
    if fault is not None:
        discovery.site.pages["/july.xml"] = fault
    discovery.run()
    discovery.clock.now += 2 * DAY
    discovery.site.pages |= {
        "/july.xml": whole,
        "/index.xml": index(july="2026-07-10", june="2026-07-09"),  # the index itself has changed
        "/june.xml": urlset("c"),
    }
    discovery.offered.clear()
    assert discovery.run() == ["/index.xml", "/july.xml", "/june.xml"]
    assert discovery.offered == ["a", "b", "c"]
    assert "If-None-Match" not in discovery.site.headers


def test_an_unchanged_index_does_not_vouch_for_a_sitemap_that_was_read_with_a_fault(discovery: Discovery) -> None:
    whole = discovery.site.pages["/july.xml"]
    discovery.site.pages["/july.xml"] = whole[:-20]
    discovery.run()
    discovery.clock.now += 2 * DAY
    discovery.site.pages["/july.xml"] = whole
    assert discovery.run() == ["/index.xml", "/july.xml"]
    discovery.clock.now += 2 * DAY
    assert discovery.run() == ["/index.xml"]


def test_what_is_not_due_yet_is_left_alone_unless_everything_is_asked_for(discovery: Discovery) -> None:
    discovery.run()
    discovery.clock.now += 2 * DAY
    discovery.run()  # unchanged for two days: next after half a day
    discovery.clock.now += DAY / 4
    assert discovery.run() == []
    assert discovery.run(recrawl_all=True) == ["/index.xml"]
    discovery.clock.now += DAY
    assert discovery.run() == ["/index.xml"]


def test_a_sitemap_whose_address_is_none_costs_its_index_no_other(discovery: Discovery) -> None:
    rows = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in ("http://[bad/map.xml", f"{HOME}/july.xml"))
    sitemaps = "http://www.sitemaps.org/schemas/sitemap/0.9"
    discovery.site.pages["/index.xml"] = f'<sitemapindex xmlns="{sitemaps}">{rows}</sitemapindex>'.encode()
    assert discovery.run() == ["/index.xml", "/july.xml"]
    [fault] = Endpoints(discovery.frontier.engine).faults("r1")["post"]
    assert fault.issue == "bad-url"


def feed(*names: str, generator: str = "", following: str = "") -> bytes:
    items = "".join(f"<item><link>{HOME}/{name}</link></item>" for name in names)
    link = f'<atom:link rel="next" href="{HOME}{following}"/>' if following else ""
    return (
        f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><generator>{generator}</generator>'
        f"{link}{items}</channel></rss>"
    ).encode()


WORDPRESS = "https://wordpress.org/?v=6.1"


def test_a_wordpress_feed_is_read_page_by_page_while_pages_have_news_and_its_end_is_no_fault(
    discovery: Discovery,
) -> None:
    discovery.source = discovery.source.model_copy(update={"sitemaps": (), "feeds": (f"{HOME}/feed/",)})
    discovery.site.pages = {
        "/feed/": feed("e", "f", generator=WORDPRESS),
        "/feed/?paged=2": feed("c", "d", generator=WORDPRESS),
    }
    assert discovery.run() == ["/feed/", "/feed/?paged=2", "/feed/?paged=3"]
    assert discovery.offered == ["e", "f", "c", "d"]
    assert Endpoints(discovery.frontier.engine).faults("r1") == {}
    discovery.clock.now += 2 * DAY
    assert discovery.run() == ["/feed/"]


def paged_feed(discovery: Discovery, limits: Limits, pages: dict[str, bytes]) -> None:
    update = {"sitemaps": (), "feeds": (f"{HOME}/feed/",), "limits": limits}
    discovery.source = discovery.source.model_copy(update=update)
    discovery.site.pages = pages


def test_a_new_list_is_followed_to_a_limit_and_a_known_one_for_few_pages_and_the_page_that_was_left_is_noted(
    discovery: Discovery,
) -> None:
    pages = {f"/feed/{n}" if n else "/feed/": feed(f"p{n}", following=f"/feed/{n + 1}") for n in range(5)}
    paged_feed(discovery, Limits(listing_pages=2, first_listing_pages=3), pages)
    assert discovery.run() == ["/feed/", "/feed/1", "/feed/2"]
    known = Endpoints(discovery.frontier.engine).load("post")
    assert [one.unread_page for one in known.values()] == [None, None, f"{HOME}/feed/3"]
    discovery.clock.now += 2 * DAY
    discovery.site.pages = {path: feed(f"new-{path}", following=path) for path in pages}
    discovery.site.pages |= {
        "/feed/": feed("n0", following="/feed/1"),
        "/feed/1": feed("n1", following="/feed/2"),
        "/feed/2": feed("n2"),
    }
    assert discovery.run() == ["/feed/", "/feed/1"]


def test_a_new_list_is_followed_though_its_first_pages_list_what_is_known(discovery: Discovery) -> None:
    pages = {
        "/index.xml": urlset("a", "b"),
        "/feed/": feed("a", following="/feed/1"),
        "/feed/1": feed("b", following="/feed/2"),
        "/feed/2": feed("c"),
    }
    paged_feed(discovery, Limits(), pages)
    discovery.source = discovery.source.model_copy(update={"feeds": (f"{HOME}/index.xml", f"{HOME}/feed/")})
    assert discovery.run() == ["/index.xml", "/feed/", "/feed/1", "/feed/2"]
    assert discovery.offered == ["a", "b", "a", "b", "c"]


def test_a_backfill_follows_a_list_behind_the_pages_that_the_daily_crawl_has_read(discovery: Discovery) -> None:
    pages = {f"/feed/{n}" if n else "/feed/": feed(f"p{n}", following=f"/feed/{n + 1}") for n in range(5)}
    paged_feed(discovery, Limits(listing_pages=1, first_listing_pages=2), pages)
    assert discovery.run() == ["/feed/", "/feed/1"]
    discovery.span = Span(date(2026, 1, 1), date(2026, 7, 1))
    assert discovery.run() == ["/feed/", "/feed/1", "/feed/2", "/feed/3", "/feed/4", "/feed/5"]


def test_a_list_that_answers_every_number_with_the_same_page_is_left(discovery: Discovery) -> None:
    paged_feed(
        discovery,
        Limits(),
        {"/feed/": feed("a", "b", following="/feed/1"), "/feed/1": feed("b", "a", following="/feed/2")},
    )
    assert discovery.run() == ["/feed/", "/feed/1"]


def test_a_new_list_is_followed_back_to_the_days_of_sitemaps_only(discovery: Discovery) -> None:
    def page(number: int, day: str) -> bytes:
        dated = f"<link>{HOME}/p{number}</link><pubDate>{day} 2026 09:00:00 GMT</pubDate>"
        return feed(following=f"/feed/{number + 1}").replace(b"</channel>", f"<item>{dated}</item></channel>".encode())

    days = ("Mon, 13 Jul", "Fri, 26 Jun", "Fri, 01 May", "Wed, 01 Apr")
    pages = {f"/feed/{n}" if n else "/feed/": page(n, day) for n, day in enumerate(days)}
    paged_feed(discovery, Limits(), pages)
    assert discovery.run() == ["/feed/", "/feed/1", "/feed/2"]
    known = Endpoints(discovery.frontier.engine).load("post")
    assert [one.unread_page for one in known.values()] == [None, None, f"{HOME}/feed/3"]


def test_entries_that_are_too_old_for_the_daily_crawl_are_counted_with_their_days(discovery: Discovery) -> None:
    rows = "".join(
        f"<url><loc>{HOME}/{name}</loc><lastmod>{day}</lastmod></url>"
        for name, day in (("new", "2026-07-10"), ("old", "2026-05-02"), ("older", "2026-03-01"))
    )
    discovery.site.pages["/july.xml"] = f"<urlset>{rows}</urlset>".encode()
    discovery.run()
    assert discovery.offered == ["new"]
    read = Endpoints(discovery.frontier.engine).load("post")[f"{HOME}/july.xml"]
    assert (read.left_out, read.left_out_from, read.left_out_to) == (2, "2026-03-01", "2026-05-02")


def test_the_posts_that_a_publishing_system_lists_for_programs_are_read(discovery: Discovery) -> None:
    update = {"sitemaps": (), "apis": (f"{HOME}/wp-json/wp/v2/posts",)}
    discovery.source = discovery.source.model_copy(update=update)
    path = "/wp-json/wp/v2/posts?per_page=100&_fields=link,title,date_gmt,modified_gmt"
    posts = [{"link": f"{HOME}/{n}", "date_gmt": "2026-07-01T09:00:00", "title": {"rendered": "T"}} for n in range(100)]
    discovery.site.pages = {path: json.dumps(posts).encode()}
    asked = discovery.run()
    assert asked[0] == path
    assert asked[1].endswith("page=2")
    assert len(discovery.offered) == 100
    assert Endpoints(discovery.frontier.engine).faults("r1") == {}
