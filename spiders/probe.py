"""The spider behind ``newsmill sources add`` and ``sources check``.

``scrapy crawl probe -a url=URL -a out=FILE -a lake=DIR`` checks a new site; ``-a source=NAME[,NAME]`` checks sources of
the catalogue. It writes one JSON line per site (:class:`SourceCheckRow`) to ``out``, and the sample articles into
``lake``, which should be a separate folder: a check is not a crawl.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Self, cast

from pydantic import BaseModel
from scrapy.exceptions import UsageError

from spiders.archive.warc_reader import WarcWriter
from spiders.arguments import ArgumentError
from spiders.base import BaseSpider
from spiders.catalogue import DEFAULT_DIR, CatalogueError, Source, load_catalogue, select
from spiders.discovery.autodiscovery import SourceCheck, SourceChecker
from spiders.discovery.home_page import provisional, source_toml
from spiders.discovery.listing_worker import ListingParser
from spiders.fetch_stack import FetchStack, Limits
from spiders.fetching.address_guard import Allowance, Refused
from spiders.fetching.fetcher import Downloader, Failed
from spiders.fetching.rate_limiter import HostWaits
from spiders.frontier.frontier import Frontier, Task, default_path
from spiders.frontier.outcomes import Outcome
from spiders.frontier.session import CrawlSession

logger = logging.getLogger(__name__)

# Sites checked concurrently; the pace per host stays the same.
SITES_AT_ONCE = 16
# Somebody waits for the answer: a host that asks for a longer pause is reported instead.
PATIENCE_SECONDS = 60.0


class EndpointRow(BaseModel):
    """One endpoint, as in :class:`spiders.discovery.autodiscovery.EndpointCheck`."""

    kind: str
    url: str
    entries: int
    newest: datetime | None
    oldest: datetime | None
    issue: str | None
    detail: str | None
    likely_cause: str | None


class SourceCheckRow(BaseModel):
    """The result of a source check: one line of the result file."""

    name: str
    title: str
    home: str
    reachable: bool
    robots: str
    crawl_delay: float
    newest: datetime | None
    endpoints: list[EndpointRow]
    samples: list[tuple[str, str]]  # (URL, outcome)
    toml: str  # the catalogue file that this would become
    error: str | None = None  # why the check found nothing, if it failed

    @classmethod
    def of(cls, look: SourceCheck, day: str) -> Self:
        """The row of a source check."""
        source = look.source
        return cls(
            name=source.name,
            title=source.title,
            home=source.home,
            reachable=look.reachable,
            robots=look.robots,
            crawl_delay=look.crawl_delay,
            newest=look.newest,
            endpoints=[EndpointRow.model_validate(endpoint, from_attributes=True) for endpoint in look.endpoints],
            samples=list(look.samples),
            toml=source_toml(source, day),
        )


def read_checks(path: Path) -> list[SourceCheckRow]:
    """Read the rows that a probe wrote."""
    return [SourceCheckRow.model_validate_json(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


class ProbeSpider(BaseSpider):
    """Checks sites without crawling them."""

    name = "probe"

    def __init__(
        self,
        name: str | None = None,
        *,
        out: str,
        lake: str,
        url: str = "",
        source: str = "",
        sources_dir: str = str(DEFAULT_DIR),
        allow: str = "",
    ) -> None:
        super().__init__(name)
        self.out, self.lake, self.url = Path(out), Path(lake), url
        try:
            self.allowance = Allowance.parse(allow)
            self.sources = {"": provisional(url)} if url else _chosen(Path(sources_dir), source)
        except (ArgumentError, CatalogueError, ValueError) as error:
            raise UsageError(str(error), print_help=False) from error

    async def start(self) -> AsyncIterator[dict[str, object]]:
        """Check every site, and yield the results."""
        resolver = self.guard()
        frontier = Frontier(default_path(self.lake))
        warc = WarcWriter(self.lake, "probe")
        try:
            looks = await self._look(frontier, warc, resolver.refused)
        finally:
            warc.close()
            frontier.close()
        self.out.write_text("".join(row.model_dump_json() + "\n" for row in looks), encoding="utf-8")
        for row in looks:
            yield {"name": row.name, "reachable": row.reachable, "ways": len(row.endpoints), "error": row.error}

    async def _look(self, frontier: Frontier, warc: WarcWriter, refused: dict[str, str]) -> list[SourceCheckRow]:
        settings = self.settings
        lease = frontier.leases.begin("probe")
        fetching = FetchStack.build(
            CrawlSession(frontier, "probe", lease),
            cast("Downloader", self.crawler.engine),
            warc,
            Limits(SITES_AT_ONCE, settings.getfloat("NEWSMILL_BACKOFF_SECONDS"), PATIENCE_SECONDS),
            user_agent=self.agent,
            allowance=self.allowance,
            refused=refused,
            chromium=settings["NEWSMILL_CHROMIUM"] or None,
        )

        async def take(source: Source, task: Task) -> str:
            try:
                visited = await fetching.articles.visit(source, task)
            except HostWaits as waits:
                return f"waits: {waits.reason}"
            return visited.again[1].outcome if visited.again else str(visited.ended[-1].outcome)

        now = datetime.now(UTC)
        parser = ListingParser()
        prober = SourceChecker(fetching.fetcher, take, now, parser)
        gate = asyncio.Semaphore(SITES_AT_ONCE)

        async def look(source: Source) -> SourceCheckRow:
            async with gate:
                try:
                    found = await (prober.discover(self.url) if self.url else prober.check(source))
                except (Refused, Failed) as error:
                    return _nothing(source, f"{error.outcome}: {error.detail}")
                except HostWaits as waits:
                    return _nothing(source, f"{Outcome.RETRIES_EXHAUSTED}: {waits}")
                except Exception as error:
                    # A fault of ours over one site's answer must not cost the others their check.
                    logger.exception("%s: the check broke off; please report this", source.name)
                    return _nothing(source, f"{Outcome.INTERNAL_ERROR}: {error!r}")
            return SourceCheckRow.of(found, now.date().isoformat())

        try:
            return list(await asyncio.gather(*(look(source) for source in self.sources.values())))
        finally:
            parser.close()
            await fetching.close()
            frontier.leases.end(lease)


def _chosen(folder: Path, names: str) -> dict[str, Source]:
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    return select(folder, wanted) if wanted else load_catalogue(folder)


def _nothing(source: Source, error: str) -> SourceCheckRow:
    look = SourceCheck(source, False, "", 0.0, ())
    return SourceCheckRow.of(look, "").model_copy(update={"error": error})
