"""One fetch: guard, robots.txt, slot, request, and a name for what went wrong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.http import Headers, Response

from spiders.catalogue import Source
from spiders.fetching.address_guard import Allowance, Refused, check_url
from spiders.fetching.backoff import CRAWL_DELAY_MAX_SECONDS, backoff_seconds, retry_after_seconds
from spiders.fetching.error_names import name_error
from spiders.fetching.first_bytes import read_first
from spiders.fetching.rate_limiter import HostWaits, Pace, RateLimiter, Slot
from spiders.fetching.robots import MAX_BYTES as ROBOTS_MAX_BYTES
from spiders.fetching.robots import MAX_REDIRECTS, RobotsCache, RobotsFile, RobotsStore, RobotsVerdict, verdict_of
from spiders.frontier.outcomes import STATUSES, Outcome, http_outcome

REDIRECTS = frozenset({301, 302, 303, 307, 308})
# The number that browsers' own robots and RFC 9309 follow; a longer chain is a fault of the site.
REDIRECT_LIMIT = 5
# Attempts, with backoff, at a robots.txt within a run before its host is given up.
ROBOTS_ATTEMPTS = 4
# Parsing more than this takes longer than .1 s: in a thread of its own, one after the other, it holds up no crawl.
LONG_ROBOTS = 50_000
# A server may pack its robots.txt though it was asked not to; 500 KiB of deflate can hold a thousand times as much.
ROBOTS_UNPACKED_MAX = 50_000_000
ACCEPT_PAGE = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"
ACCEPT_LIST = "application/rss+xml,application/atom+xml,application/feed+json,application/xml;q=0.9,*/*;q=0.5"


class Failed(Exception):
    """A fetch that got no usable response; ``outcome`` is one of :mod:`spiders.frontier.outcomes`."""

    def __init__(self, outcome: str, detail: str, *, asked: bool = True, size: int = 0) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.detail = detail
        self.asked = asked
        self.size = size


@dataclass(frozen=True, slots=True)
class Want:
    """What one fetch asks for."""

    accept: str = ACCEPT_PAGE
    max_bytes: int = 10_000_000
    etag: str | None = None
    last_modified: str | None = None
    first_bytes: int | None = None  # as sent: the rest of the answer is not read


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete response: any status but a transient failure's."""

    url: str
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    request_headers: tuple[tuple[bytes, bytes], ...]
    ip: str | None
    fetched_at: float  # seconds since 1970

    def header(self, name: str) -> str | None:
        """The last value of a header, case-insensitively."""
        wanted = name.lower().encode("ascii")
        found = [value for key, value in self.headers if key.lower() == wanted]
        return _text(found[-1]) if found else None

    @property
    def location(self) -> str | None:
        """The absolute target of a redirect; None if this is not one."""
        target = self.header("Location")
        if self.status not in REDIRECTS or not target:
            return None
        try:
            return urljoin(self.url, target.strip()).partition("#")[0]
        except ValueError:
            return target


class Downloader(Protocol):
    """The part of Scrapy's engine that is used."""

    async def download_async(self, request: Request) -> Response:
        """Send one request through the downloader."""
        ...


