"""Serves the sample web on loopback: virtual hosts by the Host header, a request log, validators, gzip, faults.

In a thread: ``with SampleWeb(port=0) as web: …``.
As a process: ``python -m flows.sample.server --port 8377 --log FILE``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import json
import signal
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from flows.sample import sources
from flows.sample.faults import Break, Fault, Faults, reset
from flows.sample.hard import Healing, answer
from flows.sample.pages import Page, Place, build
from flows.sample.world import load_world

DEFAULT_PORT = 8377
LOOPBACK = "127.0.0.1"
START_SECONDS = 20.0
# Endless answers (the slow drip) must not hold up the end of a test.
STOP_SECONDS = 1
TRANSPORT = "sample.transport"


@dataclass(frozen=True, slots=True)
class Logged:
    """One request as it was answered."""

    host: str  # without port, lower case
    path: str  # decoded, with the query string where there is one
    status: int  # 0 where the connection was reset
    monotonic: float  # seconds; for intervals between requests
    time: float  # seconds since 1970 UTC
    user_agent: str
    headers: dict[str, str]  # of the request, names in lower case

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
        """Answer one request, and log it before the first byte of the answer."""
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
    """The answer with the length of its whole body, and half of it."""

    async def half() -> AsyncIterator[bytes]:
        yield bytes(response.body[: len(response.body) // 2])
        raise ConnectionAbortedError("half a body was asked for")  # uvicorn then closes the connection

    headers = {k: v for k, v in response.headers.items() if k != "content-length"}
    return StreamingResponse(half(), response.status_code, headers | {"content-length": str(len(response.body))})


class _Protocol(H11Protocol):
    """uvicorn's HTTP/1.1, with the transport put into the scope so that a connection can be reset."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        app = self.app

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[TRANSPORT] = self.transport
            await app(scope, receive, send)

        self.app = with_transport


class SampleWeb:
    """The sample web on a loopback port, in a thread of its own, for the length of a `with` block."""

    def __init__(self, port: int = 0, day: int = 1, log_file: Path | None = None) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((LOOPBACK, port))
        self.port: int = self._socket.getsockname()[1]
        self.day = day
        self._app = App(build(load_world(day), self.port), self.port, log_file)
        config = uvicorn.Config(
            self._app,
            http=_Protocol,
            lifespan="off",
            access_log=False,
            log_level="critical",  # half bodies are errors to uvicorn, and meant
            timeout_graceful_shutdown=STOP_SECONDS,
            server_header=False,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def __enter__(self) -> Self:
        """Start serving. Raises RuntimeError where the server is not up in time."""
        self._thread.start()
        until = time.monotonic() + START_SECONDS
        while not self._server.started:
            if time.monotonic() > until or not self._thread.is_alive():
                raise RuntimeError(f"the sample web did not start on port {self.port} within {START_SECONDS:.0f} s")
            time.sleep(0.005)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop serving and close the port."""
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()
        self._app.close()

    @property
    def faults(self) -> Faults:
        """The faults in force."""
        return self._app.faults

    @property
    def log(self) -> list[Logged]:
        """The requests so far, oldest first."""
        return list(self._app.log)

    def base(self, host: str) -> str:
        """The address of a host: "the-harbor-post" or "the-harbor-post.localhost" → "http://…:PORT"."""
        return f"http://{host.removesuffix('.localhost')}.localhost:{self.port}"

    def write_sources(self, folder: Path) -> list[Path]:
        """Write one catalogue file per site, with this server's port."""
        return sources.write_sources(folder, self.port)

    def go_to_day(self, day: int) -> None:
        """Serve another day from now on, at the same port."""
        self.day = day
        self._app.serve(build(load_world(day), self.port))

    def wait(self) -> None:
        """Serve until the process is told to stop."""
        self._thread.join()


def main() -> None:
    """Serve as a process, until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m flows.sample.server", description="Serve the sample web.")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="loopback port; 0 takes a free one")
    parser.add_argument("--day", type=int, default=1, choices=(1, 2), help="which day of the sample web to serve")
    parser.add_argument("--log", type=Path, help="file to which each request is appended as a line of JSON")
    parser.add_argument("--sources", type=Path, help="folder to write the catalogue files into")
    options = parser.parse_args()
    with SampleWeb(options.port, options.day, options.log) as web:
        if options.sources:
            web.write_sources(options.sources)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        print(
            f"sample web: {web.base('the-harbor-post')}/ and {len(load_world(options.day).sites) - 1} more", flush=True
        )
        with contextlib.suppress(KeyboardInterrupt):
            web.wait()


if __name__ == "__main__":
    main()
