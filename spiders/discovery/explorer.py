"""Drives discovery: reads a source's endpoints in turn and enqueues what they list."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from spiders.archive.warc_writer import payload_digest
from spiders.catalogue import Source
from spiders.discovery.endpoints import HOST_WAITS, TOO_MANY, Endpoint, Endpoints, ListingFault
from spiders.discovery.feeds import iso_moment
from spiders.discovery.listing import Listing, ListingEntry, Span, day_of_entry, recent
from spiders.discovery.listing_worker import ListingParser
from spiders.discovery.offering import offer_of
from spiders.discovery.pagination import PageWalk
from spiders.discovery.plan import addresses
from spiders.discovery.sections import ArticleLinks
from spiders.discovery.sitemaps import MAX_BYTES, children_with_posts
from spiders.fetching.address_guard import Allowance, Refused
from spiders.fetching.backoff import backoff_seconds
from spiders.fetching.fetcher import ACCEPT_LIST, ACCEPT_PAGE, Answer, Failed, Fetcher, Want, raise_for_status
from spiders.fetching.rate_limiter import HostWaits
from spiders.frontier.clock_bounds import REVISIT_MAX, bounded
from spiders.frontier.endpoint_kinds import LISTING_ARTICLES, Kind, kind_bits
from spiders.frontier.outcomes import is_passing
from spiders.frontier.records import DiscoveredUrl
from spiders.frontier.recrawl_schedule import next_endpoint_visit

logger = logging.getLogger(__name__)

# Nesting of sitemap indexes; the protocol allows one level, large sites use two.
DEPTH_MAX = 3
# Sitemaps read per source and run; The New York Times' whole archive is about 2,000.
LISTINGS_MAX = 5_000
# Pages of a list that a backfill reads at most; it stops where pages list nothing else, or only what is older.
PAGES_MAX_BACKFILL = 50
# Days of a date archive that the daily crawl reads: today's page may still grow, yesterday's is complete.
ARCHIVE_DAYS = 2
ATTEMPTS = 3
ENQUEUE_BATCH = 500

Enqueue = Callable[[list[DiscoveredUrl]], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class _Step:
    """An endpoint to read."""

    kind: Kind
    url: str
    depth: int = 0
    page: int = 1
    walk: PageWalk | None = None  # None on the first page
    is_guess: bool = False  # whether nothing says that it is there
    parent: str | None = None
    told_modified: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Explorer:
    """Discovery of one source in one run. ``span`` None is the daily crawl; otherwise a backfill, which reads
    everything.

    Whatever could not be read is recorded under the run's id, so that a backfill knows what it has not seen.

    ``learned`` are article URLs of the source that are already known: links on section pages are judged by them.
    """

    run_id: str
    source: Source
    fetcher: Fetcher
    endpoints: Endpoints
    enqueue: Enqueue
    span: Span | None
    allowance: Allowance
    clock: Callable[[], float]
    backoff: float
    recrawl_all: bool = False
    learned: list[str] = field(default_factory=list)
    parser: ListingParser = field(default_factory=ListingParser)
    _known: dict[str, Endpoint] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    async def run(self) -> None:
        """Read all endpoints; one that fails is recorded and the others continue."""
        self._known = self.endpoints.load(self.source.name)
        named = await self._robots_sitemaps()
        for kind, url in addresses(self.source, named, self._archive_days(), self.span):
            await self._walk(_Step(kind, url))

    def _today(self) -> date:
        return datetime.fromtimestamp(self.clock(), self.source.zone()).date()

    def _archive_days(self) -> list[date]:
        today = self._today()
        if self.span is None:
            return [today - timedelta(days=n) for n in range(ARCHIVE_DAYS)]
        end = min(self.span.end or today, today)
        return [self.span.start + timedelta(days=n) for n in range((end - self.span.start).days + 1)]

    async def _robots_sitemaps(self) -> tuple[str, ...]:
        if not self.source.robots_sitemaps:
            return ()
        try:
            return (await self.fetcher.rules(self.source, self.source.home)).sitemaps
        except (Refused, Failed) as error:
            issue, detail = str(error.outcome), error.detail
        except HostWaits as waits:
            issue, detail = HOST_WAITS, str(waits)
        logger.warning("%s: robots.txt of its home cannot be read: %s (%s)", self.source.name, issue, detail)
        self._note(self.source.home, issue, detail)
        return ()

    async def _walk(self, step: _Step) -> None:
        """Read an endpoint and all it leads to, and only then record it as read: if killed before, it is read again."""
        if step.url in self._seen:
            return
        if len(self._seen) >= LISTINGS_MAX:
            self._note(step.url, TOO_MANY, f"{LISTINGS_MAX} were read")
            return
        self._seen.add(step.url)
        endpoint, following = await self._read(step)
        for one in following:
            await self._walk(one)
        if endpoint is not None and self.span is None:
            self.endpoints.save(endpoint)

    async def _read(self, step: _Step) -> tuple[Endpoint | None, list[_Step]]:
        """Read one endpoint and enqueue what it lists; returns the endpoint to store, and the steps it leads to."""
        # A later page is asked for, whole, because the one before it has news.
        known = self._known.get(step.url) if self.span is None and step.page == 1 else None
        listed_date = step.told_modified.isoformat() if step.told_modified else None
        if known is not None and not self._is_due(known, listed_date):
            return None, self._unsettled_children(step)
        try:
            answer = await self._fetch(step, known)
        except (Refused, HostWaits, Failed) as error:
            return self._not_read(step, known, error)
        now = self.clock()
        digest = payload_digest(answer.body)
        if known is not None and (answer.status == 304 or digest == known.body_digest) and not known.issue:
            due = next_endpoint_visit(now, known.changed_at)
            same = replace(known, checked_at=now, due_at=due, failures=0, told_modified=listed_date)
            return same, self._unsettled_children(step)
        listing = await self._parse(step, answer)
        if step.is_guess and not listing.entries:
            return None, []
        if listing.fault is not None:
            logger.warning("%s: %s: %s (%s)", self.source.name, step.url, listing.fault, listing.detail or "")
            self._note(step.url, listing.fault, listing.detail)
        found, too_old = await self._offer(step, listing)
        newest = listing.newest()
        following, unread = self._next(step, listing, found)
        days = [day for entry in too_old if (day := day_of_entry(entry)) is not None]
        endpoint = Endpoint(
            source=self.source.name,
            url=step.url,
            kind=step.kind,
            checked_at=now,
            changed_at=now,
            due_at=now,
            parent=step.parent,
            told_modified=listed_date,
            etag=answer.header("ETag"),
            last_modified=answer.header("Last-Modified"),
            body_digest=digest,
            found=len(listing.entries),
            newest=newest.isoformat() if newest else None,
            issue=listing.fault,
            issue_detail=listing.detail,
            left_out=len(too_old),
            left_out_from=min(days).isoformat() if days else None,
            left_out_to=max(days).isoformat() if days else None,
            unread_page=unread,
        )
        return endpoint, following

    def _is_due(self, known: Endpoint, listed_date: str | None) -> bool:
        if self.recrawl_all:
            return True
        if listed_date is not None and listed_date == known.told_modified and known.issue is None:
            return False
        return bounded(known.due_at, self.clock(), REVISIT_MAX) <= self.clock()

    async def _fetch(self, step: _Step, known: Endpoint | None) -> Answer:
        page = step.kind in (Kind.SECTION, Kind.ARCHIVE)
        want = Want(ACCEPT_PAGE if page else ACCEPT_LIST, self.source.limits.max_bytes if page else MAX_BYTES)
        # A listing read with a fault is read afresh: its validators would vouch for the faulty copy.
        if known is not None and known.issue is None:
            want = replace(want, etag=known.etag, last_modified=known.last_modified)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = await self.fetcher.get_following(self.source, step.url, want)
                raise_for_status(answer)
                return answer
            except Failed as failed:
                if attempt == ATTEMPTS or not failed.asked or not is_passing(failed.outcome):
                    raise
            await asyncio.sleep(backoff_seconds(attempt, self.backoff))
        raise AssertionError("the last attempt returns or raises")

    async def _parse(self, step: _Step, answer: Answer) -> Listing:
        if step.kind in (Kind.SECTION, Kind.ARCHIVE):
            return await self.parser.section(answer.body, answer.url, ArticleLinks.learn(self.learned))
        return await self.parser.listing(answer.body, answer.url)

    def _not_read(
        self, step: _Step, known: Endpoint | None, error: Refused | HostWaits | Failed
    ) -> tuple[Endpoint | None, list[_Step]]:
        if isinstance(error, HostWaits):
            return self._failed(step, known, HOST_WAITS, str(error))
        if step.is_guess and isinstance(error, Failed) and not is_passing(error.outcome):
            return None, []  # there is no further page
        return self._failed(step, known, str(error.outcome), error.detail)

    def _failed(
        self, step: _Step, known: Endpoint | None, issue: str, detail: str
    ) -> tuple[Endpoint | None, list[_Step]]:
        logger.warning("%s: %s: %s (%s)", self.source.name, step.url, issue, detail)
        self._note(step.url, issue, detail)
        now = self.clock()
        failures = (known.failures if known else 0) + 1
        base = known or Endpoint(self.source.name, step.url, step.kind, now, now, now, step.parent)
        due = next_endpoint_visit(now, base.changed_at, failures)
        endpoint = replace(base, checked_at=now, due_at=due, failures=failures, issue=issue, issue_detail=detail)
        return endpoint, self._unsettled_children(step)

    def _note(self, url: str, issue: str, detail: str | None) -> None:
        self.endpoints.note_fault(self.run_id, ListingFault(self.source.name, url, issue, detail))

    def _unsettled_children(self, step: _Step) -> list[_Step]:
        """Children to read anyway: an unchanged index vouches only for sitemaps that it dates and that were read
        completely."""
        return [
            _Step(
                endpoint.kind,
                endpoint.url,
                step.depth + 1,
                parent=step.url,
                told_modified=iso_moment(endpoint.told_modified),
            )
            for endpoint in self._known.values()
            if endpoint.parent == step.url and (endpoint.told_modified is None or endpoint.issue is not None)
        ]

    def _next(self, step: _Step, listing: Listing, found: int) -> tuple[list[_Step], str | None]:
        """What a listing leads to: its sitemaps, and its next page; or the next page where it is one too many."""
        steps: list[_Step] = []
        if listing.children and step.depth < DEPTH_MAX:
            span = self.span or recent(listing, self.source.limits.sitemap_days, self._today())
            steps = [
                _Step(step.kind, child.url, step.depth + 1, parent=step.url, told_modified=child.modified)
                for child in children_with_posts(listing)
                if span is None or span.may_list(child)
            ]
        following = listing.next_page
        walk = step.walk or self._page_walk(step, listing)
        if following is None or following == step.url or walk.has_ended(listing, found):
            return steps, None
        if walk.is_past(listing):
            return steps, following
        if step.page >= walk.pages:
            logger.info("%s: %s: further pages were not read: %d are the limit", self.source.name, step.url, walk.pages)
            return steps, following
        further = walk.after(listing)
        steps.append(_Step(step.kind, following, step.depth, step.page + 1, further, listing.next_is_guess))
        return steps, None

    def _page_walk(self, step: _Step, listing: Listing) -> PageWalk:
        """How far to follow a list whose first page was read."""
        if self.span is not None:
            return PageWalk(PAGES_MAX_BACKFILL, is_through=True, span=self.span)
        limits = self.source.limits
        known = self._known.get(step.url)
        if known is not None and known.body_digest is not None:
            return PageWalk(limits.listing_pages)
        since = recent(listing, limits.sitemap_days, self._today())
        return PageWalk(max(limits.listing_pages, limits.first_listing_pages), is_through=True, span=since)

    async def _offer(self, step: _Step, listing: Listing) -> tuple[int, list[ListingEntry]]:
        """Enqueue the entries that fall into the span; returns how many were new, and those too old for a daily
        crawl."""
        span = self.span
        if span is None and step.kind is Kind.SITEMAP:
            span = recent(listing, self.source.limits.sitemap_days, self._today())
        wanted: list[ListingEntry] = []
        others: list[ListingEntry] = []
        for entry in listing.entries:
            (wanted if span is None or span.may_hold(entry) else others).append(entry)
        if step.kind in LISTING_ARTICLES:
            self.learned += [entry.url for entry in wanted]
        new, listed_by = 0, kind_bits([step.kind])
        for batch in _batches(wanted):
            offers = (offer_of(entry, step.url, listed_by, self.source, self.allowance) for entry in batch)
            new += await self.enqueue([offer for offer in offers if offer is not None])
        if self.span is not None or not others:
            return new, []
        logger.info(
            "%s: %s: %d entries are more than %d days older than the newest, and were not queued",
            self.source.name,
            step.url,
            len(others),
            self.source.limits.sitemap_days,
        )
        return new, others


def _batches(entries: list[ListingEntry]) -> Iterable[list[ListingEntry]]:
    return (entries[start : start + ENQUEUE_BATCH] for start in range(0, len(entries), ENQUEUE_BATCH))
