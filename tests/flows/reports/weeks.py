"""Weeks of daily crawls as the lake and the frontier hold them afterwards, written by the product's own code.

No page is fetched or cleaned: rows are made as cleaning would make them; five weeks of a dozen sites cost seconds.
``python -m tests.flows.reports.weeks FOLDER`` writes such a lake, to look at its report.
"""

from __future__ import annotations

import hashlib
import math
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from cleaning.records import Article, Duplicate, Rejection, RemovalRow, Revision
from cleaning.schema.arrow import TABLES, columns, to_table
from flows.crawling.runs import Run, finish_run, save_run
from flows.lake.index import Published, PublishedAs, published_path
from flows.lake.store import Lake
from spiders.catalogue import Source
from spiders.discovery.endpoints import Endpoint, Endpoints, Kind, ListingFault
from spiders.frontier.frontier import DiscoveredUrl, FinishedTask, Frontier, default_path

FIRST = date(2026, 10, 19)  # a Monday
FIELDS = ("authors", "section", "tags", "description", "image_url", "modified_at")


@dataclass(frozen=True, slots=True)
class Site:
    """A healthy site: its articles on a weekday, how much rests at weekends, and what its pages carry."""

    name: str
    pace: float
    weekend: float = 0.6
    words: int = 380
    without: tuple[str, ...] = ()  # fields that none of its pages has
    authors_share: float = 0.95
    copies_of: str = ""  # every third of its texts is a copy of one of this site
    rejects: float = 0.05


@dataclass(frozen=True, slots=True)
class Event:
    """What befalls a site from one day on (counted from the first, 0) up to another."""

    site: str  # "*": all of them
    kind: str
    start: int
    end: int = 10_000


SITES = (
    Site("capital-dispatch", 42),
    Site("coast-herald", 24),
    Site("morning-ledger", 30, weekend=0.0),
    Site("valley-times", 12),
    Site("lakeside-post", 9, authors_share=0.6),
    Site("science-weekly", 3, words=900, without=("modified_at",)),
    Site("wire-service", 55, words=180, without=("image_url",), authors_share=0.3),
    Site("island-news", 16, weekend=1.0),
    Site("river-courier", 20, copies_of="wire-service"),
    Site("hill-tribune", 14, rejects=0.3),
    Site("metro-evening", 35),
    Site("farm-journal", 6, weekend=0.2),
)


