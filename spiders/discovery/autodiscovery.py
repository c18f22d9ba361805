"""Checks a site, new or in the catalogue: its endpoints, what they list, and what its robots.txt says."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from cleaning.urls import canonical_url
from spiders.catalogue import Source
from spiders.catalogue_check import zones_of
from spiders.discovery.date_archives import date_archive, dated
from spiders.discovery.home_page import HomePage, provisional
from spiders.discovery.listing import Listing, ListingEntry
from spiders.discovery.listing_worker import ListingParser
from spiders.discovery.plan import addresses
from spiders.discovery.post_lists import posts_url
from spiders.discovery.sections import ArticleLinks
from spiders.discovery.sitemaps import MAX_BYTES, children_with_posts
from spiders.fetching.address_guard import Refused
from spiders.fetching.fetcher import ACCEPT_LIST, Answer, Failed, Fetcher, Want, raise_for_status
from spiders.fetching.rate_limiter import HostWaits
from spiders.frontier.endpoint_kinds import Kind
from spiders.frontier.outcomes import Outcome, http_outcome
from spiders.frontier.records import Task

logger = logging.getLogger(__name__)

# Where sites that link no feed keep it, according to what the common publishing systems do: WordPress, Blogger, Ghost,
# Drupal, Hugo; and the two usual sitemap names, besides those in robots.txt.
FEED_PATHS = (
    "/feed/",
    "/rss.xml",
    "/rss",
    "/feed.xml",
    "/atom.xml",
    "/feeds/posts/default",
    "/index.xml",
    "/feed.json",
)
SITEMAP_PATHS = ("/sitemap.xml", "/sitemap_index.xml", "/news-sitemap.xml", "/sitemap-news.xml")
FEEDS_MAX = 5  # for a page that links one feed per topic; the general ones come first
SAMPLES = 3
# Of a new site more are shown: its languages, and which fields its pages lack, are judged by them.
NEW_SAMPLES = 6
# An endpoint whose newest entry is older than this, while another of the same source is newer, has been forgotten by
# its publisher.
STALE_DAYS = 14


@dataclass(frozen=True, slots=True)
class EndpointCheck:
    """How one endpoint answered."""

    kind: str
    url: str
    entries: int = 0
    newest: datetime | None = None
    oldest: datetime | None = None
    issue: str | None = None
    detail: str | None = None
    likely_cause: str | None = None


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """The result of checking a site."""

    source: Source
    reachable: bool
    robots: str  # rules, allow, unreachable; or the outcome that kept us from asking
    crawl_delay: float
    endpoints: tuple[EndpointCheck, ...]
    samples: tuple[tuple[str, str], ...] = ()  # (URL, outcome) of the articles that were fetched

    @property
    def newest(self) -> datetime | None:
        """The date of the newest article that any endpoint lists."""
        return max((endpoint.newest for endpoint in self.endpoints if endpoint.newest), default=None)


_CAUSES: dict[str, str] = {
    "html-in-place-of-a-listing": "the feed moved, or a consent or error page stands in front of it; find the new "
    "address with: newsmill sources add {home}",
    "http-404": "the address is gone; find the new one with: newsmill sources add {home}",
    "http-410": "the publisher took it down; find another endpoint with: newsmill sources add {home}",
    "http-401": "it asks for a login now",
    "http-403": "it refuses this crawler; ask the publisher, or leave the source out",
    "http-429": "it was requested too often; raise politeness.delay_seconds",
    "robots": "robots.txt forbids it; leave it out",
    "crawl-delay": "robots.txt asks for a longer wait than can be kept; ask the publisher, or leave the source out",
    "robots-unreachable": "robots.txt is unreachable, which forbids the host until it answers",
    "off-site": "it redirects to another host; add that to extra_hosts if it is the publisher's",
    "dns-error": "the host no longer has an address; the site moved or closed",
    "tls-error": "its certificate is not valid",
    "timeout": "too slow for politeness.timeout_seconds",
    "empty": "it lists nothing; the publisher may have replaced it",
    "malformed": "broken XML; entries before and after the break are used",
    "no-article-links": "no link looks like an article; the section may be built by script (javascript = true)",
    "stale": "nothing new for two weeks while other endpoints have news; the publisher forgot it",
}


def likely_cause(issue: str, home: str) -> str | None:
    """The most common cause of an issue, and the remedy."""
    cause = _CAUSES.get(issue)
    if cause is None and issue.startswith("http-5"):
        cause = "the server fails; check again later"
    return cause.format(home=home) if cause else None


@dataclass(slots=True)
class SourceChecker:
    """Checks sites; ``take`` fetches one article into the archive and returns its outcome."""

    fetcher: Fetcher
    take: Callable[[Source, Task], Awaitable[str]]
    now: datetime
    parser: ListingParser = field(default_factory=ListingParser)
    _answers: dict[str, Answer] = field(default_factory=dict)

    async def check(self, source: Source) -> SourceCheck:
        """Check every endpoint of a source in the catalogue."""
        yesterday = self.now.date() - timedelta(days=1)  # complete, whatever the hour
        robots, delay, named = await self._robots(source)
        checks: list[EndpointCheck] = []
        entries: list[ListingEntry] = []
        for kind, url in addresses(source, named, [yesterday]):
            check, found = await self._ask(source, kind, url, [entry.url for entry in entries])
            checks.append(check)
            entries += found
        checks = [_judge_age(check, checks, source.home) for check in checks]
        return await self._sampled(source, robots, delay, checks, entries)

    async def discover(self, url: str, name: str | None = None) -> SourceCheck:
        """Find the endpoints of a new site. Raises Refused, Failed or HostWaits if its home page cannot be fetched."""
        source = provisional(url, name)
        robots, delay, named = await self._robots(source)
        home = await self._fetch(source, url)
        page = HomePage(home)
        country = next((code for code in page.countries if zones_of(code)), source.country)
        told = {"title": page.title or source.title, "languages": page.languages, "country": country}
        source = source.model_copy(update=told)
        linked = page.feeds[:FEEDS_MAX]
        parts = urlsplit(home.url)
        root = f"{parts.scheme}://{parts.netloc}"
        checks: list[EndpointCheck] = []
        entries: list[ListingEntry] = []
        # What the site names is shown also where it fails; of what is only guessed the first that works is taken.
        for candidates, is_named, kind in (
            (linked, True, Kind.FEED),
            (() if linked else tuple(root + path for path in FEED_PATHS), False, Kind.FEED),
            (named[:FEEDS_MAX], True, Kind.FEED),
            (() if named else tuple(root + path for path in SITEMAP_PATHS), False, Kind.FEED),
            (tuple(posts_url(api, None) for api in page.apis), False, Kind.API),
        ):
            for candidate in dict.fromkeys(candidates):
                if candidate in {one.url for one in checks}:
                    continue
                check, found = await self._ask(source, kind, candidate, [])
                if check.entries or is_named:
                    checks.append(check)
                    entries += found
                if check.entries and not is_named:
                    break
        template = date_archive(entry.url for entry in entries if source.owns(_host(entry.url)))
        if template is not None:
            day = max((entry.published or entry.modified or self.now for entry in entries), default=self.now).date()
            check, found = await self._ask(source, Kind.ARCHIVE, dated(template, day), [entry.url for entry in entries])
            if found:
                checks.append(replace(check, url=template))
        if not any(check.entries for check in checks):
            section = await self.parser.section(home.body, home.url, ArticleLinks())
            checks.append(_as_check(Kind.SECTION, url, section, source.home))
            entries += section.entries
        working = [check for check in checks if check.entries]
        by_kind = {
            "feeds": tuple(c.url for c in working if c.kind == Kind.FEED),
            "news_sitemaps": tuple(c.url for c in working if c.kind == Kind.NEWS_SITEMAP),
            "sitemaps": tuple(c.url for c in working if c.kind == Kind.SITEMAP and c.url not in named),
            "apis": page.apis if any(c.kind == Kind.API for c in working) else (),
            "sections": tuple(c.url for c in working if c.kind in (Kind.SECTION, Kind.ARCHIVE)),
        }
        return await self._sampled(source.model_copy(update=by_kind), robots, delay, checks, entries, NEW_SAMPLES)

    async def _robots(self, source: Source) -> tuple[str, float, tuple[str, ...]]:
        try:
            file = await self.fetcher.rules(source, source.home)
        except Refused as refused:
            return str(refused.outcome), 0.0, ()
        return str(file.verdict), file.crawl_delay, file.sitemaps

    async def _fetch(self, source: Source, url: str) -> Answer:
        if url not in self._answers:
            logger.info("asking for %s", url)
            answer = await self.fetcher.get_following(source, url, Want(ACCEPT_LIST, MAX_BYTES))
            raise_for_status(answer)
            self._answers[url] = answer
        return self._answers[url]

    async def _ask(
        self, source: Source, kind: Kind, url: str, known: list[str]
    ) -> tuple[EndpointCheck, tuple[ListingEntry, ...]]:
        try:
            answer = await self._fetch(source, url)
        except Refused as refused:
            return _failed(kind, url, str(refused.outcome), refused.detail, source.home), ()
        except Failed as failed:
            return _failed(kind, url, failed.outcome, failed.detail, source.home), ()
        except HostWaits as waits:
            return _failed(kind, url, http_outcome(429), str(waits), source.home), ()
        if kind in (Kind.SECTION, Kind.ARCHIVE):
            listing = await self.parser.section(answer.body, answer.url, ArticleLinks.learn(known))
        else:
            listing = await self.parser.listing(answer.body, answer.url)
            kind = _kind(listing, answer.body, kind)
        entries = listing.entries
        if listing.children and not entries:
            entries = await self._newest_child(source, listing)
        return _as_check(kind, url, listing, source.home), entries

    async def _newest_child(self, source: Source, index: Listing) -> tuple[ListingEntry, ...]:
        """The entries of an index's newest sitemap; empty if it cannot be fetched, which the crawl will report."""
        old = datetime.min.replace(tzinfo=UTC)
        child = max(children_with_posts(index), key=lambda child: child.modified or old)
        try:
            answer = await self._fetch(source, child.url)
        except (Refused, Failed, HostWaits):
            return ()
        return (await self.parser.listing(answer.body, answer.url)).entries

    async def _sampled(
        self,
        source: Source,
        robots: str,
        delay: float,
        checks: list[EndpointCheck],
        entries: Iterable[ListingEntry],
        wanted: int = SAMPLES,
    ) -> SourceCheck:
        samples = []
        for task in _tasks(source, entries)[:wanted]:
            logger.info("asking for %s", task.url)
            samples.append((task.url, await self.take(source, task)))
        reachable = any(check.issue is None for check in checks) or any(o == Outcome.FETCHED for _, o in samples)
        return SourceCheck(source, reachable, robots, delay, tuple(checks), tuple(samples))


