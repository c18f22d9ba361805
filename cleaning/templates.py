"""What a site repeats from page to page, learnt as plain counts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SiteTemplates:
    """Lines that recur over distinct stories of a host."""

    lines: frozenset[str] = frozenset()
