"""robots.txt by RFC 9309, with the lines that other standards add to it: groups, their rules, and paths that match.

Scrapy's parser decides what is fetched; it drops the lines that say what may be done with a page: they are read here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

# RFC 9309, 2.5: a crawler must read at least 500 KiB; more is not read.
MAX_CHARS = 512_000
# Characters that stand for themselves in a path, beside letters, digits and "_.-~": RFC 3986's, and a pattern's own.
_SAFE = "/:?#[]@!$&'()*+,;=%"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a group: ``name: value``, the name in lower case."""

    name: str
    value: str


@dataclass(slots=True)
class Group:
    """Lines for some crawlers; ``agents`` in lower case, ``*`` for all."""

    agents: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Robots:
    """A robots.txt: its groups, and the lines that belong to none (License, Sitemap)."""

    groups: tuple[Group, ...]
    outside: tuple[Line, ...]

    def lines_for(self, agent: str) -> tuple[Line, ...]:
        """The lines in force for a crawler: those of all groups that name it, else of ``*`` (RFC 9309, 2.2.1)."""
        for wanted in (agent, "*"):
            found = [group for group in self.groups if wanted in group.agents]
            if found:
                return tuple(line for group in found for line in group.lines)
        return ()

    def names(self, agent: str) -> bool:
        """Whether a group is addressed to this crawler by name."""
        return any(agent in group.agents for group in self.groups)


# Lines that hold for the whole file, wherever they stand.
_OUTSIDE = frozenset({"sitemap", "license"})


def parse_robots(text: str) -> Robots:
    """Read a robots.txt; whatever is no ``name: value`` is passed over, as every crawler does."""
    groups: list[Group] = []
    outside: list[Line] = []
    opening = False  # the last line was a User-agent line: another one joins the same group
    for raw in text[:MAX_CHARS].lstrip("\ufeff").splitlines():
        name, colon, value = raw.partition("#")[0].partition(":")
        line = Line(name.strip().lower(), value.strip())
        if not colon:
            continue
        if line.name == "user-agent":
            if not opening:
                groups.append(Group())
            groups[-1].agents.append(_token(line.value))
            opening = True
        elif line.name in _OUTSIDE:
            outside.append(line)
        else:
            opening = False
            # Before any group Content-Usage and Content-Signal are often meant for everybody.
            (groups[-1].lines if groups else outside).append(line)
    return Robots(tuple(groups), tuple(outside))


def _token(value: str) -> str:
    """The product token of a User-agent line: without a version."""
    return value.lower().split("/")[0].split()[0] if value.strip() else ""


def path_of(url: str) -> str:
    """The part of a URL that rules are matched on: path and query."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def matches(pattern: str, path: str) -> bool:
    """Whether a path pattern of robots.txt matches: a prefix, with ``*`` for anything and ``$`` for the end.

    Both sides are compared percent-encoded alike (RFC 9309, 2.2.2). Linear in pattern and path: no regular expression,
    since a pattern is somebody else's.
    """
    anchored = pattern.endswith("$")
    first, *rest = _alike(pattern.removesuffix("$")).split("*")
    text = _alike(path)
    if not text.startswith(first):
        return False
    at = len(first)
    for number, piece in enumerate(rest):
        if anchored and number == len(rest) - 1:
            return len(text) - len(piece) >= at and text.endswith(piece)
        found = text.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return not anchored or at == len(text)


def _alike(path: str) -> str:
    return quote(unquote(path), safe=_SAFE)


def rule_in_force(lines: Iterable[Line], path: str) -> Line | None:
    """The Allow or Disallow line that decides about a path: the longest that matches, Allow on a tie (2.2.2)."""
    rules = [line for line in lines if line.name in ("allow", "disallow") and line.value and matches(line.value, path)]
    return max(rules, key=lambda line: (len(line.value), line.name == "allow"), default=None)
