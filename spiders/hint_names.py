"""The names that a feed's or sitemap's entry states (authors, section, tags, licence), as one line of JSON and back.

The frontier's row and the archived record carry them in this form, so that cleaning from the archive knows them too.
"""

from __future__ import annotations

import json
from dataclasses import replace

from cleaning.records import Hints


def names_to_json(hints: Hints) -> str | None:
    """ASCII JSON of the entry's names; None when it states none."""
    names: dict[str, object] = {}
    if hints.authors:
        names["authors"] = hints.authors
    if hints.section:
        names["section"] = hints.section
    if hints.tags:
        names["tags"] = hints.tags
    if hints.license:
        names["license"] = hints.license
    return json.dumps(names) if names else None


def with_names(hints: Hints, stored: str | None) -> Hints:
    """The hints with the names that were stored; without them where that is no JSON of ours (archives of others)."""
    if not stored:
        return hints
    try:
        names = json.loads(stored)
        authors, tags = (tuple(str(name) for name in names.get(kind, ())) for kind in ("authors", "tags"))
        section, license = names.get("section"), names.get("license")
    except (ValueError, AttributeError, TypeError):
        return hints
    return replace(
        hints,
        authors=authors,
        tags=tags,
        section=str(section) if section else None,
        license=str(license) if license else None,
    )
