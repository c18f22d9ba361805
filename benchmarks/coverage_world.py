"""Whether the estimate of `newsmill gaps` holds on the sites of tests/world when a way of discovery is switched off.

    python -m benchmarks.coverage_world [--settings 50] [--seed 1]

The publishing systems of tests/world are installed (`python -m tests.world.toolbox`), filled and served. Of each site
that has them, the pages of its tags, categories and authors are read through their pagination with the crawler's own
readers of listings. A setting is one site, and a random part of its tags, of its categories and of its authors: three
ways that each list some of its posts, as sections of a paper do. One of them is switched off; what the other two list
is offered to a real frontier, the table ``coverage`` is counted, and `newsmill gaps` asked. Posts are dated as the site
dates them. A setting is right if the posts that neither way listed, of the days that both reach, are as many as the
interval says.

These ways are no random lists: a tag's page lists exactly the posts with that tag, and the bars beside it list the
newest and the most read posts on every page.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from urllib.parse import urldefrag, urljoin, urlsplit
from urllib.request import Request, urlopen

from lxml import etree, html

from benchmarks.coverage import Post, Result, missing_of
from cleaning.records import Hints
from flows.coverage.gaps import gaps
from flows.coverage.refresh import refresh_coverage
from flows.lake.store import Lake
from spiders.discovery.listing import Listing
from spiders.discovery.sections import ArticleLinks, read_section
from spiders.frontier.endpoint_kinds import Kind, kind_bits
from spiders.frontier.frontier import Frontier
from spiders.frontier.records import DiscoveredUrl
from tests.world.processes import LOOPBACK
from tests.world.scorecard import slug
from tests.world.world import Served, lacks, running

# How the systems name their lists, and the kind of way that stands for each family of them here.
FAMILIES = {
    Kind.SECTION: re.compile(r"/categor(?:y|ies)/[^/]+/?$"),
    Kind.FEED: re.compile(r"/tags?/[^/]+/?$"),
    Kind.API: re.compile(r"/author/[^/]+/?$"),
}
# Shares of a family's lists that a setting may draw: a catalogue names a site's main sections, rarely all of them.
SHARE = (0.4, 0.95)
PAGES_MAX = 500
# A family of one list is no way that could be drawn from.
LISTS_MIN = 3


@dataclass(slots=True)
class Lists:
    """A site's lists: for each family, the slugs of the posts on each of its lists, in all their pages."""

    name: str
    published: dict[str, datetime]
    families: dict[Kind, list[set[str]]] = field(default_factory=dict)


def read_lists(served: Served) -> Lists:
    """Follow a site's links, and read what looks like a list of a family."""
    posts = {name: post.published for name, post in served.site.public.items()}
    bodies = _pages(served.address + "/")
    learnt = ArticleLinks.learn(url for url in bodies if slug(url) in posts)
    found = Lists(served.site.name, posts)
    for kind, form in FAMILIES.items():
        lists = [_whole_list(url, bodies, learnt, posts) for url in sorted(bodies) if form.search(urlsplit(url).path)]
        if len(named := [one for one in lists if one]) >= LISTS_MIN:
            found.families[kind] = named
    return found


def _pages(home: str) -> dict[str, bytes]:
    """Every page of a site that its own links lead to."""
    bodies: dict[str, bytes] = {}
    waiting = [home]
    while waiting and len(bodies) < PAGES_MAX:
        url = waiting.pop(0)
        if url in bodies:
            continue
        bodies[url] = _get(url)
        try:
            links = [link.get("href") or "" for link in html.fromstring(bodies[url]).iter("a")]
        except (etree.ParserError, ValueError):  # a page without an element
            continue
        for link in links:
            target = urldefrag(urljoin(url, link)).url
            is_page = not re.search(r"\.(?:xml|png|jpe?g|css|js)$|\?|/feed/|/wp-", target)
            if target.startswith(home) and is_page and target not in bodies:
                waiting.append(target)
    return bodies


def _get(url: str) -> bytes:
    parts = urlsplit(url)
    where = parts._replace(netloc=f"{LOOPBACK}:{parts.port}").geturl()  # few resolvers know names below .localhost
    try:
        with urlopen(Request(where, headers={"Host": parts.netloc}), timeout=60) as answer:
            return bytes(answer.read())
    except OSError:  # a link to nothing, or to an address that is no page
        return b"<p></p>"


def _whole_list(url: str, bodies: dict[str, bytes], links: ArticleLinks, posts: dict[str, datetime]) -> set[str]:
    """The posts on a list and on the pages that follow it."""
    found: set[str] = set()
    seen: set[str] = set()
    following: str | None = url
    while following is not None and following not in seen:
        seen.add(following)
        listing: Listing = read_section(bodies.get(following) or _get(following), following, links)
        found |= {name for entry in listing.entries if (name := slug(entry.url)) in posts}
        following = listing.next_page
    return found


def setting(lists: Lists, random: Random, folder: Path) -> Result:
    """Draw a part of each family, switch one family off, and ask what is lacking."""
    kinds = random.sample(sorted(lists.families), min(3, len(lists.families)))
    ways = {kind: _part(lists.families[kind], random) for kind in (kinds[1:] if len(kinds) > 2 else kinds)}
    moments = lists.published
    frontier = Frontier(folder / "state" / "ledger.sqlite")
    for kind, names in sorted(ways.items()):
        frontier.enqueue("r1", [_offer(lists.name, name, moments[name], kind) for name in sorted(names)])
    refresh_coverage(Lake(folder), frontier.engine)
    frontier.close()
    [said] = gaps(Lake(folder), None, None, None)
    posts = [Post(number, moment.astimezone(UTC), 0.0) for number, moment in enumerate(moments.values())]
    named = ", ".join(f"{kind} {len(names)}" for kind, names in sorted(ways.items()))
    return Result(len(posts), f"{lists.name}: {named}", missing_of(posts, said), said)


def _part(lists: list[set[str]], random: Random) -> set[str]:
    count = max(1, round(len(lists) * random.uniform(*SHARE)))
    return set().union(*random.sample(lists, count))


def _offer(source: str, name: str, published: datetime, kind: Kind) -> DiscoveredUrl:
    url = f"https://{source}.example/{name}"
    return DiscoveredUrl(source, url, url, f"{source}.example", Hints(published=published), listed_by=kind_bits([kind]))


def main() -> None:
    """Print each setting, and the share that is right."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--settings", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if missing := lacks():
        parser.exit(1, f"the world needs: {', '.join(missing)}\n")
    with TemporaryDirectory(prefix="newsmill-world-") as scratch, running(Path(scratch)) as world:
        world.publish()
        sites = [lists for served in world.served() if len((lists := read_lists(served)).families) > 1]
    for lists in sites:
        families = ", ".join(f"{len(own)} of kind {kind}" for kind, own in lists.families.items())
        print(f"{lists.name}: {len(lists.published)} posts; lists: {families}", flush=True)
    results = []
    for number in range(given.settings):
        random = Random(f"{given.seed} {number}")
        with TemporaryDirectory() as folder:
            results.append(setting(random.choice(sites), random, Path(folder)))
        print(results[-1].line(), flush=True)
    print(f"within the interval: {sum(one.is_right for one in results)} of {len(results)}")


if __name__ == "__main__":
    main()
