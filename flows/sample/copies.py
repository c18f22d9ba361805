"""What the syndicator makes of the others' stories, and what changes from one day to the next."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pydantic import Field

from cleaning.records import Relation
from flows.sample.content import ASIDES, DATA, Heading, Story, StoryBlock, Strict, parse_blocks

# A relation is judged by shares of text, so for a slightly changed copy two answers can be right: a text wrapped in an
# intro of its own contains the whole of the other and resembles it as well.
RELATIONS = {
    "exact": frozenset({Relation.EXACT}),
    "headline": frozenset({Relation.EXACT}),
    "wrapped": frozenset({Relation.NEAR, Relation.CONTAINED}),
    "cut": frozenset({Relation.CONTAINED, Relation.NEAR}),
    "updated": frozenset({Relation.NEAR, Relation.CONTAINED}),
}


class Edit(Strict):
    """Changes to a story's text."""

    keep: int | None = None  # the first so many text blocks are kept
    replace: tuple[tuple[str, str], ...] = ()  # [old, new]; old must occur
    before: str = ""  # blocks put before the text
    after: str = ""  # blocks put after it


class Copy(Edit):
    """One entry of copies.toml: a story that the syndicator republishes."""

    of: str  # "site/slug"
    slug: str
    how: str = Field(pattern="|".join(RELATIONS))
    published: datetime
    title: str = ""  # empty: same as the original
    authors: tuple[str, ...] | None = None
    day: int = 1


class Change(Edit):
    """One entry of changes.toml: a story whose text changes on a given day, at the same address."""

    of: str
    day: int
    modified: datetime
    title: str = ""


def edited(blocks: tuple[StoryBlock, ...], edit: Edit, name: str) -> tuple[StoryBlock, ...]:
    """Blocks after an edit. Raises ValueError if a text to replace does not occur."""
    kept = blocks[: edit.keep]
    for old, new in edit.replace:
        if not any(old in b.source for b in kept):
            raise ValueError(f"{name}: the text to replace is not in the story: {old!r}; correct the entry")
        kept = tuple(replace(b, source=b.source.replace(old, new)) for b in kept)
    return (*parse_blocks(edit.before), *kept, *parse_blocks(edit.after))


def read_copies(data: Path = DATA) -> list[Copy]:
    """The entries of copies.toml."""
    return [Copy.model_validate(c) for c in tomllib.loads((data / "copies.toml").read_text("utf-8"))["copy"]]


def read_changes(data: Path = DATA) -> list[Change]:
    """The entries of changes.toml."""
    return [Change.model_validate(c) for c in tomllib.loads((data / "changes.toml").read_text("utf-8"))["change"]]


def copied(copy: Copy, original: Story, syndicator: str) -> Story:
    """The syndicator's page of a copy: the original's text blocks without pictures and teasers, edited."""
    heading = Heading(
        title=copy.title or original.heading.title,
        published=copy.published,
        authors=original.heading.authors if copy.authors is None else copy.authors,
        section="Wire",
        tags=original.heading.tags,
        description=f"From our partners: {copy.title or original.heading.title}",
        day=copy.day,
    )
    text = tuple(replace(b, source=b.text) for b in original.blocks if b.kind not in ASIDES)
    return Story(copy.slug, syndicator, heading, edited(text, copy, f"copies.toml, {copy.slug}"))


def changed(change: Change, story: Story) -> Story:
    """A story as it stands after a change: new text, and `modified` set."""
    update = {"modified": change.modified} | ({"title": change.title} if change.title else {})
    return replace(
        story,
        heading=story.heading.model_copy(update=update),
        blocks=edited(story.blocks, change, f"changes.toml, {change.of}"),
        revision=story.revision + 1,
    )
