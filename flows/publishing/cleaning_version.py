"""What a page was cleaned with, as a stamp: where it differs from the present one, the text may differ too."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version

from cleaning.boilerplate.rules import load_rules
from cleaning.extract import TRAFILATURA
from cleaning.records import SourceFacts

# Of rules_version too: two of 10 million pages' stamps do not meet by chance.
HEX_DIGITS = 12


def cleaning_versions(sources: Mapping[str, SourceFacts]) -> Callable[[str], str]:
    """Gives the stamp of a source's pages: release, rules, thresholds, model, trafilatura, and what is known of it.

    Args:
        sources: facts of the catalogue by name; a source that it lacks is cleaned with the defaults.
    """
    common = f"{version('newsmill')} {load_rules().version} {TRAFILATURA}"

    @cache
    def stamp(source: str) -> str:
        facts = sources.get(source) or SourceFacts(source)
        return hashlib.sha256(f"{common} {facts}".encode()).hexdigest()[:HEX_DIGITS]

    return stamp
