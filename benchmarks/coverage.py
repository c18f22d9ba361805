"""Whether what no way of discovery listed is within the interval of the estimate, over random sites and ways.

    python -m benchmarks.coverage [--settings 50] [--seed 1]

A setting is a site with a random pace and a random mix of ways: a feed of its latest entries, a news sitemap of two
days, a sitemap and section pages that leave posts out at random. One of its ways is switched off; by the others it is
crawled every day, through the real frontier; the table ``coverage`` is counted, and `newsmill gaps` asked.
A setting is right if the posts that no way listed, of the days that two ways reach, are as many as the interval says.

The last lines repeat it for sites that break the assumption: posts that every list is more likely to leave out (their
log odds differ with this standard deviation). There the estimate is a lower bound, and is expected to be too low.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp, log
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from cleaning.records import Hints
from flows.coverage.gaps import SourceGaps, gaps
from flows.coverage.refresh import refresh_coverage
from flows.lake.store import Lake
from spiders.frontier.endpoint_kinds import Kind, kind_bits
from spiders.frontier.frontier import DiscoveredUrl, Frontier

START = datetime(2026, 6, 1, tzinfo=UTC)
HARDNESS = (0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Post:
    """A post: when it was published, and how much harder it is to list than others, in log odds."""

    number: int
    published: datetime
    hardness: float


@dataclass(frozen=True, slots=True)
class Way:
    """A way of discovery: the share of posts that it lists, and how far back it goes at any time."""

    kind: Kind
    share: float
    latest: int | None = None  # entries
    days: int | None = None

    def lists(self, post: Post, random: Random) -> bool:
        """Whether it ever lists a post."""
        odds = log(self.share / (1 - self.share)) - post.hardness
        return random.random() < 1 / (1 + exp(-odds))


@dataclass(frozen=True, slots=True)
class Result:
    """One setting: posts that no way listed of the days that were judged, and what was said of it."""

    posts: int
    ways: str
    missing: int
    said: SourceGaps

    @property
    def is_right(self) -> bool:
        """Whether the truth is within the interval."""
        estimate = self.said.missing
        return estimate is not None and estimate.low <= self.missing <= (estimate.high or float("inf"))

    def line(self) -> str:
        """The setting, and what was said of it, for a person."""
        estimate = self.said.missing
        high = "no bound" if estimate is None or estimate.high is None else f"{estimate.high:.0f}"
        interval = f"{estimate.number:.0f} ({estimate.low:.0f} to {high})" if estimate else "none"
        listed = f"{self.posts:4} posts, {self.ways:32} listed {self.said.listed:4}, missing {self.missing:4}"
        return f"{listed}: {interval} {'right' if self.is_right else 'WRONG'}"


def random_posts(random: Random, days: int, pace: float, spread: float) -> list[Post]:
    """Posts at random times of some days."""
    moments = sorted(START + timedelta(days=random.uniform(0, days)) for _ in range(round(days * pace)))
    return [Post(n, moment, random.gauss(0, spread)) for n, moment in enumerate(moments)]


def random_ways(random: Random) -> list[Way]:
    """Three or four ways, of which one is then switched off."""
    ways = [
        Way(Kind.FEED, random.uniform(0.5, 0.98), latest=random.choice((10, 20, 50))),
        Way(Kind.NEWS_SITEMAP, random.uniform(0.5, 0.98), days=2),
        Way(Kind.SITEMAP, random.uniform(0.3, 0.98)),
        Way(Kind.SECTION, random.uniform(0.3, 0.98), latest=random.choice((30, 60, 120))),
    ]
    return random.sample(ways, random.choice((3, 4)))


def crawl(folder: Path, posts: list[Post], ways: list[Way], days: int, begun: int, random: Random) -> SourceGaps:
    """Enqueue what each way lists, every day from ``begun`` on; count it, and ask what is lacking."""
    now = START

    def clock() -> float:
        return now.timestamp()

    frontier = Frontier(folder / "state" / "ledger.sqlite", clock=clock)
    held = {way: [post for post in posts if way.lists(post, random)] for way in ways}
    for day in range(begun, days + 1):
        now = START + timedelta(days=day)
        for way in ways:
            frontier.enqueue(f"r{day}", [_offer(post, way) for post in _listed(held[way], way, now)])
    refresh_coverage(Lake(folder), frontier.engine)
    frontier.close()
    [found] = gaps(Lake(folder), None, None, None)
    return found


def _listed(held: list[Post], way: Way, now: datetime) -> list[Post]:
    out = [post for post in held if post.published <= now]
    if way.days is not None:
        out = [post for post in out if post.published > now - timedelta(days=way.days)]
    return out if way.latest is None else out[-way.latest :]


def _offer(post: Post, way: Way) -> DiscoveredUrl:
    url = f"https://post.example/{post.number}"
    hints = Hints(published=post.published)
    return DiscoveredUrl("post", url, url, "post.example", hints, listed_by=kind_bits([way.kind]))


def settings(count: int, seed: int, spread: float = 0.0) -> Iterator[Result]:
    """Random settings, each with one of its ways switched off."""
    for number in range(count):
        random = Random(f"{seed} {number}")
        days, pace = random.randint(30, 90), random.choice((0.4, 1, 3, 8))
        posts = random_posts(random, days, pace, spread)
        ways = random_ways(random)[1:]  # one is switched off
        begun = random.randint(0, days // 2)
        with TemporaryDirectory() as folder:
            said = crawl(Path(folder), posts, ways, days, begun, random)
            yield Result(len(posts), ", ".join(sorted(way.kind for way in ways)), missing_of(posts, said), said)


def missing_of(posts: list[Post], said: SourceGaps) -> int:
    """Posts of the judged stretch that no way listed; days that are not judged have a row, and are left out."""
    if not said.judged:
        return 0
    unjudged = {row.published_date for row in said.rows} - set(said.judged)
    first, last = said.judged[0], said.judged[-1]
    days = [post.published.date() for post in posts]
    published = sum(first <= day <= last and day not in unjudged for day in days)
    return published - sum(row.listed for row in said.rows if row.published_date not in unjudged)


def main() -> None:
    """Print each setting, and the share that is right."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--settings", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    results = list(settings(given.settings, given.seed))
    for one in results:
        print(one.line())
    print(f"within the interval: {sum(one.is_right for one in results)} of {len(results)}")
    for spread in HARDNESS:
        harder = list(settings(given.settings, given.seed, spread))
        low = sum(one.said.missing is not None and one.said.missing.number < one.missing for one in harder)
        print(
            f"posts of unequal hardness, sd {spread}: {sum(one.is_right for one in harder)} of {len(harder)}; "
            f"estimate below the truth in {low}"
        )


if __name__ == "__main__":
    main()
