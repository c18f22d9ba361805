"""Statements of preference: dictionaries of Content-Usage and Content-Signal, and what they leave of each use."""

from __future__ import annotations

from cleaning.rights.vocabulary import Use, Uses, vocabulary

# What states preferences: the name of the header, of the line of robots.txt, and of the meta tag.
STANDARDS = ("content-usage", "content-signal")
# RFC 9651 tokens and booleans as Content-Usage writes them, yes and no as Content-Signal does; each is read in both.
_YES = frozenset({"y", "yes", "?1", "true", "1"})
_NO = frozenset({"n", "no", "?0", "false", "0"})


def parse_pairs(value: str) -> dict[str, bool]:
    """``label=y, label=n`` as a dictionary; what is neither yes nor no says nothing. A later key wins (RFC 9651)."""
    pairs: dict[str, bool] = {}
    for item in value.split(","):
        name, equals, answer = item.partition(";")[0].partition("=")
        key, word = name.strip().lower(), answer.strip().strip('"').lower()
        if equals and word in _YES | _NO:
            pairs[key] = word in _YES
        elif equals:
            pairs.pop(key, None)
    return pairs


def forbidden(standard: str, value: str) -> Uses:
    """The uses that one statement reserves: for each use its narrowest label decides, the stricter of two alike.

    Args:
        standard: content-usage or content-signal.
        value: as written: ``train-ai=n, search=y``.
    """
    labels = vocabulary().labels[standard]
    said = [(labels[name].covers, allowed) for name, allowed in parse_pairs(value).items() if name in labels]
    return frozenset(use for use in Use if _is_forbidden(use, said))


def _is_forbidden(use: Use, said: list[tuple[Uses, bool]]) -> bool:
    about = [(len(covers), allowed) for covers, allowed in said if use in covers]
    narrowest = min((breadth for breadth, _ in about), default=0)
    return any(not allowed for breadth, allowed in about if breadth == narrowest)
