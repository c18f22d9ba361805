"""What editors do between two crawls: corrections, new headlines, silent edits, bylines, withdrawn and new posts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from tests.world.content import Block, Post, Site, make_site
from tests.world.prose import Prose, parts

CORRECTED = 5  # posts that get the same sentence


@dataclass(frozen=True, slots=True)
class Changes:
    """A site after the editors' work, and what they did: slugs by kind."""

    site: Site
    corrected: tuple[str, ...]
    retitled: tuple[str, ...]
    silent: tuple[str, ...]  # text changed, stated modification did not
    bylined: tuple[str, ...]
    gone: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def revised(self) -> frozenset[str]:
        """Posts whose row must be a second revision."""
        return frozenset((*self.corrected, *self.retitled, *self.silent, *self.bylined))


def change(site: Site, now: datetime, copied: frozenset[str] = frozenset()) -> Changes:
    """Apply a day of editing; posts that are copies, or are ``copied`` elsewhere (slugs), stay as they are."""
    random = Random(f"changes {site.name}")
    own = [post for post in site.public.values() if not post.copy_of and post.published < now - timedelta(days=4)]
    pool = [post for post in own if post.slug not in copied]
    same = [post for post in pool if post.language == site.language][:CORRECTED]
    rest = [post for post in pool if post not in same]
    random.shuffle(rest)
    retitled, silent, bylined, gone = rest[:2], rest[2:4], rest[4:5], rest[5:7]
    edited = {post.slug: _corrected(post, now) for post in same}
    edited |= {post.slug: _retitled(post, random, now) for post in retitled}
    edited |= {post.slug: _edited(post, random) for post in silent}
    edited |= {post.slug: replace(post, author=_other(site, post), modified=now) for post in bylined}
    withdrawn = {post.slug for post in gone}
    kept = [edited.get(post.slug, post) for post in site.posts if post.slug not in withdrawn]
    fresh = [
        replace(
            post, published=(now - timedelta(minutes=20 + 5 * number)).replace(second=0, microsecond=0), comments=()
        )
        for number, post in enumerate(make_site(f"{site.name}-later", "", site.language, "UTC", now, 3).public.values())
        if post.slug not in site.public
    ][:2]
    names = tuple(tuple(post.slug for post in group) for group in (same, retitled, silent, bylined, gone, fresh))
    fresh = [replace(post, author=site.authors[0]) for post in fresh]
    return Changes(replace(site, posts=(*fresh, *kept)), *names)


def _corrected(post: Post, now: datetime) -> Post:
    sentence = parts(post.language)["correction"]
    return replace(post, blocks=(*post.blocks, Block("p", sentence)), modified=now)


def _retitled(post: Post, random: Random, now: datetime) -> Post:
    return replace(post, title=Prose(post.language, random).title(), modified=now)


def _edited(post: Post, random: Random) -> Post:
    prose = Prose(post.language, random)
    sentence = prose.fill(parts(post.language)["edit"])
    first = next(number for number, block in enumerate(post.blocks) if block.kind == "p")
    longer = Block("p", f"{post.blocks[first].text} {sentence}")
    return replace(post, blocks=(*post.blocks[:first], longer, *post.blocks[first + 1 :]))


def _other(site: Site, post: Post) -> str:
    return next(author for author in site.authors if author != post.author)
