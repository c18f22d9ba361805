"""The sample web as of one day: every site with its stories, copies and changes applied."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from flows.sample.content import Site, Story, last_day, read_sites, read_stories
from flows.sample.copies import Change, Copy, changed, copied, read_changes, read_copies

SYNDICATOR = "wire-mirror"


@dataclass(frozen=True, slots=True)
class World:
    """Sites by name; stories by site, newest first; and which stories are copies (by site and slug)."""

    day: int
    sites: dict[str, Site]
    stories: dict[str, list[Story]]
    copies: dict[str, Copy]  # by the slug of the syndicator's story
    earlier: dict[str, Story]  # "site/slug" → the story before its last change

    def story(self, name: str) -> Story:
        """The story called "site/slug". Raises KeyError if there is none on this day."""
        site, slug = name.split("/")
        for story in self.stories[site]:
            if story.slug == slug:
                return story
        raise KeyError(f"no story {name} on day {self.day}")


@cache
def load_world(day: int = 1) -> World:
    """Read flows/sample/web as of a day: 1 is the first; 2 adds stories and copies, and changes some."""
    sites = read_sites()
    written = {f"{name}/{s.slug}": s for name, site in sites.items() for s in read_stories(site)}
    copies = {copy.slug: copy for copy in read_copies() if copy.day <= day}
    for copy in copies.values():
        written[f"{SYNDICATOR}/{copy.slug}"] = copied(copy, written[copy.of], SYNDICATOR)
    earlier: dict[str, Story] = {}
    for change in _due(read_changes(), day):
        earlier[change.of] = written[change.of]
        written[change.of] = changed(change, written[change.of])
    newest_first = sorted(
        (s for s in written.values() if s.heading.day <= day and s.heading.published.date() <= last_day(day)),
        key=lambda s: (s.heading.published, s.slug),
        reverse=True,
    )
    stories = {name: [s for s in newest_first if s.site == name] for name in sites}
    return World(day, sites, stories, copies, earlier)


def _due(changes: list[Change], day: int) -> list[Change]:
    return sorted((c for c in changes if c.day <= day), key=lambda c: c.day)
