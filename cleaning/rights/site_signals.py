"""Signals that stand outside a page: robots.txt, tdmrep.json and RSL terms of its site, and its feed's entry."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin

from cleaning.records import Statement
from cleaning.rights.page_signals import RSL_TYPE, Found, license_link, of_rsl, preference
from cleaning.rights.path_patterns import matches, path_of
from cleaning.rights.preferences import STANDARDS
from cleaning.rights.robots_groups import Robots, parse_robots, rule_in_force
from cleaning.rights.tdmrep import rule_for
from cleaning.rights.vocabulary import vocabulary

# Kinds of statements, and their names in the column `where`.
ROBOTS, TDMREP, RSL = "robots.txt", "tdmrep.json", "rsl"


def of_statement(statement: Statement, url: str) -> Iterator[Found]:
    """What a document of its site says about a page. RSL terms say nothing until something names them."""
    if statement.kind == ROBOTS:
        yield from of_robots(statement.text, url)
        for link in license_links_of(statement.text, statement.url):
            yield license_link(link, RSL_TYPE, ROBOTS)
    elif statement.kind == TDMREP:
        yield from of_tdmrep(statement.text, url)


def of_robots(text: str, url: str) -> Iterator[Found]:
    """What a site's robots.txt says about a page: the rule in force, and keys of use."""
    known, robots, path = vocabulary(), parse_robots(text), path_of(url)
    lines = robots.lines_for(known.own)
    rule = rule_in_force(lines, path)
    if rule is not None:
        name = f"robots-{rule.name}"
        yield Found(name, ROBOTS, f"{rule.name.capitalize()}: {rule.value}", known.statements[name])
    yield from _of_trainers(robots, path)
    for standard in STANDARDS:
        values = [line.value for line in (*lines, *robots.outside) if line.name == standard]
        for value in _longest(values, path):
            yield from preference(standard, _pairs_of(value), ROBOTS, f"{standard}: {value}")


def license_links_of(text: str, url: str) -> list[str]:
    """Addresses of RSL terms that the robots.txt at ``url`` names after ``License:``; an invalid one is left out."""
    found = []
    for line in parse_robots(text).outside:
        if line.name == "license" and line.value:
            try:
                found.append(urljoin(url, line.value))
            except ValueError:
                continue
    return found


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
    kept = [
        f"User-agent: {agent}, Disallow: {rule.value}"
        for agent, rule in sorted(robots.rules_of(known.training, path).items())
        if rule.name == "disallow"
    ]
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
