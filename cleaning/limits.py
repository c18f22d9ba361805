"""Bounds on what a page may cost. Time has no place here, since cleaning knows no clock: whoever runs it in a worker
enforces it."""

from __future__ import annotations

# Largest body that is parsed. The largest article page of three corpora (2,041 pages) has 5.3 MB; a 30 MB page is a
# dump.
MAX_BYTES = 10_000_000
# Elements of a page: 60,000 is ten times the largest article page seen; live blogs with more cost seconds and are no
# articles.
MAX_ELEMENTS = 100_000
# Nesting. Browsers stop at 512 (Chromium: kMaximumHTMLParserDOMTreeDepth); recursion in Python ends near 1,000, and
# libxml2 itself at 255 unless told otherwise.
MAX_DEPTH = 400
# Longest text and most lines that are judged; an article has under 300,000 characters.
MAX_TEXT = 2_000_000
# CPU seconds that a caller should grant one page before it ends the worker: fifty times the slowest article page.
PAGE_SECONDS = 30.0