@dataclass(slots=True, kw_only=True)
class Fetcher:
    """Fetches for one run."""

    engine: Downloader
    rate_limiter: RateLimiter
    robots: RobotsStore
    user_agent: str
    allowance: Allowance
    refused: dict[str, str]  # by host: what the resolver refused, and why
    backoff: float
    clock: Callable[[], float] = time.time
    _files: RobotsCache = field(default_factory=RobotsCache)
    _parsing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def get(self, source: Source, url: str, want: Want) -> Answer:
        """One request, subject to the guard, robots.txt and the host's slot. Raises Refused, Failed or HostWaits."""
        host = check_url(url, source, self.allowance)
        file = await self.rules(source, url)
        if file.verdict is RobotsVerdict.UNREACHABLE:
            raise Failed(Outcome.ROBOTS_UNREACHABLE, file.detail or "robots.txt is unreachable", asked=False)
        if not file.allows(url):
            raise Failed(Outcome.ROBOTS, f"{file.origin}/robots.txt", asked=False)
        if file.crawl_delay > CRAWL_DELAY_MAX_SECONDS:
            detail = f"{file.origin}/robots.txt asks for {file.crawl_delay:g} s between requests"
            raise Failed(Outcome.CRAWL_DELAY, f"{detail}; up to {CRAWL_DELAY_MAX_SECONDS:g} s are obeyed", asked=False)
        return await self._ask(source, host, url, want, file.crawl_delay)

    async def get_following(self, source: Source, url: str, want: Want) -> Answer:
        """Like :meth:`get`, but follows redirects. Raises Failed(REDIRECT_LOOP) after five."""
        for _ in range(REDIRECT_LIMIT + 1):
            answer = await self.get(source, url, want)
            target = answer.location
            if target is None:
                return answer
            url = target
        raise Failed(Outcome.REDIRECT_LOOP, f"more than {REDIRECT_LIMIT} redirects, last to {url}")

    async def rules(self, source: Source, url: str) -> RobotsFile:
        """The robots.txt in force for a URL; requested once per day and origin."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        file = self._files.get(origin)
        if file is not None and (file.verdict is RobotsVerdict.UNREACHABLE or file.is_fresh(self.clock())):
            return file
        async with self._locks.setdefault(origin, asyncio.Lock()):
            found = self._files.get(origin)
            if found is not None and found is not file:
                return found
            kept = self.robots.load(origin)
            if kept is None or not kept.is_fresh(self.clock()):
                kept = await self._read_robots(source, origin, kept)
                self.robots.save(kept)
            if len(kept.body) > LONG_ROBOTS:
                async with self._parsing:
                    await asyncio.to_thread(kept.prepare)
            self._files.put(kept)
            return kept

    async def _read_robots(self, source: Source, origin: str, kept: RobotsFile | None) -> RobotsFile:
        file = await self._ask_robots(source, origin, kept)
        for attempt in range(1, ROBOTS_ATTEMPTS):
            if file.verdict is not RobotsVerdict.UNREACHABLE:
                break
            await asyncio.sleep(backoff_seconds(attempt, self.backoff))
            file = await self._ask_robots(source, origin, kept)
        return file

    async def _ask_robots(self, source: Source, origin: str, kept: RobotsFile | None) -> RobotsFile:
        url = f"{origin}/robots.txt"
        now = self.clock()
        use_kept = kept is not None and kept.verdict is RobotsVerdict.RULES
        want = Want("text/plain,*/*;q=0.1", ROBOTS_UNPACKED_MAX, first_bytes=ROBOTS_MAX_BYTES + 1)
        if kept is not None and use_kept:
            want = replace(want, etag=kept.etag, last_modified=kept.last_modified)
        try:
            for _ in range(MAX_REDIRECTS + 1):
                host = check_url(url, source, self.allowance)
                answer = await self._ask(source, host, url, want, 0.0)
                if answer.location is None:
                    break
                url = answer.location
        except Refused as refused:
            if url == f"{origin}/robots.txt":
                raise
            # A file at an address that we may not fetch counts as unavailable (2.3.1.3).
            return RobotsFile(origin, RobotsVerdict.ALLOW, now, detail=refused.detail)
        except Failed as failed:
            return RobotsFile(
                origin, RobotsVerdict.UNREACHABLE, now, detail=f"robots.txt: {failed.outcome}: {failed.detail}"
            )
        except HostWaits as waits:
            return RobotsFile(origin, RobotsVerdict.UNREACHABLE, now, detail=f"robots.txt: {waits}")
        if answer.status == 304 and kept is not None:
            return replace(kept, checked_at=now)
        verdict = verdict_of(answer.status)
        return RobotsFile(
            origin,
            verdict,
            now,
            answer.body if verdict is RobotsVerdict.RULES else b"",
            answer.status,
            f"robots.txt answers {answer.status}",
            answer.header("ETag"),
            answer.header("Last-Modified"),
        )

    async def _ask(self, source: Source, host: str, url: str, want: Want, crawl_delay: float) -> Answer:
        polite = source.politeness
        pace = Pace(max(polite.delay_seconds, crawl_delay), polite.concurrency, polite.timeout_seconds)
        request = self._request(url, want, polite.timeout_seconds)
        async with self.rate_limiter.slot(host, pace) as slot:
            try:
                response = await self.engine.download_async(request)
            except Exception as error:
                raise self._named(error, request, slot) from error
            now = self.clock()
            if response.status not in STATUSES:
                raise Failed(Outcome.BAD_RESPONSE, f"status {str(response.status)[:20]}", size=len(response.body))
            slot.status = response.status
            slot.latency = float(request.meta.get("download_latency", 0.0))
            if response.status in (429, 503):
                wait = retry_after_seconds(_header(response, "Retry-After"), now)
                slot.block_seconds = wait or 0.0
                slot.reason = f"answered {response.status}"
        return Answer(
            url=url,
            status=response.status,
            headers=_pairs(response.headers),
            body=response.body,
            request_headers=((b"host", host.encode()), *_pairs(request.headers)),
            ip=str(response.ip_address) if response.ip_address else None,
            fetched_at=now,
        )

    def _request(self, url: str, want: Want, timeout: float) -> Request:
        headers = {"User-Agent": self.user_agent, "Accept": want.accept}
        if want.etag:
            headers["If-None-Match"] = want.etag
        if want.last_modified:
            headers["If-Modified-Since"] = want.last_modified
        meta: dict[str, object] = {"download_timeout": timeout, "download_maxsize": want.max_bytes}
        if want.first_bytes is not None:
            # What is cut off may as well come unpacked: a limit in packed bytes says little.
            headers["Accept-Encoding"] = "identity"
            read_first(meta, want.first_bytes)
        return Request(url, headers=headers, meta=meta, dont_filter=True)

    def _named(self, error: Exception, request: Request, slot: Slot) -> Exception:
        """The outcome that a downloader exception stands for."""
        outcome, detail = name_error(error, request.meta["download_maxsize"])
        host = urlsplit(request.url).hostname or ""
        if outcome == Outcome.DNS_ERROR and host in self.refused:
            return Refused(Outcome.BLOCKED_ADDRESS, self.refused[host])
        slot.failed = outcome in (Outcome.TIMEOUT, Outcome.CONNECTION_ERROR, Outcome.DNS_ERROR, Outcome.TLS_ERROR)
        return Failed(outcome, detail)


def raise_for_status(answer: Answer) -> None:
    """Raise Failed for a status that is neither 2xx nor 304."""
    if not (200 <= answer.status < 300 or answer.status == 304):
        raise Failed(http_outcome(answer.status), f"answered {answer.status}", size=len(answer.body))


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return _text(value) if value else None


def _text(value: bytes) -> str:
    """A header's value: UTF-8, as sites and browsers use it for addresses in other scripts; otherwise Latin-1."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _pairs(headers: Headers) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name, value) for name, values in headers.items() for value in values)
