"""The sample web as an ASGI application: virtual hosts by the Host header, validators, gzip, faults, a request log."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from flows.sample.faults import Break, Fault, Faults, reset
from flows.sample.hard import Healing, answer
from flows.sample.pages import Page, Place

# Where the server puts a connection's transport in the scope, so that the connection can be reset.
TRANSPORT = "sample.transport"


@dataclass(frozen=True, slots=True)
class Logged:
    """One request, with the response it got."""

    host: str  # without port, lower case
    path: str  # decoded, with the query string if there is one
    status: int  # 0 if the connection was reset
    monotonic: float  # seconds; for intervals between requests
    time: float  # seconds since 1970 UTC
    user_agent: str
    headers: dict[str, str]  # request headers, names in lower case

    @property
    def url(self) -> str:
        """Host and path, without scheme and port."""
        return self.host + self.path


class App:
    """The ASGI application of one running sample web."""

    def __init__(self, places: dict[tuple[str, str], Place], port: int, log_file: Path | None) -> None:
        self.faults = Faults()
        self.log: list[Logged] = []
        self.serve(places)
        self._port = port
        self._healing = Healing()
        self._file = log_file.open("a", encoding="utf-8") if log_file else None

    def serve(self, places: dict[tuple[str, str], Place]) -> None:
        """Serve these pages from the next request on."""
        self._places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to one request, logging it before the first byte of the response."""
        request = Request(scope)
        host = request.headers.get("host", "").rpartition(":")[0].lower() or request.headers.get("host", "").lower()
        struck = self.faults.strike(host, request.url.path)
        await asyncio.sleep(sum(f.seconds for f in struck))
        breaks = next((f.breaks for f in struck if f.breaks), None)
        if breaks is Break.RESET:
            self._note(request, host, 0)
            transport = scope["extensions"][TRANSPORT]
            reset(transport.get_extra_info("socket"))
            transport.abort()
            return
        response = self._failing(struck) or self._respond(request, host)
        self._note(request, host, response.status_code)
        if breaks is Break.HALF_BODY:
            response = _halved(response)
        await response(scope, receive, send)

    def close(self) -> None:
        """Close the log file."""
        if self._file:
            self._file.close()

    def _note(self, request: Request, host: str, status: int) -> None:
        query = f"?{request.url.query}" if request.url.query else ""
        headers = {k.lower(): v for k, v in request.headers.items()}
        agent = headers.get("user-agent", "")
        entry = Logged(host, request.url.path + query, status, time.monotonic(), time.time(), agent, headers)
        self.log.append(entry)
        if self._file:
            self._file.write(json.dumps(asdict(entry)) + "\n")
            self._file.flush()

    def _failing(self, struck: list[Fault]) -> Response | None:
        for fault in struck:
            if fault.status is not None:
                return Response(f"Error {fault.status}", fault.status, fault.headers, "text/plain")
        return None

    def _respond(self, request: Request, host: str) -> Response:
        path = request.scope["path"]
        place = self._places.get((host, f"{path}?{request.url.query}")) or self._places.get((host, path))
        if place is None:
            return Response("<html><body><h1>404: no such page</h1></body></html>", 404, media_type="text/html")
        hard = place.hard
        if hard and hard.does != "story" and not self._healing.healed(host + path, hard):
            return answer(hard, self._port)
        if place.page is None:
            raise ValueError(f"hard.toml: {hard}: a page that heals needs a story")
        return _conditional(request, place.page)


def _conditional(request: Request, page: Page) -> Response:
    headers = {}
    if "etag" in page.validators:
        headers["etag"] = page.etag
    if "last-modified" in page.validators and page.changed:
        headers["last-modified"] = format_datetime(page.changed.astimezone(UTC), usegmt=True)
    if _unchanged(request, page):
        return Response(status_code=304, headers=headers)
    body = page.body
    if page.packable and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, mtime=0)
        headers |= {"content-encoding": "gzip", "vary": "accept-encoding"}
    return Response(body, page.status, headers | {"content-type": page.content_type})


def _unchanged(request: Request, page: Page) -> bool:
    """RFC 9110, 13.1: If-None-Match takes precedence over If-Modified-Since."""
    if (tags := request.headers.get("if-none-match")) is not None:
        return "etag" in page.validators and page.etag in (tag.strip() for tag in tags.split(","))
    since = request.headers.get("if-modified-since")
    if since is None or page.changed is None or "last-modified" not in page.validators:
        return False
    return page.changed.replace(microsecond=0) <= parsedate_to_datetime(since)


def _halved(response: Response) -> Response:
    """The response with the length of its whole body, but only half of it."""

    async def half() -> AsyncIterator[bytes]:
        yield bytes(response.body[: len(response.body) // 2])
        raise ConnectionAbortedError("half a body was asked for")  # uvicorn then closes the connection

    headers = {k: v for k, v in response.headers.items() if k != "content-length"}
    return StreamingResponse(half(), response.status_code, headers | {"content-length": str(len(response.body))})
