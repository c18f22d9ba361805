"""Learns what a site repeats from story to story, as plain counts: lines, and headlines and openings of its stories.

A line of an article that the same host also has in *other* stories is part of its template; a line that is another
story's title is a link to it, and one that begins as another story begins and breaks off is that story's teaser.
Stories are distinguished by canonical URL: the same article at two addresses with one canonical URL repeats nothing,
and one republished under a second URL is recognised by its text, so that copies of a whole text never remove it.

Learning is counting, so the order of the pages does not matter and two counts can be added.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cleaning.boilerplate.structure import RemovedLine
from cleaning.lines import LINK_SHARE, Line, Teasers
from cleaning.text import key

# Two other stories suffice on the development corpora; three guard against a quotation that two stories share.
MIN_STORIES = 3
# stories remembered per line: beyond the threshold more of them change nothing, and memory stays bounded
MAX_STORIES = 8
# a line with fewer words may be a subheading that several stories have by chance
MIN_WORDS = 3
MIN_TITLE_WORDS = 4
# never remove more of a text than this: if most of an article is repeated, it is a republished article, not a template
MAX_SHARE = 0.3
# where teasers are more of a text than this it is a page of teasers, and what is judged is that
MAX_TEASER_SHARE = 0.6
# highest boilerplate probability at which the model considers a line to be text
TEXT = 0.5
# two stories that share more of their lines than this are copies of each other
COPY_SHARE = 0.5

# two texts whose first so many words are the same begin alike: fewer may be a dateline with a set phrase
OPENING_WORDS = 8
# how a teaser breaks off: "…", "...", "[…]", "(...)"
BREAKS_OFF = re.compile(r"(?:…|\.\.\.)[\])]?$")

SITE_LINE = "template/site-line"
OTHER_TITLE = "template/other-title"
OTHER_OPENING = "template/other-opening"
KIND_LINE, KIND_TITLE, KIND_OPENING = "line", "title", "opening"


def line_hash(words: str) -> str:
    """The first 64 bits of the SHA-256 of a line's words, as 16 hex digits."""
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:16]


def opening_hash(words: str) -> str | None:
    """The hash of how a line begins, given its normal form; None for a line of fewer words than that takes."""
    first = words.split(maxsplit=OPENING_WORDS)[:OPENING_WORDS]
    return line_hash(" ".join(first)) if len(first) == OPENING_WORDS else None


def _leads_on(lines: Sequence[Line], number: int, found: Mapping[int, RemovedLine]) -> bool:
    """Whether a line is the heading of text that stays below it: the house style of tests and guides ("What we like").

    The heading of a box goes with the lines of the box, which the site repeats too.
    """
    line, below = lines[number], number + 1
    if line.kind != "heading" or line.doubt >= TEXT or below >= len(lines):
        return False
    return below not in found and lines[below].kind != "heading" and lines[below].link_density < LINK_SHARE


def _story(canonical: str) -> str:
    return line_hash(canonical)


