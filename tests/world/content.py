"""What the sites of the world publish, as data: the one description that every publishing system is filled from.

It is also the truth: which posts are public, who wrote them and when, each text without what a theme puts around it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from tests.world.prose import LANGUAGES, Prose

POSTS = 66  # public ones of a site
DAYS = 150  # five months
# Half of a site's posts are in its own language, as on a paper with a section for its neighbours.
OWN_SHARE = 0.55
CATEGORIES = ("Harbour", "Council", "Business", "Science", "Culture", "Sport")
TAGS = ("Budget", "Floods", "Trains", "Schools", "Energy", "Fishing", "Housing", "Courts", "Health", "Theatre",
        "Rowing", "Old town", "Elections", "Roads")  # fmt: skip
PAGES = {"about": "About us", "contact": "Contact", "sample-page": "Sample Page", "privacy": "Privacy policy"}


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a post: p, h2, li, quote; figure holds a caption, which is not text."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Comment:
    """What a reader wrote below a post."""

    author: str
    text: str
    hours: int  # after publication


@dataclass(frozen=True, slots=True)
class Post:
    """A post and its truth."""

    slug: str
    title: str
    language: str
    author: str
    category: str
    tags: tuple[str, ...]
    published: datetime
    blocks: tuple[Block, ...]
    status: str = "publish"  # publish, draft, future, protected
    modified: datetime | None = None
    comments: tuple[Comment, ...] = ()
    copy_of: tuple[str, str] | None = None  # site and slug of the original

    @property
    def text(self) -> str:
        """What an article row must hold."""
        return "\n\n".join(block.text for block in self.blocks if block.kind != "figure")

    @property
    def summary(self) -> str:
        """The first sentence, as an editor would write it into the field for a summary."""
        first = next(block.text for block in self.blocks if block.kind == "p")
        return re.split(r"(?<=[.!?»”“]) ", first)[0]


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is no post."""

    slug: str
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """One site: posts (the newest first), pages, and how it is named."""

    name: str
    title: str
    tagline: str
    language: str
    timezone: str
    authors: tuple[str, ...]
    posts: tuple[Post, ...]
    pages: tuple[Page, ...] = field(default=())

    @property
    def host(self) -> str:
        """Its virtual host."""
        return f"{self.name}.localhost"

    @property
    def public(self) -> dict[str, Post]:
        """The posts that everybody may read, by slug."""
        return {post.slug: post for post in self.posts if post.status == "publish"}


def slug_of(title: str) -> str:
    """The address that publishing systems make of a title."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")


def make_site(name: str, title: str, language: str, timezone: str, now: datetime, count: int = POSTS) -> Site:
    """A site with so many public posts up to ``now`` (aware), and some that are not public."""
    random = Random(f"world {name}")
    authors = tuple(dict.fromkeys(Prose(lang, random).name() for lang in (language, *LANGUAGES)))
    posts: list[Post] = []
    seen: set[str] = set()
    for number in range(count + 4):
        age = timedelta(
            days=DAYS * (number / count) ** 1.15, hours=random.randint(2, 20), minutes=random.randint(0, 59)
        )
        spoken = language if random.random() < OWN_SHARE else random.choice(LANGUAGES)
        post = _post(Prose(spoken, random), random, spoken, authors, (now - age).replace(second=0, microsecond=0))
        while post.slug in seen:
            retitled = Prose(spoken, random).title()
            post = replace(post, title=retitled, slug=slug_of(retitled))
        seen.add(post.slug)
        posts.append(post)
    hidden = (
        replace(posts[-4], status="draft"),
        replace(posts[-3], status="draft"),
        replace(posts[-2], status="future", published=now + timedelta(days=3)),
        replace(posts[-1], status="protected", published=now - timedelta(days=2)),
    )
    public = sorted(posts[:-4], key=lambda post: post.published, reverse=True)
    pages = tuple(
        Page(slug, heading, tuple(Prose(language, random).paragraph(3) for _ in range(4)))
        for slug, heading in PAGES.items()
    )
    tagline = "News from the coast, every day"
    return Site(name, title, tagline, language, timezone, authors, (*public, *hidden), pages)


def _post(prose: Prose, random: Random, language: str, authors: Sequence[str], published: datetime) -> Post:
    blocks: list[Block] = [Block("p", prose.paragraph(random.randint(2, 3)))]
    if random.random() < 0.12:  # a brief
        blocks = [Block("p", prose.paragraph(2)), Block("p", prose.paragraph(1))]
    else:
        if random.random() < 0.5:
            blocks.append(Block("figure", prose.line("caption")))
        for part in range(random.randint(3, 7)):
            blocks.append(Block("p", prose.paragraph(random.randint(2, 4))))
            if part == 2 and random.random() < 0.5:
                blocks.append(Block("h2", prose.line("heading")))
            elif part == 1 and random.random() < 0.2:
                blocks += [Block("li", prose.line("item")) for _ in range(3)]
            elif part == 3 and random.random() < 0.2:
                blocks.append(Block("quote", prose.paragraph(1)))
        blocks.append(Block("p", prose.paragraph(2)))
    title = prose.title()
    comments = tuple(
        Comment(prose.name(), prose.line("comment"), random.randint(1, 40)) for _ in range(random.choice((0, 0, 1, 3)))
    )
    tags = tuple(random.sample(TAGS, random.randint(1, 4)))
    author = random.choice(authors)
    return Post(slug_of(title), title, language, author, random.choice(CATEGORIES), tags, published, tuple(blocks),
                comments=comments)  # fmt: skip


def share_copies(original: Site, copier: Site, count: int = 4) -> Site:
    """``copier`` with posts of ``original`` published again some hours later under its own bylines."""
    random = Random(f"copies {copier.name}")
    taken = [post for post in original.public.values() if post.published < _recent(original)][::7][:count]
    copies = [
        replace(
            post,
            slug=f"{post.slug[:50].strip('-')}-again",
            author=random.choice(copier.authors),
            published=post.published + timedelta(hours=5),
            comments=(),
            copy_of=(original.name, post.slug),
        )
        for post in taken
    ]
    public = sorted((*copier.public.values(), *copies), key=lambda post: post.published, reverse=True)
    return replace(copier, posts=(*public, *(post for post in copier.posts if post.status != "publish")))


def _recent(site: Site) -> datetime:
    """A day before the newest post: what is older has copies that are not in the future."""
    return max(post.published for post in site.public.values()).astimezone(UTC) - timedelta(days=1)
