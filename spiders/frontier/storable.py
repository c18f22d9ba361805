"""Text as every database and every terminal takes it."""

from __future__ import annotations

import re

# A lone surrogate has no UTF-8, and PostgreSQL's text has no NUL; both come from JSON feeds and from headers.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text, each character that a database refuses replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text) if _UNSTORABLE.search(text) else text
