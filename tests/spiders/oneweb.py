"""One site on loopback that answers exactly what a test says, byte by byte."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

Page = tuple[str, dict[str, str], bytes]


class OneWeb:
    """Serves ``pages`` (path → status line, headers, body) as post.localhost; ``log`` has the requests."""

    def __init__(self, pages: dict[str, Page], tls: ssl.SSLContext | None = None) -> None:
        self.pages = dict(pages)
        self.raw: dict[str, bytes] = {}  # path → bytes sent as they are, before the connection is closed
        self.endless: dict[str, tuple[bytes, bytes]] = {}  # path → a beginning, and what is sent for ever after it
        self.linger = 0.0  # seconds between the last byte of a raw answer and the end of the connection
        self.log: list[tuple[float, str, dict[str, str]]] = []
        self._tls = tls
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def url(self, path: str) -> str:
        return f"{'https' if self._tls else 'http'}://post.localhost:{self.port}{path}"

    def paths(self) -> list[str]:
        return [path for _, path, _ in self.log]

    def write_source(self, folder: Path, **keys: str) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        values = {
            "name": '"post"',
            "title": '"The Post"',
            "home": f'"{self.url("/")}"',
            "hosts": '["post.localhost"]',
            "enabled": "true",
            "feeds": f'["{self.url("/rss")}"]',
            **{name: value for name, value in keys.items() if name != "politeness"},
        }
        text = "".join(f"{name} = {value}\n" for name, value in values.items())
        path = folder / "post.toml"
        path.write_text(text + "[politeness]\n" + keys.get("politeness", "delay_seconds = 0\ntimeout_seconds = 5\n"))
        return path

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            stream = connection.makefile("rb")
            while line := stream.readline():
                path = line.split()[1].decode()
                headers = {}
                while (field := stream.readline()) not in (b"\r\n", b""):
                    name, _, value = field.decode().partition(":")
                    headers[name.strip().lower()] = value.strip()
                self.log.append((time.time(), path, headers))
                if path in self.endless:
                    first, rest = self.endless[path]
                    connection.sendall(first)
                    while True:
                        connection.sendall(rest * (100_000 // len(rest)))
                if path in self.raw:
                    connection.sendall(self.raw[path])
                    time.sleep(self.linger)
                    break
                status, given, body = self.pages.get(path, ("404 Not Found", {}, b"nothing here"))
                fields = "".join(f"{name}: {value}\r\n" for name, value in given.items())
                connection.sendall(f"HTTP/1.1 {status}\r\n{fields}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        except (OSError, ssl.SSLError):
            pass
        finally:
            connection.close()


def rss(*urls: str) -> Page:
    items = "".join(f"<item><link>{url}</link></item>" for url in urls)
    body = f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'
    return "200 OK", {"Content-Type": "application/rss+xml"}, body.encode()


def html(text: str = "<p>Words.</p>") -> Page:
    body = f"<!doctype html><html><body>{text}</body></html>"
    return "200 OK", {"Content-Type": "text/html; charset=utf-8"}, body.encode()
