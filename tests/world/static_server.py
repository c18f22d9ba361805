"""Serves the output of static generators on loopback: a folder for each virtual host, with Last-Modified and 304."""

from __future__ import annotations

import filecmp
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.world.processes import LOOPBACK


class _Hosts(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20
    extensions_map = {  # noqa: RUF012 - the base class has it so
        **SimpleHTTPRequestHandler.extensions_map,
        ".html": "text/html; charset=utf-8",
        ".xml": "application/xml",
        ".atom": "application/atom+xml",
        ".rss": "application/rss+xml",
    }

    def __init__(self, *args: Any, roots: Mapping[str, Path], **kwargs: Any) -> None:
        self.roots = roots
        super().__init__(*args, **kwargs)

    def translate_path(self, path: str) -> str:
        host = (self.headers.get("Host") or "").partition(":")[0].lower()
        # a host that is not served gets a folder that does not exist, and so a 404
        self.directory = str(self.roots.get(host, Path("/nonexistent")))
        return super().translate_path(path)

    def list_directory(self, path: str) -> None:  # type: ignore[override]
        self.send_error(404)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def static_server(roots: Mapping[str, Path]) -> Iterator[int]:
    """Serve host → folder while the block runs; yields the port. The mapping may grow meanwhile."""
    httpd = ThreadingHTTPServer((LOOPBACK, 0), partial(_Hosts, roots=roots))
    httpd.daemon_threads = True
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    try:
        yield int(httpd.server_address[1])
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join(5)


def deploy(built: Path, served: Path) -> None:
    """Make ``served`` what was built; files with the same bytes keep their time, as rsync --checksum leaves them."""
    fresh = {file.relative_to(built) for file in built.rglob("*") if file.is_file()}
    for file in [file for file in served.rglob("*") if file.is_file()]:
        if file.relative_to(served) not in fresh:
            file.unlink()
    for name in sorted(fresh):
        target = served / name
        if not (target.exists() and filecmp.cmp(built / name, target, shallow=False)):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(built / name, target)
