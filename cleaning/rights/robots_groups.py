"""robots.txt by RFC 9309, with the lines that other standards add to it: groups, and the rule in force for a path.

Scrapy's parser decides what is fetched; it drops the lines that say what may be done with a page: they are read here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from cleaning.rights.path_patterns import matches

# RFC 9309, 2.5: a crawler must read at least 500 KiB; more is not read.
MAX_CHARS = 512_000
# The pages of a batch are of some sites, each of which has one file; that may be half a megabyte.
_FILES_KEPT = 16


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a group: ``name: value``, the name in lower case."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Group:
    """Lines for some crawlers; ``agents`` in lower case, ``*`` for all."""

    agents: tuple[str, ...]
    lines: tuple[Line, ...]


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

    def rules_of(self, agents: frozenset[str], path: str) -> dict[str, Line]:
        """The line that decides about a path for each of these crawlers that is named; each group is read once."""
        found: dict[str, list[Line]] = {}
        for group in self.groups:
            named = agents.intersection(group.agents)
            rule = rule_in_force(group.lines, path) if named else None
            if rule is not None:
                for agent in named:
                    found.setdefault(agent, []).append(rule)
        return {agent: rule for agent, rules in found.items() if (rule := rule_in_force(rules, path)) is not None}


# Lines that hold for the whole file, wherever they stand.
_OUTSIDE = frozenset({"sitemap", "license"})


@lru_cache(maxsize=_FILES_KEPT)
def parse_robots(text: str) -> Robots:
    """Read a robots.txt; whatever is no ``name: value`` is passed over, as every crawler does."""
    groups: list[tuple[list[str], list[Line]]] = []
    outside: list[Line] = []
    opening = False  # the last line was a User-agent line: another one joins the same group
    for raw in text[:MAX_CHARS].lstrip("\ufeff").splitlines():
        name, colon, value = raw.partition("#")[0].partition(":")
        line = Line(name.strip().lower(), value.strip())
        if not colon:
            continue
        if line.name == "user-agent":
            if not opening:
                groups.append(([], []))
            groups[-1][0].append(_token(line.value))
            opening = True
        elif line.name in _OUTSIDE:
            outside.append(line)
        else:
            opening = False
            # Before any group Content-Usage and Content-Signal are often meant for everybody.
            (groups[-1][1] if groups else outside).append(line)
    return Robots(tuple(Group(tuple(agents), tuple(lines)) for agents, lines in groups), tuple(outside))


def _token(value: str) -> str:
    """The product token of a User-agent line: without a version."""
    return value.lower().split("/")[0].split()[0] if value.strip() else ""


def rule_in_force(lines: Iterable[Line], path: str) -> Line | None:
    """The Allow or Disallow line that decides about a path: the longest that matches, Allow on a tie (2.2.2)."""
    rules = [line for line in lines if line.name in ("allow", "disallow") and line.value and matches(line.value, path)]
    return max(rules, key=lambda line: (len(line.value), line.name == "allow"), default=None)
