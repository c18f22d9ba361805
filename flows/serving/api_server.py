"""Prefect's server behind a check of the Host header: ``python -m flows.serving.api_server --port 4200``.

Prefect answers to any host name. An attacker whose DNS points a name at 127.0.0.1 could then make their own page "same
origin" with the server (DNS rebinding).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

LOOPBACK_NAMES = ("127.0.0.1", "localhost")


def guarded_app(names: Sequence[str]) -> FastAPI:
    """Prefect's application, limited to requests for these host names (without port)."""
    from prefect.server.api.server import create_app  # noqa: PLC0415  after the environment's settings stand
    from starlette.middleware.trustedhost import TrustedHostMiddleware  # noqa: PLC0415

    app = create_app(final=True)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(names), www_redirect=False)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGINT or SIGTERM, as ``prefect server start`` does."""
    import uvicorn  # noqa: PLC0415
    from prefect.settings import get_current_settings  # noqa: PLC0415

    parser = argparse.ArgumentParser(prog="python -m flows.serving.api_server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at")
    parser.add_argument("--port", type=int, default=4200)
    parser.add_argument("--name", action="append", default=[], help="a further host name that it answers to")
    given = parser.parse_args(arguments)
    server = get_current_settings().server
    uvicorn.run(
        guarded_app([*LOOPBACK_NAMES, *given.name]),
        host=given.host,
        port=given.port,
        timeout_keep_alive=server.api.keepalive_timeout,
        ws_ping_interval=server.api.websocket_ping_interval,
        ws_ping_timeout=server.api.websocket_ping_timeout,
        log_level=server.logging_level.lower(),
        # An open browser tab keeps its connections, which would otherwise delay shutdown indefinitely.
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
