"""A site that does everything at once to those who crawl it, and healthy ones beside it, on one loopback port."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from sqlalchemy import select

from spiders.frontier.tables import urls
from tests.flows.archive import story
from tests.spiders.crawling import Crawls
from tests.spiders.oneweb import OneWeb, html, rss

HEALTHY = 5
EVIL = "evil"
FEED = "application/rss+xml"


def attributes(count: int) -> bytes:
    """A tag that libxml2 would compare with itself for a minute."""
    return b"<p " + b" ".join(b'a%d="<"' % number for number in range(count)) + b">"


def add_healthy(web: OneWeb, pages: int) -> None:
    """Sites whose pages are listed by a feed each."""
    for site in range(HEALTHY):
        paths = [f"/s{site}/{number}" for number in range(pages)]
        web.pages |= {path: html("".join(f"<p>{part}</p>" for part in story(n))) for n, path in enumerate(paths)}
        web.pages[f"/s{site}/rss"] = rss(*(address(web, f"s{site}", path) for path in paths))


def add_hostile(web: OneWeb) -> None:
    """Headers without end, bodies without end, bombs, tags and listings that cost a parser minutes, circles."""
    xml = {"Content-Type": FEED}
    web.pages["/evil/nested"] = "200 OK", xml, b"<rss version='2.0'><channel>" + b"<item>" * 1_400_000
    web.pages["/evil/wide"] = (
        "200 OK", xml, b"<rss version='2.0'><channel>" + b"<item><link>x</link></item>" * 300_000 + b"</channel></rss>",
    )  # fmt: skip
    web.pages["/evil/desk"] = html((attributes(45_000) + b"<a href='/evil/1'>A headline of words</a>").decode())
    web.endless["/evil/headers"] = b"HTTP/1.1 200 OK\r\n", b"X-Filler: " + b"x" * 8_000 + b"\r\n"
    web.endless["/evil/body"] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"<p>word " * 100
    bomb = gzip.compress(bytes(200_000_000))
    web.pages["/evil/bomb"] = "200 OK", {"Content-Type": "text/html", "Content-Encoding": "gzip"}, bomb
    web.pages["/evil/tags"] = html((attributes(45_000) + b"words</p>").decode())
    web.pages["/evil/deep"] = html("<div>" * 100_000)
    web.pages["/evil/large"] = html("<p>" + "x" * 9_000_000)
    web.pages["/evil/circle"] = "302 Found", {"Location": "/evil/circle"}, b""
    web.raw["/evil/half"] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9000000\r\n\r\n<p>half"
    traps = ("headers", "body", "bomb", "tags", "deep", "large", "circle", "half")
    listed = [f"/evil/{trap}?{number}" for number in range(4) for trap in traps]
    for path in listed:
        bare = path.partition("?")[0]
        for kind in (web.pages, web.raw, web.endless):
            if bare in kind:
                kind[path] = kind[bare]  # type: ignore[index]
    web.pages["/evil/rss"] = rss(*(address(web, EVIL, path) for path in listed))


def address(web: OneWeb, site: str, path: str) -> str:
    """A URL of one of the sites."""
    return f"http://{site}.localhost:{web.port}{path}"


def write_sources(web: OneWeb, folder: Path, sites: Iterable[str], delay: float) -> None:
    """A catalogue file for each site."""
    folder.mkdir(parents=True, exist_ok=True)
    for site in sites:
        feeds = [f"/{site}/rss"]
        extra = ""
        if site == EVIL:
            feeds += ["/evil/nested", "/evil/wide"]
            extra = f'sections = ["{address(web, site, "/evil/desk")}"]\n'
        listed = ", ".join(f'"{address(web, site, path)}"' for path in feeds)
        (folder / f"{site}.toml").write_text(
            f'name = "{site}"\ntitle = "{site}"\nhome = "{address(web, site, "/")}"\nhosts = ["{site}.localhost"]\n'
            f"enabled = true\nfeeds = [{listed}]\n{extra}"
            f"[politeness]\ndelay_seconds = {delay}\ntimeout_seconds = 10\nconcurrency = 1\n"
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """One crawl."""

    healthy_seconds: float  # from the first to the last page of the healthy sites
    seconds: float  # of the whole crawl
    peak_bytes: int  # of the crawl with its parsers, memory that they share counted once
    outcomes: dict[str, str]


def measure(made: Crawls) -> Measured:
    """Crawl, and look at the memory of the process tree meanwhile."""
    process, begun, peak = made.start(), time.monotonic(), 0
    while process.poll() is None:
        with suppress(psutil.Error):
            root = psutil.Process(process.pid)
            peak = max(peak, sum(_bytes(one) for one in [root, *root.children(recursive=True)]))
        time.sleep(0.2)
    seconds = time.monotonic() - begun
    frontier = made.frontier()
    outcomes = frontier.outcomes()
    with frontier.engine.connect() as db:
        ends = [row.ended_at for row in db.execute(select(urls)) if row.source != EVIL and row.ended_at]
    frontier.close()
    return Measured(max(ends) - min(ends), seconds, peak, outcomes)


def _bytes(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        return int(process.memory_full_info().pss)
    return 0
