"""Lines that a site repeats from page to page: menus, notices, appeals. They are not what an article says.

Versions of one story share their lines too. What tells them from pages with a menu in common is what else they share:
versions have nearly nothing of their own, so they make no line their site's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cleaning.duplicates.sketches import Lines
from cleaning.duplicates.words import MIX_2, Flags, Hashes, Ints, mix

# Pages of one host on which a line must stand. A quotation or a correction is repeated once or twice by its own
# site; what stands on four different pages is the site's.
SITE_LINE_PAGES = 4
# Share of a page's words in lines that stand on fewer pages, from which it counts as a page of its own. Of a site's
# pages with heavy boilerplate the article is about a third; an update of a story adds a paragraph or two.
OWN_SHARE = 0.2
# … and so many of them: a sentence. A notice of a few fixed lines under its own title says nothing about its site.
OWN_WORDS = 16


def host_hashes(hosts: Sequence[str]) -> Hashes:
    """One hash per host name, the same in every run; 0 if the name is empty."""
    known = {h: int.from_bytes(hashlib.blake2b(h.encode(), digest_size=8).digest(), "little") for h in set(hosts)}
    known[""] = 0
    return np.array([known[h] for h in hosts], dtype=np.uint64)


def line_keys(lines: Lines, host: npt.NDArray[np.uint64]) -> Hashes:
    """One hash per line, of its words and its host; ``host`` has one hash per document."""
    return mix(lines.hash ^ (host[lines.doc] * MIX_2))


def site_lines(lines: Lines, host: npt.NDArray[np.uint64], text: Hashes | None = None) -> Flags:
    """Which lines of a batch stand on at least four pages of their host that share little else.

    Args:
        lines: of the batch.
        host: one hash per document.
        text: one hash per document, equal for documents of the same text: those count as one page, since an
            article published five times by its own site has not made its paragraphs boilerplate.
    """
    keys = line_keys(lines, host)
    # by half of each key, lines that stand often enough to matter are found; only those are looked at whole
    half = (keys >> np.uint64(32)).astype(np.uint32)
    order = np.argsort(half, kind="stable")
    ordered = half[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])
    counts = np.diff(np.append(starts, len(ordered)))
    often = order[np.repeat(counts >= SITE_LINE_PAGES, counts)]
    page = lines.doc[often] if text is None else text[lines.doc[often]]
    repeated = np.zeros(len(keys), dtype=np.bool_)
    repeated[often[_on_pages(keys[often], page)]] = True
    counted = has_own(lines, repeated, len(host))[lines.doc[often]]
    on_sites = np.zeros(len(keys), dtype=np.bool_)
    on_sites[often[_on_pages(keys[often], page, counted)]] = True
    return on_sites


def has_own(lines: Lines, repeated: Flags, count: int) -> Flags:
    """Which pages have enough lines of their own to tell what their site repeats; versions of a story have not.

    Args:
        lines: of some documents.
        repeated: one flag per line: it stands on several pages of its host.
        count: of the documents.
    """
    words = lines.words.astype(np.float64)
    all_words = np.bincount(lines.doc, weights=words, minlength=count)
    own = np.bincount(lines.doc, weights=words * ~repeated, minlength=count)
    return np.asarray(own >= np.maximum(OWN_SHARE * all_words, OWN_WORDS))


def _on_pages(keys: Hashes, page: npt.NDArray[np.generic], counted: Flags | None = None) -> Flags:
    """Which lines, by key, are on enough distinct pages to be the site's; only the given pages count."""
    order = np.lexsort((page, keys))
    key, page = keys[order], page[order]
    new_key = np.append(True, key[1:] != key[:-1])[: len(key)]
    new_page = new_key | np.append(True, page[1:] != page[:-1])[: len(key)]
    if counted is not None:
        new_page &= counted[order]
    starts = np.flatnonzero(new_key)
    pages: Ints = np.add.reduceat(new_page.astype(np.int64), starts) if len(starts) else starts
    flags = np.empty(len(key), dtype=np.bool_)
    flags[order] = np.repeat(pages >= SITE_LINE_PAGES, np.diff(np.append(starts, len(key))))
    return flags