@dataclass(slots=True)
class SiteTemplates:
    """Which stories of one host have a given line, title or opening: hash of it → hashes of canonical URLs.

    ``begins`` holds how the lines that were learnt begin, whether or not any story opens so: what to look up, beside
    the lines that are passed to :meth:`mark`.
    """

    host: str
    lines: dict[str, set[str]] = field(default_factory=dict)
    titles: dict[str, set[str]] = field(default_factory=dict)
    openings: dict[str, set[str]] = field(default_factory=dict)
    begins: set[str] = field(default_factory=set)

    def learn(self, canonical: str, title: str, lines: Iterable[str]) -> None:
        """Count one story.

        Args:
            canonical: its canonical URL; learning it twice changes nothing.
            title: its headline.
            lines: everything that was extracted from it, kept or removed, as plain lines; its text begins with the
                first.
        """
        story = _story(canonical)
        for number, line in enumerate(lines):
            words = key(line)
            if words:
                self._add(self.lines, line_hash(words), story)
            if opening := opening_hash(words):
                self.begins.add(opening)
                if number == 0:
                    self._add(self.openings, opening, story)
        heading = key(title)
        if len(heading.split()) >= MIN_TITLE_WORDS:
            self._add(self.titles, line_hash(heading), story)

    def mark(self, lines: Iterable[str]) -> None:
        """Have lines looked up, given in their normal form, that teach nothing: a teaser that is new in a known story
        says so by the story that it begins."""
        self.begins.update(name for words in lines for name in (line_hash(words), opening_hash(words)) if name)

    @staticmethod
    def _add(counts: dict[str, set[str]], name: str, story: str) -> None:
        stories = counts.setdefault(name, set())
        stories.add(story)
        if len(stories) > MAX_STORIES:
            # the smallest hashes stay, whatever order they arrived in: a bottom sample
            stories.discard(max(stories))

    def merge(self, other: SiteTemplates) -> None:
        """Add the counts of another instance for the same host.

        Raises:
            ValueError: it belongs to another host.
        """
        if other.host != self.host:
            raise ValueError(f"counts of {other.host} cannot be added to those of {self.host}")
        self.begins |= other.begins
        for mine, theirs in zip(self._kinds().values(), other._kinds().values(), strict=True):
            for name, stories in theirs.items():
                for story in stories:
                    self._add(mine, name, story)

    def _kinds(self) -> dict[str, dict[str, set[str]]]:
        return {KIND_LINE: self.lines, KIND_TITLE: self.titles, KIND_OPENING: self.openings}

    def of_lines(self, lines: Iterable[str]) -> SiteTemplates:
        """What is known of these lines alone, given in their normal form."""
        hashes = {name for words in lines for name in (line_hash(words), opening_hash(words)) if name}
        known, titles, openings = (
            {name: counts[name] for name in hashes & counts.keys()} for counts in self._kinds().values()
        )
        return SiteTemplates(self.host, known, titles, openings)

    def may_concern(self, canonical: str, lines: Iterable[str]) -> bool:
        """Whether any of a story's kept lines, in their normal form, is one that its site repeats, or leads on from."""
        story = _story(canonical)
        for words in lines:
            name, opening = line_hash(words), opening_hash(words)
            # One of each line's stories is this one itself.
            if len(self.lines.get(name, ())) >= MIN_STORIES or self.titles.get(name):
                return True
            if opening and self._others(self.openings, opening, story):
                return True
        return False

    def teasers(self, canonical: str, lines: Sequence[Line]) -> Teasers:
        """The lines of a story that begin as others of its site do. Its copies are no others: all of them do."""
        story = _story(canonical)
        copies = self._copies(story, lines)
        stories: set[str] = set()
        words = 0
        for line in lines:
            opening = opening_hash(line.key)
            others = self._others(self.openings, opening, story) - copies if opening else set()
            stories |= others
            words += line.words if others else 0
        return Teasers(len(stories), words)

    def decide(self, canonical: str) -> Callable[[Sequence[Line]], dict[int, RemovedLine]]:
        """The decision about one story's lines, to be passed to :func:`cleaning.boilerplate.strip.strip`."""
        story = _story(canonical)
        return lambda lines: self._decide(story, lines)

    def _others(self, counts: Mapping[str, set[str]], name: str, story: str) -> set[str]:
        return counts.get(name, set()) - {story}

    def _decide(self, story: str, lines: Sequence[Line]) -> dict[int, RemovedLine]:
        copies = self._copies(story, lines)
        found: dict[int, RemovedLine] = {}
        for number, line in enumerate(lines):
            name = line_hash(line.key)
            stories = self._others(self.lines, name, story) - copies
            titled = self._others(self.titles, name, story) - copies
            if titled and not line.is_prose and line.words >= MIN_TITLE_WORDS:
                found[number] = RemovedLine(OTHER_TITLE, "The headline of another story of the site.")
            elif self._teases(story, line, copies):
                found[number] = RemovedLine(OTHER_OPENING, "It begins as another story of the site, and breaks off.")
            elif len(stories) >= MIN_STORIES - 1 and line.words >= MIN_WORDS:
                found[number] = RemovedLine(
                    SITE_LINE, f"The site repeats it: at least {len(stories)} other stories have it."
                )
        for number in [n for n in found if _leads_on(lines, n, found)]:
            del found[number]
        total = sum(line.words for line in lines)
        # Teasers below a brief are long beside it, and each of them is known by its own story.
        teasers = {n: taken for n, taken in found.items() if taken.rule == OTHER_OPENING}
        for some, share in ((found, MAX_SHARE), (teasers, MAX_TEASER_SHARE)):
            if sum(lines[number].words for number in some) <= share * total:
                return some
        return {}

    def _teases(self, story: str, line: Line, copies: set[str]) -> bool:
        if not BREAKS_OFF.search(line.text):
            return False
        opening = opening_hash(line.key)
        return opening is not None and bool(self._others(self.openings, opening, story) - copies)

    def _copies(self, story: str, lines: Sequence[Line]) -> set[str]:
        """Other stories that contain most of this one's prose: republished copies, which legitimately repeat it."""
        prose = [line for line in lines if line.is_prose]
        shared: dict[str, int] = {}
        for line in prose:
            for other in self._others(self.lines, line_hash(line.key), story):
                shared[other] = shared.get(other, 0) + line.words
        least = COPY_SHARE * sum(line.words for line in prose)
        return {other for other, words in shared.items() if words > least}

    def rows(self) -> list[dict[str, Any]]:
        """The counts as rows (host, kind, hash, stories), in an order that depends only on the counts."""
        return [
            {"host": self.host, "kind": kind, "hash": name, "stories": sorted(stories)}
            for kind, counts in self._kinds().items()
            for name, stories in sorted(counts.items())
        ]

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> dict[str, SiteTemplates]:
        """The counts of each host in rows made by :meth:`rows`, of one host or several."""
        sites: dict[str, SiteTemplates] = {}
        for row in rows:
            site = sites.setdefault(row["host"], cls(row["host"]))
            counts = site._kinds()[row["kind"]]
            for story in row["stories"]:
                cls._add(counts, row["hash"], story)
        return sites
