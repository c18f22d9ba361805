"""Start tags with more attributes than any page has, cut: libxml2 compares each attribute with all before it.

40,000 attributes on one element cost a minute. A value that holds ``<`` hides its tag from this look; such a page is
left to the time limit of whoever parses it.
"""

from __future__ import annotations

import re

# The most on one element among the pages of public news corpora is below a hundred.
ATTRIBUTES_MAX = 500
# That many attributes take at least three bytes each; shorter tags need no look.
_LONG = re.compile(rb"<[a-zA-Z][^<]{%d,}" % (3 * ATTRIBUTES_MAX))
_NAME = re.compile(rb"<[a-zA-Z][^\s/>]*")
_ATTRIBUTE = re.compile(rb"""[\s/]+[^\s=>/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]*))?""")


def bounded_attributes(body: bytes) -> bytes:
    """The page, no start tag of which has more than ATTRIBUTES_MAX attributes; linear in its length."""
    return _LONG.sub(_bounded, body)


def _bounded(found: re.Match[bytes]) -> bytes:
    text = found[0]
    name = _NAME.match(text)
    end = cut = name.end() if name else len(text)
    count = 0
    while attribute := _ATTRIBUTE.match(text, end):
        end = attribute.end()
        count += 1
        if count <= ATTRIBUTES_MAX:
            cut = end
    return text if count <= ATTRIBUTES_MAX else text[:cut] + text[end:]
