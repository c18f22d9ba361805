"""The list of signals (signals.toml), loaded once and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources


class Use(StrEnum):
    """What somebody may want to do with a text; signals.toml defines each."""

    SEARCH = "search"
    RESEARCH = "research"
    TRAIN = "train"


Uses = frozenset[Use]


@dataclass(frozen=True, slots=True)
class Directive:
    """A word of robots meta tags and X-Robots-Tag headers."""

    name: str
    words: frozenset[str]  # lower case, without hyphens: how it is written
    forbids: Uses
    any_agent: bool  # counts also where another crawler is addressed


@dataclass(frozen=True, slots=True)
class Label:
    """A key of Content-Usage or Content-Signal, or a usage of RSL."""

    name: str
    covers: Uses


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything signals.toml says.

    Attributes:
        own: our product token in robots.txt.
        training: tokens of crawlers that fetch for training.
        agents: every crawler token, and every name of a meta tag that means all crawlers.
        everyone: names of meta tags that mean all crawlers.
        directives: words of robots meta tags and X-Robots-Tag.
        labels: standard → label → what it covers.
        statements: signal → the uses it reserves.
    """

    own: str
    training: frozenset[str]
    agents: frozenset[str]
    everyone: frozenset[str]
    directives: tuple[Directive, ...]
    labels: Mapping[str, Mapping[str, Label]]
    statements: Mapping[str, Uses]


def word_of(text: str) -> str:
    """A directive as it is compared: lower case, no spaces, no hyphens within the word (``no-ai`` is ``noai``)."""
    name, colon, value = text.strip().lower().partition(":")
    return name.strip().replace("-", "") + colon + value.strip()


@cache
def vocabulary() -> Vocabulary:
    """The list, read once.

    Raises:
        ValueError: it names a use that there is not.
    """
    data = tomllib.loads((resources.files("cleaning") / "rights" / "signals.toml").read_text(encoding="utf-8"))
    agents = data["agents"]
    labels: dict[str, dict[str, Label]] = {}
    for entry in data["label"]:
        labels.setdefault(entry["standard"], {})[entry["name"]] = Label(entry["name"], _uses(entry["covers"]))
    return Vocabulary(
        own=agents["own"],
        training=frozenset(agents["training"]),
        agents=frozenset([agents["own"], *agents["training"], *agents["search"], *agents["everyone"]]),
        everyone=frozenset(agents["everyone"]),
        directives=tuple(
            Directive(
                entry["name"],
                frozenset(word_of(word) for word in [entry["name"], *entry.get("also", ())]),
                _uses(entry["forbids"]),
                entry.get("any_agent", False),
            )
            for entry in data["directive"]
        ),
        labels=labels,
        statements={entry["name"]: _uses(entry["forbids"]) for entry in data["statement"]},
    )


def _uses(names: Iterable[str]) -> Uses:
    return frozenset(Use(name) for name in names)
