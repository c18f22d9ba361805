"""Likely causes, as data: which evidence names which cause, and what to do about it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources


class Evidence(StrEnum):
    """Kinds of evidence, and the key of causes.toml that lists them."""

    OUTCOME = "outcomes"  # how visits and readings of listings ended
    REASON = "reasons"  # why pages were rejected
    SIGNAL = "signals"  # what left its band


@dataclass(frozen=True, slots=True)
class Cause:
    """One entry of causes.toml."""

    name: str
    says: str
    remedy: str
    outcomes: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    signals: frozenset[str] = frozenset()

    def fits(self, kind: Evidence, word: str) -> bool:
        """Whether a piece of evidence points to this cause."""
        listed: frozenset[str] = getattr(self, kind.value)
        return word in listed or (word.startswith("http-5") and "http-5xx" in listed)


@cache
def causes() -> dict[str, Cause]:
    """All causes by name, in the order in which they are asked."""
    file = resources.files("flows.reports.drift") / "causes.toml"
    read = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        name: Cause(
            name=name,
            says=entry["says"],
            remedy=entry["remedy"],
            outcomes=frozenset(entry.get("outcomes", ())),
            reasons=frozenset(entry.get("reasons", ())),
            signals=frozenset(entry.get("signals", ())),
        )
        for name, entry in read.items()
    }


def likely_cause(evidence: Iterable[tuple[Evidence, str]]) -> Cause | None:
    """The first cause that some piece of evidence points to; None where there is no evidence at all."""
    found = list(evidence)
    return next((c for c in causes().values() if any(c.fits(kind, word) for kind, word in found)), None)
