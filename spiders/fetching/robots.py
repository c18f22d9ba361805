"""robots.txt by RFC 9309: what a file says, what its absence means, and the copy kept for a day."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from protego import Protego
from sqlalchemy import Engine, Row, select

from cleaning.rights.site_signals import license_links_of
from cleaning.rights.vocabulary import vocabulary
from spiders.fetching.robots_agents import ours_and_others
from spiders.frontier.clock_bounds import is_younger
from spiders.frontier.database import upsert
from spiders.frontier.tables import robots

# The product token of RFC 9309, 2.2.1: what a publisher writes after "User-agent:".
TOKEN = vocabulary().own
MAX_BYTES = 512_000  # 2.5: a crawler must read at least 500 KiB
MAX_REDIRECTS = 5  # 2.3.1.2
# Parsed, a file takes some thirty times its length. A source owns all subdomains of its hosts, each with its own file;
# 2,000 sites' files are 4 MB.
KEPT_BYTES = 5_000_000
CACHE_SECONDS = 86_400.0  # 2.4: a copy should not be used for longer than a day


class RobotsVerdict(StrEnum):
    """The verdict that the response to a robots.txt request leads to."""

    RULES = "rules"
    ALLOW = "allow"  # 4xx: no file, so no rules
    UNREACHABLE = "unreachable"  # 5xx, or no response: everything is forbidden


@dataclass(frozen=True)
class RobotsFile:
    """One origin's robots.txt: its rules, or why there are none."""

    origin: str
    verdict: RobotsVerdict
    checked_at: float  # seconds since 1970
    body: bytes = b""
    status: int | None = None
    detail: str | None = None
    etag: str | None = None
    last_modified: str | None = None

    @cached_property
    def text(self) -> str:
        """The file as far as it is read. Decoded once: every page that is fetched asks for it."""
        return _within_limit(self.body).decode("utf-8", "replace")

    @cached_property
    def _rules(self) -> Protego:
        return Protego.parse(ours_and_others(self.text, TOKEN))

    def prepare(self) -> None:
        """Parse now what every question asks for; a file of 500 KiB takes seconds."""
        if self.verdict is RobotsVerdict.RULES:
            _ = self._rules, self.licenses

    def allows(self, url: str) -> bool:
        """Whether newsmill may fetch a URL of this origin."""
        if self.verdict is RobotsVerdict.RULES:
            return bool(self._rules.can_fetch(url, TOKEN))
        return self.verdict is RobotsVerdict.ALLOW

    @property
    def crawl_delay(self) -> float:
        """Seconds between requests that the file asks for, as told; 0 where it asks for none, or for no number."""
        if self.verdict is not RobotsVerdict.RULES:
            return 0.0
        delay = self._rules.crawl_delay(TOKEN) or 0.0
        rate = self._rules.request_rate(TOKEN)
        if rate is not None and rate.requests:
            try:
                delay = max(delay, rate.seconds / rate.requests)
            except OverflowError:  # hundreds of digits
                return math.inf if rate.seconds > rate.requests else 0.0
        return 0.0 if math.isnan(delay) else max(float(delay), 0.0)

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """Addresses after ``Sitemap:``, as written."""
        return tuple(self._rules.sitemaps) if self.verdict is RobotsVerdict.RULES else ()

    @cached_property
    def licenses(self) -> tuple[str, ...]:
        """Addresses of RSL terms after ``License:``, absolute. Read once, as ``text``."""
        rules = self.verdict is RobotsVerdict.RULES
        return tuple(license_links_of(self.text, f"{self.origin}/robots.txt")) if rules else ()

    def is_fresh(self, now: float) -> bool:
        """Whether this copy may still be used without asking again."""
        return self.verdict is not RobotsVerdict.UNREACHABLE and is_younger(self.checked_at, now, CACHE_SECONDS)


def verdict_of(status: int) -> RobotsVerdict:
    """What a final status means (RFC 9309, 2.3.1): 2xx gives rules; 4xx none; anything else forbids.

    429 is the exception: the server asks us to come later, which here means unreachable.
    """
    if 200 <= status < 300:
        return RobotsVerdict.RULES
    return RobotsVerdict.ALLOW if 300 <= status < 500 and status != 429 else RobotsVerdict.UNREACHABLE


def _within_limit(body: bytes) -> bytes:
    """The first 500 KiB, up to the last whole line: half a rule may mean its opposite."""
    if len(body) <= MAX_BYTES:
        return body
    cut = body[:MAX_BYTES]
    return cut[: cut.rfind(b"\n") + 1]


class RobotsCache:
    """The parsed files that a run works with; where they are too many, the oldest is read from the frontier again."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, RobotsFile] = OrderedDict()
        self._bytes = 0

    def get(self, origin: str) -> RobotsFile | None:
        """The file of an origin, if it is kept."""
        return self._files.get(origin)

    def put(self, file: RobotsFile) -> None:
        """Keep a file."""
        self._bytes += len(file.body) - len(old.body if (old := self._files.pop(file.origin, None)) else b"")
        self._files[file.origin] = file
        for origin in list(self._files):
            if self._bytes <= KEPT_BYTES:
                break
            # One without rules costs nothing, and for an unreachable one the server would be asked again.
            if self._files[origin].body and origin != file.origin:
                self._bytes -= len(self._files.pop(origin).body)


class RobotsStore:
    """The copies in the frontier."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def load(self, origin: str) -> RobotsFile | None:
        """The stored copy of an origin's file."""
        with self._engine.connect().execution_options(reading=True) as db:
            row = db.execute(select(robots).where(robots.c.origin == origin)).first()
        return None if row is None else _file_of(row)

    def unreachable(self) -> list[RobotsFile]:
        """The files that could not be read when they were last asked for."""
        query = select(robots).where(robots.c.verdict == str(RobotsVerdict.UNREACHABLE)).order_by(robots.c.origin)
        with self._engine.connect().execution_options(reading=True) as db:
            return [_file_of(row) for row in db.execute(query)]

    def save(self, file: RobotsFile) -> None:
        """Store a copy."""
        values = {
            "checked_at": file.checked_at,
            "verdict": str(file.verdict),
            "status": file.status,
            "detail": file.detail,
            "body": _within_limit(file.body),
            "etag": file.etag,
            "last_modified": file.last_modified,
        }
        with self._engine.begin() as db:
            db.execute(
                upsert(self._engine, robots)
                .values(origin=file.origin, **values)
                .on_conflict_do_update(index_elements=["origin"], set_=values)
            )


def _file_of(row: Row[Any]) -> RobotsFile:
    return RobotsFile(
        row.origin,
        RobotsVerdict(row.verdict),
        row.checked_at,
        bytes(row.body),
        row.status,
        row.detail,
        row.etag,
        row.last_modified,
    )
