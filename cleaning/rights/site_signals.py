"""Signals that stand outside a page: robots.txt, tdmrep.json and RSL terms of its site, and its feed's entry."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from cleaning.rights.page_signals import Found, of_rsl, preference
from cleaning.rights.robots_groups import Robots, matches, parse_robots, path_of, rule_in_force
from cleaning.rights.tdmrep import rule_for
from cleaning.rights.vocabulary import vocabulary

# Names of the places, as the column `where` has them; the path at which each stands.
ROBOTS, TDMREP, RSL = "robots.txt", "tdmrep.json", "rsl"
_PREFERENCES = ("content-usage", "content-signal")


def of_robots(text: str, url: str) -> Iterator[Found]:
    """What a site's robots.txt says about a page: the rule in force, keys of use, and terms."""
    known, robots, path = vocabulary(), parse_robots(text), path_of(url)
    lines = robots.lines_for(known.own)
    rule = rule_in_force(lines, path)
    if rule is not None:
        name = f"robots-{rule.name}"
        yield Found(name, ROBOTS, f"{rule.name.capitalize()}: {rule.value}", known.statements[name])
    yield from _of_trainers(robots, path)
    for standard in _PREFERENCES:
        values = [line.value for line in (*lines, *robots.outside) if line.name == standard]
        for value in _longest(values, path):
            yield from preference(standard, _pairs_of(value), ROBOTS, f"{standard}: {value}")


def license_links_of(text: str, url: str) -> list[str]:
    """The RSL terms that a robots.txt names: absolute addresses after ``License:``."""
    links = [line.value for line in parse_robots(text).outside if line.name == "license" and line.value]
    parts = urlsplit(url)
    return [urljoin(f"{parts.scheme}://{parts.netloc}/robots.txt", link) for link in links]


def of_tdmrep(text: str, url: str) -> Iterator[Found]:
    """The rule of /.well-known/tdmrep.json that applies to a page."""
    rule = rule_for(text, url)
    if rule is not None:
        reserved = vocabulary().statements["tdm-reservation"] if rule.reserved else frozenset()
        yield Found("tdm-reservation", TDMREP, rule.text, reserved)


def of_feed(terms: str, url: str) -> Iterator[Found]:
    """Terms that the feed's entry states: RSL as XML, or the address of a licence."""
    if terms.lstrip().startswith("<"):
        yield from of_rsl(terms, url, "feed")
    else:
        yield Found("license", "feed", terms, frozenset())


def _of_trainers(robots: Robots, path: str) -> Iterator[Found]:
    """Crawlers that train models and that robots.txt names and keeps from the page, as one signal."""
    known = vocabulary()
    kept = []
    for agent in sorted(known.training):
        if robots.names(agent):
            rule = rule_in_force(robots.lines_for(agent), path)
            if rule is not None and rule.name == "disallow":
                kept.append(f"User-agent: {agent}, Disallow: {rule.value}")
    if kept:
        name = "robots-disallow-training"
        yield Found(name, ROBOTS, "; ".join(kept), known.statements[name])


def _longest(values: list[str], path: str) -> list[str]:
    """The statements whose path pattern is the longest that matches: all of them where several are as long.

    A statement without a path is for the whole site (draft-ietf-aipref-attach-05: as ``/``).
    """
    covering = []
    for value in values:
        pattern = value.split()[0] if value.startswith(("/", "*")) else ""
        if not pattern or matches(pattern, path):
            covering.append((len(pattern) or 1, value))
    longest = max((length for length, _ in covering), default=0)
    return [value for length, value in covering if length == longest]


def _pairs_of(value: str) -> str:
    return value.partition(" ")[2] if value.startswith(("/", "*")) else value
