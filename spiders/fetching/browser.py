"""Renders pages that build their text with scripts, in an installed Chromium that has no network of its own.

The page has already been fetched like any other. Chromium gets its bytes, and asks us for every script and data file
that the page wants: those on the source's own hosts go through the guard, robots.txt and the rate limiter like
everything else; the rest is refused. So a hostile page reaches no address that the crawler itself would not. Needs the
extra ``browser``.
"""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from spiders.catalogue import Source
from spiders.fetching.address_guard import Refused
from spiders.fetching.fetcher import Answer, Failed, Want
from spiders.fetching.rate_limiter import HostWaits
from spiders.frontier.outcomes import Outcome

if TYPE_CHECKING:
    from playwright.async_api import Browser as Chromium
    from playwright.async_api import Playwright, Route

# A tab takes about 100 MB; two keep one core busy.
TABS = 2
# Scripts and data files that one page may request; articles built with common frameworks need five to fifteen.
REQUESTS_MAX = 30
WANTED = frozenset({"script", "xhr", "fetch"})  # no other resource type changes the text
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",  # containers lack the kernel's user namespaces; the rendered page has no network to reach
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--disable-background-networking",
    "--disable-dev-shm-usage",  # containers' /dev/shm holds 64 MB
)

Get = Callable[[Source, str, Want], Awaitable[Answer]]


class NoBrowser(RuntimeError):
    """playwright or Chromium is missing; the message says how to install it."""


def find_chromium(configured: str | None = None) -> str:
    """The path of a Chromium. Raises NoBrowser."""
    for name in (configured,) if configured else NAMES:
        found = shutil.which(name or "")
        if found:
            return found
    raise NoBrowser("a source has javascript = true: install Chromium, or set NEWSMILL_CHROMIUM to its path")


def check_browser(configured: str | None = None) -> None:
    """Check that pages can be rendered. Raises NoBrowser."""
    if importlib.util.find_spec("playwright") is None:
        raise NoBrowser("a source has javascript = true: pip install newsmill[browser]")
    find_chromium(configured)


class Renderer:
    """One Chromium per run, started when the first page needs it."""

    def __init__(self, get: Get, chromium: str | None = None) -> None:
        self._get = get
        self._path = chromium
        self._tabs = asyncio.Semaphore(TABS)
        self._starting = asyncio.Lock()
        self._playwright: Playwright | None = None
        self._chromium: Chromium | None = None

    async def render(self, source: Source, answer: Answer) -> Answer:
        """The page as its scripts leave it. Raises Failed."""
        from playwright.async_api import Error, TimeoutError  # noqa: PLC0415  (an extra)

        chromium = await self._start()
        milliseconds = source.politeness.timeout_seconds * 1_000
        async with self._tabs:
            context = await chromium.new_context(service_workers="block", accept_downloads=False)
            try:
                page = await context.new_page()
                asked = 0

                async def serve(route: Route) -> None:
                    nonlocal asked
                    request = route.request
                    if request.is_navigation_request() and request.url == answer.url and not asked:
                        await route.fulfill(status=200, body=answer.body, content_type=answer.header("Content-Type"))
                        return
                    asked += 1
                    if asked > REQUESTS_MAX or request.method != "GET" or request.resource_type not in WANTED:
                        await route.abort()
                        return
                    await self._serve(source, route)

                await page.route("**/*", serve)
                await page.goto(answer.url, timeout=milliseconds, wait_until="networkidle")
                body = (await page.content()).encode("utf-8")
            except TimeoutError as error:
                raise Failed(Outcome.TIMEOUT, f"rendering: {error}".split("\n", 1)[0]) from error
            except Error as error:
                raise Failed(Outcome.BAD_RESPONSE, f"rendering: {error}".split("\n", 1)[0]) from error
            finally:
                await context.close()
        if len(body) > source.limits.max_bytes:
            raise Failed(Outcome.TOO_LARGE, f"more than {source.limits.max_bytes} bytes once rendered", size=len(body))
        kept = tuple(pair for pair in answer.headers if pair[0].lower() != b"content-type")
        headers = (*kept, (b"Content-Type", b"text/html; charset=utf-8"), (b"X-Crawler-Rendered", b"chromium"))
        return replace(answer, body=body, headers=headers)

    async def close(self) -> None:
        """Close the browser, if there is one."""
        if self._chromium is not None:
            await self._chromium.close()
        if self._playwright is not None:
            await self._playwright.stop()

    async def _serve(self, source: Source, route: Route) -> None:
        url = route.request.url
        if not source.owns(urlsplit(url).hostname or ""):
            await route.abort()
            return
        try:
            answer = await self._get(source, url, Want("*/*", source.limits.max_bytes))
        except (Refused, Failed, HostWaits):
            await route.abort()
            return
        await route.fulfill(status=answer.status, body=answer.body, content_type=answer.header("Content-Type"))

    async def _start(self) -> Any:
        async with self._starting:
            if self._chromium is None:
                from playwright.async_api import async_playwright  # noqa: PLC0415  (an extra)

                path = find_chromium(self._path)
                self._playwright = await async_playwright().start()
                self._chromium = await self._playwright.chromium.launch(
                    executable_path=path, headless=True, args=list(ARGUMENTS)
                )
            return self._chromium