def _tasks(source: Source, entries: Iterable[ListingEntry]) -> list[Task]:
    """The newest articles, as tasks without a frontier row."""
    old = datetime.min.replace(tzinfo=UTC)
    newest = sorted(entries, key=lambda entry: entry.published or entry.modified or old, reverse=True)
    urls = {canonical_url(entry.url): entry for entry in reversed(newest) if source.owns(_host(entry.url))}
    chosen = list(reversed(urls.values()))[:NEW_SAMPLES]
    return [Task(0, source.name, e.url, canonical_url(e.url), "", e.hints(source.home), first_seen=0.0) for e in chosen]


def _host(url: str) -> str:
    """The host of an address that a listing names; empty where it is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _kind(listing: Listing, body: bytes, kind: Kind) -> Kind:
    if b"schemas/sitemap-news/" in body[:2_000]:
        return Kind.NEWS_SITEMAP
    if kind is Kind.API:
        return kind
    return Kind.SITEMAP if listing.children or b"<urlset" in body[:2_000] or body[:2] == b"\x1f\x8b" else kind


def _as_check(kind: Kind, url: str, listing: Listing, home: str) -> EndpointCheck:
    issue = str(listing.fault) if listing.fault else None
    cause = likely_cause(issue, home) if issue else None
    count = len(listing.entries) + len(listing.children)
    dates = listing.dates()
    return EndpointCheck(
        str(kind), url, count, max(dates, default=None), min(dates, default=None), issue, listing.detail, cause
    )


def _failed(kind: Kind, url: str, issue: str, detail: str, home: str) -> EndpointCheck:
    return EndpointCheck(str(kind), url, issue=issue, detail=detail, likely_cause=likely_cause(issue, home))


def _judge_age(check: EndpointCheck, checks: list[EndpointCheck], home: str) -> EndpointCheck:
    newest = max((one.newest for one in checks if one.newest), default=None)
    if check.issue is None and check.newest and newest and newest - check.newest > timedelta(days=STALE_DAYS):
        return replace(check, issue="stale", likely_cause=likely_cause("stale", home))
    return check
