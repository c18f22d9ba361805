"""The expected results for the sample web: the articles with their exact text, the copies, and each URL's outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from cleaning.records import Reason, Relation
from flows.sample.content import Site, Story
from flows.sample.copies import RELATIONS
from flows.sample.hard import HardPage, read_hard_pages
from flows.sample.lists import absolute, listed
from flows.sample.world import SYNDICATOR, World, load_world

FETCHED = frozenset({"fetched"})
ANY_RELATION = frozenset().union(*RELATIONS.values())


@dataclass(frozen=True, slots=True)
class ArticleTruth:
    """One article page."""

    url: str  # as its site writes it
    canonical_url: str  # without trailing slash and query, as cleaning/urls.py produces it
    source: str
    host: str
    title: str  # runs of white space (including the ideographic one) as one space
    authors: tuple[str, ...]
    published: datetime  # timezone-aware
    modified: datetime | None  # timezone-aware
    language: str
    section: str
    tags: tuple[str, ...]
    text: str  # paragraphs separated by a blank line
    day: int  # the first day of the sample web that has it
    revision: int
    earlier_text: str | None  # of revision 1, if the text has changed since
    variants: tuple[str, ...]  # other URLs of the same page
    found_by: frozenset[str]  # URLs of the feeds, sitemaps and section pages that list it


@dataclass(frozen=True, slots=True)
class CopyTruth:
    """A page that republishes an article of another site."""

    url: str  # canonical_url of the copy
    original: str  # canonical_url of the article
    how: str  # exact, headline, wrapped, cut, updated
    relations: frozenset[Relation]  # the acceptable values of `relation`


@dataclass(slots=True)
class Truth:
    """The truth of one day. Every key is a canonical URL, as cleaning/urls.py produces it."""

    port: int
    day: int
    articles: dict[str, ArticleTruth] = field(default_factory=dict)  # copies included
    copies: dict[str, CopyTruth] = field(default_factory=dict)
    rewrites: dict[str, str] = field(default_factory=dict)  # retold in other words → the article; never merged
    rejected: dict[str, Reason] = field(default_factory=dict)
    outcomes: dict[str, frozenset[str]] = field(default_factory=dict)  # of a first visit: the acceptable outcomes
    variants: dict[str, str] = field(default_factory=dict)  # other URLs of an article page, as listed → canonical
    forbidden: set[str] = field(default_factory=set)  # URLs that must never be requested
    boilerplate: dict[str, tuple[str, ...]] = field(default_factory=dict)  # lines by source; none may be in any text

    @property
    def originals(self) -> dict[str, ArticleTruth]:
        """The rows of `articles`: every article once."""
        return {url: a for url, a in self.articles.items() if url not in self.copies}

    def between(self, start: date, end: date) -> dict[str, ArticleTruth]:
        """Articles and copies published from start to end, both inclusive (UTC dates)."""
        return {u: a for u, a in self.articles.items() if start <= a.published.astimezone(UTC).date() <= end}


def load(port: int, day: int = 1) -> Truth:
    """The truth about the sample web at a port, on a day."""
    world = load_world(day)
    truth = Truth(port, day)
    for site in world.sites.values():
        _add_site(truth, world, site)
    for copy in world.copies.values():
        page = _url(world, port, f"{SYNDICATOR}/{copy.slug}")
        # A copy was made from the text of its day; if the original has changed since, they are only as close as that
        # change.
        relations = ANY_RELATION if copy.of in world.earlier else RELATIONS[copy.how]
        truth.copies[page] = CopyTruth(page, _url(world, port, copy.of), copy.how, relations)
    return truth


def _url(world: World, port: int, name: str) -> str:
    story = world.story(name)
    site = world.sites[story.site]
    return absolute(site, port, site.path_of(story)).rstrip("/")


def _add_site(truth: Truth, world: World, site: Site) -> None:
    port = truth.port
    stories = world.stories[site.name]
    lists = listed(site, stories, world.day)
    truth.boilerplate[site.name] = site.boilerplate
    hard = read_hard_pages(site.name)
    standing = {h.story for h in hard if h.does == "story"}
    for story in stories:
        url = absolute(site, port, site.path_of(story))
        variants = tuple(absolute(site, port, path) for path in story.heading.variants)
        found_by = frozenset(absolute(site, port, path) for path, held in lists.items() if story in held)
        article = _article(world, site, story, url, variants, found_by)
        if story.slug not in standing:
            truth.outcomes[article.canonical_url] = FETCHED
        truth.variants |= dict.fromkeys(variants, article.canonical_url)
        if story.heading.reason:
            truth.rejected[article.canonical_url] = story.heading.reason
        else:
            truth.articles[article.canonical_url] = article
        if story.heading.rewrite_of:
            truth.rewrites[article.canonical_url] = _url(world, port, story.heading.rewrite_of)
    for page in hard:
        _add_hard(truth, absolute(site, port, page.path), page)


def _add_hard(truth: Truth, url: str, page: HardPage) -> None:
    truth.outcomes[url] = frozenset(page.outcome)
    if page.reason:
        truth.rejected[url] = page.reason
    if page.forbidden:
        truth.forbidden.add(url)
    if page.to.startswith("http") and "fetched" not in page.outcome:
        truth.forbidden.add(page.to.replace("{port}", str(truth.port)))


def _article(
    world: World, site: Site, story: Story, url: str, variants: tuple[str, ...], found_by: frozenset[str]
) -> ArticleTruth:
    heading = story.heading
    earlier = world.earlier.get(f"{site.name}/{story.slug}")
    return ArticleTruth(
        url=url,
        canonical_url=url.rstrip("/"),
        source=site.name,
        host=site.host,
        title=" ".join(heading.title.split()),
        authors=heading.authors,
        published=heading.published,
        modified=heading.modified,
        language=site.language,
        section=heading.section,
        tags=heading.tags,
        text=story.text,
        day=heading.day,
        revision=story.revision,
        earlier_text=earlier.text if earlier else None,
        variants=variants,
        found_by=found_by,
    )
