"""Serves the sample web on loopback: virtual hosts by the Host header, a request log, validators, gzip, faults.

In a thread: ``with SampleWeb(port=0) as web: …``. As a process: ``python -m flows.sample.server --port 8377 --log
FILE``.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from flows.sample import sources
from flows.sample.app import TRANSPORT, App, Logged
from flows.sample.faults import Faults
from flows.sample.pages import build
from flows.sample.world import load_world

__all__ = ["DEFAULT_PORT", "Logged", "SampleWeb"]

DEFAULT_PORT = 8377
LOOPBACK = "127.0.0.1"
START_SECONDS = 20.0
# Endless responses (the slow drip) must not delay the end of a test.
STOP_SECONDS = 1


class _Protocol(H11Protocol):
    """uvicorn's HTTP/1.1, with the transport put in the scope so that a connection can be reset."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        app = self.app

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[TRANSPORT] = self.transport
            await app(scope, receive, send)

        self.app = with_transport


def _not_a_cut_answer(record: logging.LogRecord) -> bool:
    """Filters out what asyncio logs for each write after a crawler has cut off a page that is too large, as it
    should."""
    return "socket.send() raised exception" not in record.getMessage()


class SampleWeb:
    """The sample web on a loopback port, in its own thread, for the duration of a `with` block."""

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
            log_level="critical",  # half bodies are errors to uvicorn, but intended
            timeout_graceful_shutdown=STOP_SECONDS,
            server_header=False,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def __enter__(self) -> Self:
        """Start serving. Raises RuntimeError if the server is not up in time."""
        logging.getLogger("asyncio").addFilter(_not_a_cut_answer)
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
        logging.getLogger("asyncio").removeFilter(_not_a_cut_answer)
        self._socket.close()
        self._app.close()

    @property
    def faults(self) -> Faults:
        """The active faults."""
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
        """Serve another day from now on, on the same port."""
        self.day = day
        self._app.serve(build(load_world(day), self.port))

    def wait(self) -> None:
        """Serve until the process is asked to stop."""
        self._thread.join()


def main() -> None:
    """Serve as a process, until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m flows.sample.server", description="Serve the sample web.")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="loopback port; 0 picks a free one")
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
