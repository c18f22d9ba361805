"""Path patterns of robots.txt, tdmrep.json and RSL: prefixes, with ``*`` for anything and ``$`` for the end."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit

# Characters that stand for themselves in a path, beside letters, digits and "_.-~": RFC 3986's, and a pattern's own.
_SAFE = "/:?#[]@!$&'()*+,;=%"


def path_of(url: str) -> str:
    """The part of a URL that patterns are matched on: path and query."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern matches a path.

    Both sides are compared percent-encoded alike (RFC 9309, 2.2.2). Linear in pattern and path: no regular expression,
    since a pattern is somebody else's.
    """
    anchored = pattern.endswith("$")
    first, *rest = _alike_pattern(pattern.removesuffix("$")).split("*")
    text = _alike(path)
    if not text.startswith(first):
        return False
    at = len(first)
    for number, piece in enumerate(rest):
        if anchored and number == len(rest) - 1:
            return len(text) - len(piece) >= at and text.endswith(piece)
        found = text.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return not anchored or at == len(text)


def covers(pattern: str, url: str) -> bool:
    """Whether a pattern covers a page: of its path, or of its whole address, as some write it.

    A path begins with a slash or a star, whether or not the pattern does. What is no address covers nothing.
    """
    try:
        parts = urlsplit(pattern)
        if parts.netloc:
            if parts.netloc.lower() != urlsplit(url).netloc.lower():
                return False
            pattern = pattern.partition(parts.netloc)[2] or "/"
    except ValueError:
        return False
    return matches(pattern if pattern.startswith(("/", "*")) else f"/{pattern}", path_of(url))


# A page's path is compared with every rule of its site.
@lru_cache(maxsize=1 << 4)
def _alike(path: str) -> str:
    return quote(unquote(path), safe=_SAFE)


# The rules are compared with every page; a robots.txt of 500 KiB has up to 50,000.
@lru_cache(maxsize=1 << 16)
def _alike_pattern(pattern: str) -> str:
    return quote(unquote(pattern), safe=_SAFE)
