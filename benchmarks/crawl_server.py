"""The web that benchmarks/crawl.py crawls: generated news sites on loopback, with a log and, on request, with faults.

``python benchmarks/crawl_server.py --hosts 20 --pages 250 --log FILE [--faults] [--kilobytes 50]`` prints its port.
Hosts are h00.localhost, h01.localhost, …; everything follows from --seed.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
import re
import socket
import struct
import sys
import time
from pathlib import Path

ETAG = '"v1"'
FORBIDDEN = "/members/"
WORDS = Path(__file__).read_text(encoding="utf-8").split()


class Site:
    """One host: what it serves, and what it does wrong."""

    def __init__(self, number: int, options: argparse.Namespace) -> None:
        self.number = number
        self.host = f"h{number:02d}.localhost"
        self.options = options
        self.dice = random.Random(f"{options.seed} {number}")
        self.tries: dict[str, int] = {}
        self.asked = 0
        self.busy_until = 0.0

    def path(self, page: int) -> str:
        """The path of an article."""
        return f"/2026/07/{1 + page % 28:02d}/story-number-{page}-of-host-{self.number}"

    def page(self, path: str) -> bytes:
        """An article, the same for the same seed."""
        dice = random.Random(f"{self.options.seed} {self.host} {path}")
        paragraphs = []
        size = 0
        while size < self.options.kilobytes * 1_000:
            text = f"<p>{' '.join(dice.choices(WORDS, k=60))}</p>\n"
            size += len(text)
            paragraphs.append(text)
        body = "".join(paragraphs)
        return f"<!doctype html><html><head><title>{path}</title></head><body>{body}</body></html>".encode()

    def listing(self, path: str, port: int) -> bytes | None:
        """robots.txt, sitemap or feed; None for any other path."""
        base = f"http://{self.host}:{port}"
        pages = [self.path(page) for page in range(self.options.pages)]
        if self.options.faults:
            pages += [f"{FORBIDDEN}{page}" for page in range(3)] + ["/loop/a", "/gone"]
        if path == "/robots.txt":
            return f"User-agent: *\nDisallow: {FORBIDDEN}\nSitemap: {base}/sitemap.xml\n".encode()
        if path == "/sitemap.xml":
            entries = "".join(f"<url><loc>{base}{page}</loc></url>" for page in pages)
            return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'.encode()
        if path == "/rss":
            items = "".join(f"<item><link>{base}{page}</link></item>" for page in pages[:20])
            return f"<rss><channel>{items}</channel></rss>".encode()
        return None

    def fault(self, path: str) -> str | None:
        """What goes wrong with this request; every fault but that of the whole host heals."""
        tries = self.tries[path] = self.tries.get(path, 0) + 1
        self.asked += 1
        kind = self.number % 5
        lists = {"/robots.txt": (1, 2, "503"), "/rss": (2, 1, "half"), "/sitemap.xml": (2, 1, "half")}
        if path in lists:
            which, times, fault = lists[path]
            return fault if kind == which and tries <= times else None
        if kind == 3 and self.asked % 60 == 0:
            self.busy_until = time.time() + 1.0
        if time.time() < self.busy_until:
            return "429 after 1"
        if (kind == 4 and self.asked % 80 < 3) or (kind == 0 and self.asked % 70 == 0):
            return "503" if kind == 4 else "429"
        digest = hashlib.sha256(f"{self.options.seed} {self.host}{path}".encode()).digest()
        if digest[0] < 26 and tries <= 1 + digest[1] % 2:
            return ("500", "503", "reset", "half", "drip", "502")[digest[2] % 6]
        return None


class Server(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, and only as much of it as a crawler's GET needs."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.data = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self.data += data
        while b"\r\n\r\n" in self.data:
            head, self.data = self.data.split(b"\r\n\r\n", 1)
            self.answer(head)

    def answer(self, head: bytes) -> None:
        """Answer one request."""
        assert self.transport is not None
        path = head.split(b" ", 2)[1].decode()
        host = re.search(rb"\r\n[Hh]ost: *([^:\r\n]+)", head)
        site = self.web.sites.get(host[1].decode() if host else "")
        if site is None:
            self.send("404 Not Found", b"")
            return
        fault = site.fault(path) if self.web.options.faults else None
        body = site.listing(path, self.web.port)
        status = "200 OK"
        extra = f"ETag: {ETAG}\r\n"
        if fault is not None and fault[:3].isdigit():
            status, body = f"{fault[:3]} Fault", b"fault"
            extra = f"Retry-After: {fault.rpartition(' ')[2]}\r\n" if "after" in fault else ""
        elif path.startswith("/loop/"):
            status, body = "302 Found", b""
            extra = f"Location: /loop/{'b' if path.endswith('a') else 'a'}\r\n"
        elif path == "/gone":
            status, body = "410 Gone", b"gone"
        elif ETAG.encode() in head:
            status, body = "304 Not Modified", b""
        elif body is None:
            body = site.page(path)
        self.web.note(site.host, path, status, fault, len(body))
        if fault == "reset":
            self.web.reset(self.transport)
        elif fault == "half":
            self.send(status, body, extra, cut=True)
        elif fault == "drip":
            asyncio.get_running_loop().create_task(self.drip())
        else:
            self.send(status, body, extra)

    def send(self, status: str, body: bytes, extra: str = "", cut: bool = False) -> None:
        """Send a response, or half of it."""
        assert self.transport is not None
        head = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\n{extra}Content-Length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + (body[: len(body) // 2] if cut else body))
        if cut:
            self.transport.close()

    async def drip(self) -> None:
        """A body that never ends, slowly."""
        assert self.transport is not None
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1_000):
            if self.transport.is_closing():
                return
            self.transport.write(b".")
            await asyncio.sleep(0.2)


class Web:
    """All sites, and the log."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.sites = {site.host: site for site in (Site(n, options) for n in range(options.hosts))}
        self.port = 0
        self._log = options.log.open("w", buffering=1) if options.log else None

    def note(self, host: str, path: str, status: str, fault: str | None, size: int) -> None:
        """Append to the log."""
        if self._log is not None:
            entry = {"time": time.time(), "host": host, "path": path, "status": int(status[:3]), "fault": fault}
            self._log.write(json.dumps({**entry, "bytes": size}) + "\n")

    @staticmethod
    def reset(transport: asyncio.Transport) -> None:
        """Send a TCP reset (SO_LINGER of zero)."""
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()

    async def serve(self) -> None:
        """Serve until the process ends."""
        server = await asyncio.get_running_loop().create_server(lambda: Server(self), "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        sys.stdout.write(f"{self.port}\n")
        sys.stdout.flush()
        await server.serve_forever()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--pages", type=int, default=250)
    parser.add_argument("--kilobytes", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("--log", type=Path)
    asyncio.run(Web(parser.parse_args()).serve())


if __name__ == "__main__":
    main()
