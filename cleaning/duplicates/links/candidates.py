"""Pairs of articles that may tell of one event: of one week, with two names in common that few others of it have."""

from __future__ import annotations

import numpy as np

from cleaning.duplicates.days import UNDATED
from cleaning.duplicates.terms import HALF, TermSets
from cleaning.duplicates.words import Hashes, Ints, members_of

# News is rewritten, and a story goes on, while it is news.
WINDOW_DAYS = 7
# A name that more articles have within the window around an article makes no candidates of it, and a candidate must
# share two others. Counted by the week: what was all over the news for months may be rare on the day that matters.
COMMON_NAME = 32
SHARED_NAMES = 2
# Entries whose pairs are made together: at most 31 each, 130 MB.
_AT_ONCE = 1 << 19

_LOWER = np.uint64(0xFFFFFFFF)  # the second number of a pair's key


def find_candidates(names: TermSets, published: Ints) -> tuple[Ints, Ints]:
    """Pairs within the window that share two names of few documents; the smaller number first, ascending.

    Args:
        names: of each document.
        published: day of each document, UNDATED where it is not known: such a document is compared with all others.
    """
    docs = names.docs
    day = published[docs]
    order = np.lexsort((docs, day, names.terms))
    docs, day, term = docs[order], day[order], names.terms[order]
    new = np.append(True, term[1:] != term[:-1])[: len(term)]
    group = np.cumsum(new) - 1
    dated = day < UNDATED
    # day within group as one ascending number, so that the end of each entry's week is one search away
    width = int(day[dated].max() - day[dated].min()) + WINDOW_DAYS + 2 if dated.any() else 1
    first_day = int(day[dated].min()) if dated.any() else 0
    place = group * width + np.where(dated, day - first_day, width - 1)
    week_end = np.searchsorted(place, np.minimum(place + WINDOW_DAYS, group * width + width - 2), side="right")
    group_end = np.searchsorted(place, group * width + width - 1, side="right")
    undated = group_end - np.searchsorted(place, group * width + width - 1)
    at = np.arange(len(docs))
    within = np.where(dated, week_end - at - 1, group_end - at - 1)
    without_day = np.where(dated, undated, 0)
    week_begin = np.searchsorted(place, np.maximum(place - WINDOW_DAYS, group * width))
    around = np.where(dated, week_end - week_begin + undated, group_end - np.searchsorted(place, group * width))
    few = around <= COMMON_NAME
    within, without_day = within * few, without_day * few
    # entries in the order of their documents: pairs of a document are all made in one piece, and counted there
    by_doc = np.argsort(np.minimum(docs, len(names.bounds)), kind="stable")
    found = [np.zeros(0, np.uint64)]
    for rows in _pieces(by_doc, docs):
        partner = np.concatenate(
            [members_of(rows + 1, within[rows]), members_of((group_end - undated)[rows], without_day[rows])]
        )
        entry = np.concatenate([np.repeat(rows, within[rows]), np.repeat(rows, without_day[rows])])
        found.append(_shared_twice(docs[entry], docs[partner]))
    pairs = np.concatenate(found)
    # an earlier document may have the larger number: then the pair stands the other way round
    first, second = (pairs >> HALF).astype(np.int64), (pairs & _LOWER).astype(np.int64)
    a, b = np.minimum(first, second), np.maximum(first, second)
    order = np.lexsort((b, a))
    return a[order], b[order]


def _pieces(by_doc: Ints, docs: Ints) -> list[Ints]:
    """The entries in pieces that part no document."""
    pieces = []
    start = 0
    ordered = docs[by_doc]
    while start < len(by_doc):
        end = min(start + _AT_ONCE, len(by_doc))
        if end < len(by_doc):
            end = max(int(np.searchsorted(ordered, ordered[end])), start + 1)
            if end <= start + 1:
                end = int(np.searchsorted(ordered, ordered[start], side="right"))
        pieces.append(by_doc[start:end])
        start = end
    return pieces


def _shared_twice(first: Ints, second: Ints) -> Hashes:
    pairs = np.sort((first.astype(np.uint64) << HALF) | second.astype(np.uint64))
    runs = np.flatnonzero(np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)])
    return pairs[runs[np.diff(np.append(runs, len(pairs))) >= SHARED_NAMES]]