@dataclass
class Weeks:
    """A lake that grows by one day of crawling at a time."""

    root: Path
    sites: Sequence[Site] = SITES
    events: Sequence[Event] = ()
    first: date = FIRST
    seed: int = 7
    titles: Sequence[str] = ()  # headlines to use before the made-up ones
    _dice: random.Random = field(init=False)
    _yesterday: dict[str, list[Article]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Open the lake and its frontier."""
        self._dice = random.Random(self.seed)
        self._lake = Lake(self.root)
        self._now = 0.0
        self.frontier = Frontier(default_path(self.root), clock=lambda: self._now)

    def catalogue(self) -> dict[str, Source]:
        """The sites as catalogue entries."""
        return {
            s.name: Source(name=s.name, title=s.name, home=f"https://{s.name}.example/", hosts=(f"{s.name}.example",))
            for s in self.sites
        }

    def moment(self, number: int) -> datetime:
        """When the crawl of a day begins."""
        return datetime.combine(self.first + timedelta(days=number), datetime.min.time(), UTC) + timedelta(hours=4.5)

    def run(self, days: int) -> Iterator[tuple[int, datetime]]:
        """Simulate one day after the other; gives its number and the time at the end of its run."""
        for number in range(days):
            yield number, self.day(number)

    def day(self, number: int) -> datetime:
        """Crawl and publish one day."""
        now = self.moment(number)
        run = Run(f"{now:%Y%m%dT%H%M%SZ}-{number:06x}", tuple(s.name for s in self.sites))
        save_run(self.root, run)
        self._now = now.timestamp()
        lease = self.frontier.leases.begin(run.run_id)
        rows: dict[str, list[object]] = {name: [] for name in TABLES}
        published: list[Published] = []
        for site in self.sites:
            kinds = {e.kind for e in self.events if e.site in (site.name, "*") and e.start <= number < e.end}
            self._crawl(site, kinds, number, now, run.run_id, lease, rows, published)
        self._now += 900 + 4 * len(published)
        self.frontier.leases.end(lease)
        finish_run(self.root, run)
        self._commit(rows, published, now)
        return datetime.fromtimestamp(self._now, UTC)

    def _crawl(
        self,
        site: Site,
        kinds: set[str],
        number: int,
        now: datetime,
        run_id: str,
        lease: int,
        rows: dict[str, list[object]],
        published: list[Published],
    ) -> None:
        feed = f"https://{site.name}.example/feed.xml"
        listing = {
            "robots": "robots",
            "moved": "off-site",
            "certificate": "tls-error",
            "network": "dns-error",
            "feed-dead": "http-404",
            "blocked": "http-403",
        }
        issue = next((listing[k] for k in kinds if k in listing), None)
        detail = (
            f"https://{site.name}-new.example/ is not a host of {site.name}" if issue == "off-site" else "simulated"
        )
        ways = Endpoints(self.frontier.engine)
        count = 0 if kinds & {"silent", *listing} else self._count(site, number)
        ways.save(Endpoint(site.name, feed, Kind.FEED, self._now, self._now, self._now, found=20, issue=issue))
        if issue is not None:
            ways.note_fault(run_id, ListingFault(site.name, feed, issue, detail))
        extra = 40 if "backdated" in kinds else 0
        articles: list[Article] = []
        outcome = "fetched"
        urls = [f"https://{site.name}.example/{number:03}/{n:03}" for n in range(count + extra)]
        if issue is not None and issue not in ("http-404", "dns-error"):  # pages already in the queue meet it too
            urls, outcome = [f"https://{site.name}.example/{number:03}/late-{n}" for n in range(5)], issue
        self._visit(site, urls, outcome, detail, run_id, lease)
        if outcome != "fetched":
            return
        for place, url in enumerate(urls):
            article = self._article(site, kinds, url, now, run_id, place, old=place >= count)
            reason = self._rejected(site, kinds)
            if reason:
                rejection = {n: getattr(article, n) for n in columns(Rejection) if hasattr(article, n)}
                rows["rejected"].append(
                    Rejection(**{**rejection, "reason": reason, "detail": "simulated", "fetched_date": now.date()})
                )
                fate = PublishedAs.REJECTED
            else:
                fate = self._keep(site, article, rows, articles)
            published.append(
                Published(
                    article.raw_file,
                    article.raw_offset,
                    run_id,
                    site.name,
                    url,
                    article.fetched_at,
                    article.article_id,
                    fate,
                    reason or None,
                    None if reason else article.published_date,
                    None,
                )
            )
        self._yesterday[site.name] = articles

    def _keep(self, site: Site, article: Article, rows: dict[str, list[object]], own: list[Article]) -> PublishedAs:
        for position in range(self._dice.randint(0, 3)):
            rule = self._dice.choice(("model/boilerplate", "en/newsletter", "en/share", "template/site-line"))
            rows["removals"].append(
                RemovalRow(
                    article.article_id,
                    1,
                    position,
                    "Subscribe to our newsletter.",
                    rule,
                    None,
                    site.name,
                    article.published_date,
                )
            )
        theirs = self._yesterday.get(site.copies_of, [])
        if theirs and self._dice.random() < 1 / 3:
            original = self._dice.choice(theirs)
            fields = {name: getattr(article, name) for name in columns(Article)}
            rows["duplicates"].append(
                Duplicate(**{**fields, "cluster_id": original.cluster_id, "duplicate_of": original.article_id})
            )
            return PublishedAs.DUPLICATE
        rows["articles"].append(article)
        own.append(article)
        if self._dice.random() < 0.02:
            fields = {name: getattr(article, name) for name in columns(Article)}
            rows["revisions"].append(Revision(**{**fields, "superseded_at": article.fetched_at}))
        return PublishedAs.ARTICLE

    def _count(self, site: Site, number: int) -> int:
        weekend = (self.first + timedelta(days=number)).weekday() >= 5
        mean = site.pace * (site.weekend if weekend else 1.0) * (3 if number == 0 else 1)
        count, left = 0, -math.log(1 - self._dice.random())  # a Poisson process: exponential gaps
        while left < mean:
            count, left = count + 1, left - math.log(1 - self._dice.random())
        return count

    def _rejected(self, site: Site, kinds: set[str]) -> str:
        chance = self._dice.random()
        for kind, reason, share in (
            ("paywall", "paywall-stub", 0.8),
            ("consent", "consent-wall", 0.9),
            ("layout", "empty", 0.7),
        ):
            if kind in kinds and chance < share:
                return reason
        return self._dice.choice(("gallery", "video", "too-short")) if chance < site.rejects else ""

    def _article(
        self, site: Site, kinds: set[str], url: str, now: datetime, run_id: str, place: int, *, old: bool
    ) -> Article:
        dice = self._dice
        published = now - timedelta(days=400 if old else 0, minutes=dice.randint(10, 1300))
        identity = hashlib.sha256(url.encode()).hexdigest()[:32]
        has = {name: name not in site.without and dice.random() < 0.97 for name in FIELDS}
        has["authors"] = dice.random() < site.authors_share and not kinds & {"authors", "layout"}
        if "layout" in kinds:
            has |= {"image_url": False, "description": False}
        words = max(60, int(dice.lognormvariate(0, 0.5) * site.words / (4 if "layout" in kinds else 1)))
        title = self.titles[place] if place < len(self.titles) else f"Council of ward {place} decides on {identity[:6]}"
        return Article(
            article_id=identity,
            revision=1,
            url=url,
            canonical_url=url,
            source=site.name,
            host=f"{site.name}.example",
            title=title,
            authors=("Ada Quill",) if has["authors"] else (),
            published_at=published,
            modified_at=published if has["modified_at"] else None,
            fetched_at=now + timedelta(seconds=7 * place),
            published_offset=0,
            published_date=published.date(),
            date_source="json-ld",
            date_confidence="high",
            language="en",
            section="News" if has["section"] else None,
            tags=("harbour",) if has["tags"] else (),
            description="A summary." if has["description"] else None,
            image_url=f"{url}.jpg" if has["image_url"] else None,
            site_name=site.name,
            text="A harbour.",
            word_count=words,
            text_hash=identity,
            cluster_id=identity,
            is_paywalled="paywall" in kinds,
            is_truncated="paywall" in kinds,
            training_opt_out=False,
            flags=("future-date",) if "clock" in kinds else (),
            extractor="blocks-1",
            rules_version="0" * 12,
            run_id=run_id,
            raw_file=f"raw/source={site.name}/date={now.date()}/{run_id}-00000.warc.gz",
            raw_offset=5000 * place,
            text_confidence=min(0.999, max(0.2, dice.betavariate(14, 1))),
        )

    def _visit(self, site: Site, urls: list[str], outcome: str, detail: str, run_id: str, lease: int) -> None:
        host = f"{site.name}.example"
        missing = [f"{urls[0]}-gone"] if urls and outcome == "fetched" and self._dice.random() < 0.3 else []
        self.frontier.enqueue(run_id, [DiscoveredUrl(site.name, u, u, host) for u in [*urls, *missing]])
        while tasks := self.frontier.claim(lease, site.name, host, 100):
            self.frontier.finish(
                run_id,
                [
                    FinishedTask(
                        task,
                        "http-404" if task.url in missing else outcome,
                        self._now,
                        detail if outcome != "fetched" else None,
                        bytes=48_000 if outcome == "fetched" else 0,
                    )
                    for task in tasks
                ],
            )

    def _commit(self, rows: Mapping[str, list[object]], published: list[Published], now: datetime) -> None:
        files = {published_path(f"{now:%Y-%m-%d}"): to_table(Published, published)}
        for name, new in rows.items():
            table = TABLES[name]
            by_day: dict[date, list[object]] = {}
            for row in new:
                by_day.setdefault(getattr(row, table.partition_by), []).append(row)
            for day, several in by_day.items():
                path = f"{name}/date={day}/part-0.parquet"
                present = self._lake.read(name, [day])
                files[path] = pa.concat_tables([present, to_table(table.row, several)])
        with self._lake.write_lock():
            self._lake.commit(files)


def main() -> None:
    """Write a lake of five weeks with a few events."""
    events = (
        Event("valley-times", "authors", 31),
        Event("coast-herald", "robots", 33),
        Event("capital-dispatch", "layout", 15, 20),
    )
    weeks = Weeks(Path(sys.argv[1]), events=events)
    for _ in weeks.run(35):
        pass


if __name__ == "__main__":
    main()
