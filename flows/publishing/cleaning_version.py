"""Cleaning version: a hash of everything a page was cleaned with; if it differs from today's, the text may differ
too."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version

from cleaning.boilerplate.rules import load_rules
from cleaning.extract import TRAFILATURA
from cleaning.records import SourceFacts

# Also of rules_version: among 10 million pages' versions no two collide by chance.
HEX_DIGITS = 12


def cleaning_versions(sources: Mapping[str, SourceFacts], *, fast: bool = False) -> Callable[[str], str]:
    """Returns a function from a source's name to its cleaning version: release, rules, thresholds, model, trafilatura,
    facts.

    Args:
        sources: facts of the catalogue by name; a source missing there is cleaned with the defaults.
        fast: a second opinion is asked for only where the block model is unsure.
    """
    common = f"{version('newsmill')} {load_rules().version} {TRAFILATURA}{' fast' if fast else ''}"

    @cache
    def stamp(source: str) -> str:
        facts = sources.get(source) or SourceFacts(source)
        return hashlib.sha256(f"{common} {facts}".encode()).hexdigest()[:HEX_DIGITS]

    return stamp
