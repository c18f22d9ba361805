"""Start tags with more attributes than any page has, cut: libxml2 compares each attribute with all before it.

40,000 attributes on one element cost a minute. What a tag is depends on quotes, which may hide ``<`` and ``>``; and
where a tag begins cannot be known without parsing the page, so that every ``<`` is looked at by itself.
"""

from __future__ import annotations

import re

# The most on one element among the pages of public news corpora is below a hundred.
ATTRIBUTES_MAX = 500
# Tags with more attributes than this are counted; a page has hardly any.
_MANY = 65
# Bytes of such tags that are read, by the length of the page. Tags inside the values of others are read again for each
# of those: only a page that is made to cost time goes beyond.
_READ_AGAIN = 8

_ATTRIBUTE = rb"""[\s/=]*+[^\s=>/]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+"""
_NAME = rb"<[a-zA-Z][^\s/>]*+"
_LONG_TAG = re.compile(_NAME + b"(?:%s){%d}" % (_ATTRIBUTE, _MANY))
_TAG_NAME = re.compile(_NAME)
_ONE_ATTRIBUTE = re.compile(_ATTRIBUTE)


def bounded_attributes(body: bytes) -> bytes:
    """The page, no start tag of which has more than ATTRIBUTES_MAX attributes; linear in its length.

    A page that hides its tags in one another so often that this cannot be seen at that cost ends where that was found.
    """
    pieces: list[bytes] = []
    done = at = 0
    left = _READ_AGAIN * len(body)
    while found := _LONG_TAG.search(body, at):
        cut, end, count = _attributes(body, found.start())
        at = found.start() + 1
        left -= end - found.start()
        if count > ATTRIBUTES_MAX:
            pieces.append(body[done:cut])
            done = at = end
        elif left < 0:
            pieces.append(body[done : found.start()])
            done = len(body)
            break
    return b"".join([*pieces, body[done:]]) if pieces else body


def _attributes(body: bytes, start: int) -> tuple[int, int, int]:
    """Of a start tag: where its attribute number ATTRIBUTES_MAX ends, where the last one does, and how many it has."""
    name = _TAG_NAME.match(body, start)
    end = cut = name.end() if name else start
    count = 0
    while attribute := _ONE_ATTRIBUTE.match(body, end):
        end = attribute.end()
        count += 1
        if count <= ATTRIBUTES_MAX:
            cut = end
    return cut, end, count
