"""Reads flows/sample/web: sites and their stories, as written. Nothing here depends on port, clock or network."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from cleaning.records import Reason

DATA = Path(str(resources.files("flows.sample") / "web"))
# Blocks of a story that readers see but that are not part of its text: captions, teasers for other stories, and pull
# quotes, which repeat a sentence of the story.
ASIDES = frozenset({"figure", "related", "pull"})
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
_MARKS = {"## ": "heading", "> ": "quote", "- ": "item", "* ": "point", "| ": "row"}
_DIRECTIVE = re.compile(r"!(figure|related|pull) (.+)")


class Strict(BaseModel):
    """A table of a data file; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class StoryBlock:
    """One block of a story: paragraph, heading, quote, item, point, row, or one of ASIDES."""

    kind: str
    source: str  # as written, with [text](href) links; a figure is "caption | credit"

    @property
    def text(self) -> str:
        """The block as a reader reads it: the links' words without their addresses."""
        return _LINK.sub(r"\1", self.source)

    @property
    def pieces(self) -> list[tuple[str, str]]:
        """The source as (words, href) in order; href is empty outside links."""
        parts: list[tuple[str, str]] = []
        at = 0
        for link in _LINK.finditer(self.source):
            parts += [(self.source[at : link.start()], ""), (link[1], link[2])]
            at = link.end()
        return [*parts, (self.source[at:], "")]

    @property
    def cells(self) -> list[str]:
        """The cells of a row, or caption and credit of a figure."""
        return [cell.strip() for cell in self.source.split("|")]


class Heading(Strict):
    """The front matter of a story."""

    title: str
    published: datetime
    authors: tuple[str, ...] = ()
    modified: datetime | None = None
    section: str = ""
    tags: tuple[str, ...] = ()
    description: str = ""
    day: int = 1  # the first day of the sample web on which the story is online
    kind: str = "article"  # the template that renders it
    reason: Reason | None = None  # set if the page is not an article: the reason cleaning must give
    path: str | None = None  # overrides the site's pattern
    rewrite_of: str = ""  # "site/slug" of the story that this one retells in other words
    variants: tuple[str, ...] = ()  # other addresses of the same page: "/path" or "//host/path"


@dataclass(frozen=True, slots=True)
class Story:
    """A page with a story on it."""

    slug: str
    site: str
    heading: Heading
    blocks: tuple[StoryBlock, ...]
    revision: int = 1

    @property
    def text(self) -> str:
        """The truth: the story's paragraphs, separated by a blank line."""
        return "\n\n".join(self.paragraphs)

    @property
    def paragraphs(self) -> list[str]:
        """The blocks that are text, each as one paragraph; the cells of a table row are joined by bars."""
        return [" | ".join(b.cells) if b.kind == "row" else b.text for b in self.blocks if b.kind not in ASIDES]

    @property
    def groups(self) -> list[tuple[str, list[StoryBlock]]]:
        """Runs of blocks of the same kind, so that a template can open one list or table for them."""
        return [(kind, list(run)) for kind, run in groupby(self.blocks, key=lambda b: b.kind)]

    @property
    def halves(self) -> tuple[list[tuple[str, list[StoryBlock]]], list[tuple[str, list[StoryBlock]]]]:
        """The groups before and after the middle of the text, for a theme that puts them into two containers."""
        middle = (len(self.blocks) + 1) // 2
        first, second = (
            Story(self.slug, self.site, self.heading, b) for b in (self.blocks[:middle], self.blocks[middle:])
        )
        return first.groups, second.groups

    @property
    def changed(self) -> datetime:
        """When the page was last changed."""
        return self.heading.modified or self.heading.published


class Discovery(Strict):
    """Where a site lists its pages; an absent key means that it has no such list."""

    rss: str = ""
    atom: str = ""
    news_sitemap: str = ""
    sitemap_index: str = ""
    split: str = "month"  # children of the sitemap index: one per month, or one per day
    gzip: bool = False  # the children end in .xml.gz
    robots: bool = False  # robots.txt names the sitemap index
    sections: tuple[str, ...] = ()  # pages that link every story
    entries: int = 10  # how many stories a feed lists
    link_suffix: str = ""  # what feeds append to links, e.g. ?utm_source=rss


class Site(Strict):
    """A site of the sample web: sites/NAME/site.toml."""

    name: str
    title: str
    language: str
    country: str
    timezone: str
    path: str  # pattern of a story's path: {y} {m} {d} {slug} {section}
    theme: str  # folder of templates/
    tagline: str = ""
    encoding: str = "utf-8"
    gzip: bool = False  # sends content-encoding: gzip to whoever accepts it
    validators: tuple[str, ...] = ("etag", "last-modified")
    extra_hosts: tuple[str, ...] = ()
    robots: str = ""
    training_reserved_by: str = ""  # the signal by which it reserves AI training; empty: it does not
    boilerplate: tuple[str, ...] = ()  # lines of the templates, none of which may be in a story
    timeout_seconds: float | None = None
    discovery: Discovery = Discovery()

    @property
    def host(self) -> str:
        """Host name; names below .localhost are loopback (RFC 6761)."""
        return f"{self.name}.localhost"

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.timezone)

    def path_of(self, story: Story) -> str:
        """The address of a story, without host."""
        if story.heading.path:
            return story.heading.path
        local = story.heading.published.astimezone(self.zone)
        return self.path.format(
            y=f"{local:%Y}", m=f"{local:%m}", d=f"{local:%d}", slug=story.slug, section=story.heading.section.lower()
        )


def parse_blocks(body: str) -> tuple[StoryBlock, ...]:
    """The blocks of a story's body: one per line, its kind given by its first characters."""
    blocks = []
    for line in filter(None, map(str.strip, body.splitlines())):
        if directive := _DIRECTIVE.fullmatch(line):
            blocks.append(StoryBlock(directive[1], directive[2]))
        else:
            mark = next((m for m in _MARKS if line.startswith(m)), "")
            blocks.append(StoryBlock(_MARKS.get(mark, "paragraph"), line.removeprefix(mark).removesuffix(" |")))
    return tuple(blocks)


def parse_story(path: Path, zone: ZoneInfo) -> Story:
    """Read one story file: TOML between two lines of `+++`, then the body.

    Raises ValueError, naming the file, if the front matter does not fit Heading.
    """
    _, front, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    try:
        heading = Heading.model_validate(tomllib.loads(front))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    if heading.published.tzinfo is None:  # given in the site's own time
        heading = heading.model_copy(update={"published": heading.published.replace(tzinfo=zone)})
    if heading.modified and heading.modified.tzinfo is None:
        heading = heading.model_copy(update={"modified": heading.modified.replace(tzinfo=zone)})
    return Story(path.stem, path.parent.parent.name, heading, parse_blocks(body))


def read_sites(data: Path = DATA) -> dict[str, Site]:
    """All sites by name, in name order."""
    sites = {}
    for path in sorted((data / "sites").glob("*/site.toml")):
        site = Site.model_validate({"name": path.parent.name, **tomllib.loads(path.read_text(encoding="utf-8"))})
        sites[site.name] = site
    return sites


def read_stories(site: Site, data: Path = DATA) -> list[Story]:
    """All stories written for a site, of every day, by file name."""
    return [parse_story(path, site.zone) for path in sorted((data / "sites" / site.name / "stories").glob("*.md"))]


def last_day(day: int) -> date:
    """The date of the sample web's day: its feeds and news sitemaps look back from here."""
    return date(2026, 7, 19 + day)
