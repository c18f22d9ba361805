"""What a site says about the use of its pages: robots.txt, tdmrep.json and RSL terms, read once a day and origin."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sqlalchemy import Engine, select

from cleaning.records import Statement
from cleaning.rights.site_signals import ROBOTS, RSL, TDMREP
from spiders.catalogue import Source
from spiders.fetching.address_guard import Refused
from spiders.fetching.fetcher import Failed, Fetcher, Want
from spiders.fetching.rate_limiter import HostWaits
from spiders.fetching.robots import CACHE_SECONDS, RobotsFile, RobotsVerdict
from spiders.frontier.clock_bounds import SKEW_MAX, bounded, is_younger
from spiders.frontier.database import upsert
from spiders.frontier.outcomes import http_outcome, is_passing
from spiders.frontier.tables import statements

TDMREP_PATH = "/.well-known/tdmrep.json"
# A page of rules or terms; a longer document is not read.
MAX_BYTES = 1_000_000
# A robots.txt that names more terms than these does so by mistake.
TERMS_MAX = 3
_ACCEPT = {TDMREP: "application/json,*/*;q=0.1", RSL: "application/rsl+xml,application/xml;q=0.9,*/*;q=0.1"}


@dataclass(slots=True)
class StatementReader:
    """Reads statements for one run; copies are kept in the frontier, for every run.

    A document that cannot be read leaves the copy of the day before in force; without one it says nothing. It is asked
    for once a day, and tried once in a run where its host could not be asked; it never delays a page by more than its
    host's usual turn.
    """

    fetcher: Fetcher
    engine: Engine
    clock: Callable[[], float]
    _known: dict[str, tuple[float, Statement | None]] = field(default_factory=dict)
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def of(self, source: Source, url: str) -> tuple[Statement, ...]:
        """The statements in force for a page, robots.txt first."""
        robots = await self.fetcher.rules(source, url)
        wanted = [(TDMREP, robots.origin + TDMREP_PATH)]
        links = robots.licenses[:TERMS_MAX]
        wanted += [(RSL, link) for link in links if source.owns(urlsplit(link).hostname or "")]
        read = [await self._read(source, kind, address) for kind, address in wanted]
        return tuple(one for one in (_robots_statement(robots), *read) if one is not None)

    async def _read(self, source: Source, kind: str, url: str) -> Statement | None:
        async with self._locks.setdefault(url, asyncio.Lock()):
            known = self._known.get(url) or self._load(kind, url)
            if known is None or not is_younger(known[0], self.clock(), CACHE_SECONDS):
                statement, was_asked = await self._ask(source, kind, url, known[1] if known else None)
                known = self.clock(), statement
                if was_asked:
                    self._save(kind, url, *known)
            self._known[url] = known
            return known[1]

    async def _ask(self, source: Source, kind: str, url: str, kept: Statement | None) -> tuple[Statement | None, bool]:
        """What is in force from now on, and whether the server was asked: otherwise the next run tries again."""
        try:
            answer = await self.fetcher.get_following(source, url, Want(_ACCEPT[kind], MAX_BYTES))
        except Refused:
            return kept, True
        except Failed as failed:
            return kept, failed.asked
        except HostWaits:
            return kept, False
        if 200 <= answer.status < 300:
            text = answer.body.decode("utf-8", "replace").replace("\x00", "")
            return Statement(kind, url, datetime.fromtimestamp(answer.fetched_at, UTC), text), True
        # 4xx: there is none. One that passes (429) tells as little as 5xx.
        gone = 400 <= answer.status < 500 and not is_passing(http_outcome(answer.status))
        return None if gone else kept, True

    def _load(self, kind: str, url: str) -> tuple[float, Statement | None] | None:
        with self.engine.connect().execution_options(reading=True) as db:
            row = db.execute(select(statements).where(statements.c.url == url)).first()
        if row is None:
            return None
        if row.fetched_at is None:
            return row.checked_at, None
        # A clock that was wrong may have written any number.
        read = datetime.fromtimestamp(bounded(row.fetched_at, self.clock(), SKEW_MAX), UTC)
        return row.checked_at, Statement(kind, url, read, row.body)

    def _save(self, kind: str, url: str, checked_at: float, read: Statement | None) -> None:
        values = {
            "kind": kind,
            "checked_at": checked_at,
            "fetched_at": read.fetched_at.timestamp() if read else None,
            "body": read.text if read else "",
        }
        with self.engine.begin() as db:
            db.execute(
                upsert(self.engine, statements)
                .values(url=url, **values)
                .on_conflict_do_update(index_elements=["url"], set_=values)
            )


def _robots_statement(file: RobotsFile) -> Statement | None:
    """A robots.txt as a statement; None where there is none."""
    if file.verdict is not RobotsVerdict.RULES:
        return None
    read = datetime.fromtimestamp(file.checked_at, UTC)
    return Statement(ROBOTS, f"{file.origin}/robots.txt", read, file.text)
