"""Limits on what a page may cost. Cleaning knows no clock: whoever runs it in a worker enforces the time limit."""

from __future__ import annotations

# Largest body that is parsed. The largest article page of three corpora (2,041 pages) has 5.3 MB; a 30 MB page is a
# dump.
MAX_BYTES = 10_000_000
# Elements in a page: 60,000 is ten times the largest article page seen; live blogs with more cost seconds and are not
# articles.
MAX_ELEMENTS = 100_000
# Nesting depth. Browsers stop at 512 (Chromium: kMaximumHTMLParserDOMTreeDepth); recursion in Python ends near 1,000,
# and libxml2 itself stops at 255 unless configured otherwise.
MAX_DEPTH = 400
# Seconds that a caller should allow a page before ending the worker. A page takes 20 ms, and the slowest of 2,000 real
# ones took 0.8 s: only a hostile page needs longer.
PAGE_SECONDS = 20.0
