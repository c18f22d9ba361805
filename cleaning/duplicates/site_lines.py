"""Lines that a site repeats from page to page: menus, notices, appeals. They are not what an article says."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cleaning.duplicates.sketches import Lines, distinct
from cleaning.duplicates.words import MIX_2, Flags, Hashes, Ints, mix

# Pages of one host on which a line must stand. A quotation or a correction is repeated once or twice by its own
# site; what stands on four different pages is the site's.
SITE_LINE_PAGES = 4


def host_hashes(hosts: Sequence[str]) -> Hashes:
    """One hash per host name, the same in every run; nought where the name is empty."""
    known = {h: int.from_bytes(hashlib.blake2b(h.encode(), digest_size=8).digest(), "little") for h in set(hosts)}
    known[""] = 0
    return np.array([known[h] for h in hosts], dtype=np.uint64)


def line_keys(lines: Lines, host: npt.NDArray[np.uint64]) -> Hashes:
    """One hash per line, of its words and its host; ``host`` has one hash per document."""
    return mix(lines.hash ^ (host[lines.doc] * MIX_2))


def count_pages(keys: Hashes, doc: npt.NDArray[np.integer]) -> tuple[Hashes, Ints]:
    """Distinct line keys, ascending, and the number of distinct documents (pages) that each stands in."""
    order = np.lexsort((doc, keys))
    key, page = keys[order], doc[order]
    if not len(key):
        return key, np.zeros(0, dtype=np.int64)
    new_key = np.append(True, key[1:] != key[:-1])
    new_page = new_key | np.append(True, page[1:] != page[:-1])
    starts = np.flatnonzero(new_key)
    return key[starts], np.add.reduceat(new_page.astype(np.int64), starts)


def repeated(keys: Hashes, site_keys: Hashes) -> Flags:
    """Which lines are among the site's; ``site_keys`` ascending."""
    if not len(site_keys):
        return np.zeros(len(keys), dtype=np.bool_)
    at = np.minimum(np.searchsorted(site_keys, keys), len(site_keys) - 1)
    return np.asarray(site_keys[at] == keys)


def site_lines(lines: Lines, host: npt.NDArray[np.uint64], text: Hashes | None = None) -> Flags:
    """Which lines of a batch stand on at least four pages of their host.

    Args:
        lines: of the batch.
        host: one hash per document.
        text: one hash per document, equal for documents of the same text: those count as one page, since an
            article published five times by its own site has not made its paragraphs boilerplate.
    """
    keys = line_keys(lines, host)
    distinct_keys, pages = count_pages(keys, lines.doc if text is None else text[lines.doc])
    return repeated(keys, distinct(distinct_keys[pages >= SITE_LINE_PAGES]))
