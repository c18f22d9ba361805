"""Every page of the sample web, rendered: (host, path) → what is served there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from flows.sample.content import DATA, Site, Story, last_day
from flows.sample.hard import HardPage, read_hard_pages
from flows.sample.lists import absolute, make_lists
from flows.sample.world import World

RELATED_STORIES = 3
POPULAR_STORIES = 4
FRONT_STORIES = 12


@dataclass(frozen=True, slots=True)
class Page:
    """A page whose content is fixed."""

    body: bytes
    content_type: str
    changed: datetime | None = None
    status: int = 200
    packable: bool = False  # sent with content-encoding: gzip to whoever accepts it
    validators: tuple[str, ...] = ()

    @property
    def etag(self) -> str:
        """A strong validator: different bytes, different tag."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'


@dataclass(frozen=True, slots=True)
class Place:
    """What is served at one address: a page, or a hard page with the page that it shows once it has healed."""

    site: str
    page: Page | None
    hard: HardPage | None = None


def build(world: World, port: int) -> dict[tuple[str, str], Place]:
    """All places by host and decoded path (with the query if it selects the page)."""
    templates = Environment(
        loader=FileSystemLoader(DATA / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    places: dict[tuple[str, str], Place] = {}
    for site in world.sites.values():
        builder = Builder(templates, site, world.stories[site.name], world.day, port)
        for (host, path), (page, hard) in builder.places().items():
            places[host, path] = Place(site.name, page, hard)
    return places


@dataclass(frozen=True, slots=True)
class Builder:
    """Renders the pages of one site."""

    templates: Environment
    site: Site
    stories: list[Story]
    day: int
    port: int

    def places(self) -> dict[tuple[str, str], tuple[Page | None, HardPage | None]]:
        """All pages of the site by host and path."""
        site = self.site
        made: dict[tuple[str, str], tuple[Page | None, HardPage | None]] = {}
        hard = read_hard_pages(site.name)
        extra = [h.path for h in hard if h.listed]
        for path, (body, content_type) in make_lists(site, self.stories, self.day, self.port, extra).items():
            made[site.host, path] = (Page(body, content_type, self._newest(), validators=site.validators), None)
        for path in dict.fromkeys(("/", *site.discovery.sections)):
            made[site.host, path] = (self._front(path), None)
        for story in self.stories:
            page = self._article(story)
            for path in (site.path_of(story), *story.heading.variants):
                parts = urlsplit(absolute(site, self.port, path))
                made[str(parts.hostname), path if not path.startswith("//") else parts.path] = (page, None)
        by_slug = {s.slug: s for s in self.stories}
        for entry in hard:
            shown = self._article(by_slug[entry.story], entry) if entry.story else None
            made[site.host, entry.path] = (shown, entry)
        return made

    def _newest(self) -> datetime | None:
        return max((s.changed for s in self.stories), default=None)

    def _article(self, story: Story, hard: HardPage | None = None) -> Page:
        others = [s for s in self.stories if s.slug != story.slug and s.heading.reason is None]
        offset = len(story.slug) % max(1, len(others))  # so that not every story shows the same related stories
        turned = others[offset:] + others[:offset]
        html = self._render(
            story.heading.kind,
            story=story,
            charset=hard.meta if hard else self.site.encoding,
            canonical=absolute(self.site, self.port, self.site.path_of(story)),
            related=turned[:RELATED_STORIES],
            popular=others[:POPULAR_STORIES],
            persons=[{"@type": "Person", "name": name} for name in story.heading.authors],
            by_slug={s.slug: s for s in self.stories},
        )
        return self._page(html, hard.encoding if hard else "", hard.content_type if hard else "", story.changed)

    def _front(self, path: str) -> Page:
        stories = self.stories if path in self.site.discovery.sections else self.stories[:FRONT_STORIES]
        return self._page(self._render("front", stories=stories, path=path, charset=self.site.encoding), "", "")

    def _render(self, kind: str, **values: object) -> str:
        def link(story: Story) -> str:
            return absolute(self.site, self.port, self.site.path_of(story))

        template = self.templates.get_template(f"{self.site.theme}/{kind}.html")
        base = f"http://{self.site.host}:{self.port}"
        return template.render(site=self.site, base=base, link=link, today=last_day(self.day), **values)

    def _page(self, html: str, encoding: str, content_type: str, changed: datetime | None = None) -> Page:
        encoding = encoding or self.site.encoding
        return Page(
            html.encode(encoding, "xmlcharrefreplace"),
            content_type or f"text/html; charset={encoding}",
            changed or self._newest(),
            packable=self.site.gzip,
            validators=self.site.validators,
        )
