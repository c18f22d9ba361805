"""/.well-known/tdmrep.json of the W3C TDM Reservation Protocol (community group report of 10 May 2024)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from cleaning.rights.path_patterns import covers

# A file of rules for a site; a longer one is no such file.
MAX_CHARS = 1_000_000
MAX_RULES = 10_000


@dataclass(frozen=True, slots=True)
class TdmRule:
    """The rule of the file that applies to a page, as written."""

    reserved: bool
    text: str


def rule_for(body: str, url: str) -> TdmRule | None:
    """The rule in force for a page: that with the longest location; of two alike the one that reserves.

    None where no rule matches, or the file is no list of rules: an error in it reserves nothing (section 7).
    """
    try:
        rules = json.loads(body[:MAX_CHARS])
    except (ValueError, RecursionError):
        return None
    if isinstance(rules, dict):
        rules = [rules]
    if not isinstance(rules, list):
        return None
    found: list[tuple[int, bool, str]] = []
    for rule in rules[:MAX_RULES]:
        if not isinstance(rule, dict):
            continue
        location, value = rule.get("location"), rule.get("tdm-reservation")
        if isinstance(location, str) and str(value).strip() in ("0", "1") and covers(location, url):
            found.append((len(location), str(value).strip() == "1", json.dumps(rule, ensure_ascii=False)))
    if not found:
        return None
    _, reserved, text = max(found)
    return TdmRule(reserved, text)
