"""Finds round-ups: documents that contain several articles which have nothing to do with each other.

A round-up shares most of each of its articles, so treated as a copy it would glue them into one story. It is linked to
each instead. What distinguishes it from a full text with two known excerpts: it was not published before all of them,
and nothing but round-ups connects them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cleaning.duplicates.clusters import components
from cleaning.duplicates.pairs import Pairs, shared_grams
from cleaning.duplicates.sketches import Sketches
from cleaning.duplicates.words import Flags, Ints, members_of

# Two articles are in different parts of a document if they have at most this much of the smaller part in common: tables
# of results and reports on one beat share some set phrases.
DISJOINT = 0.25
# The larger part of each must be in it, not only a quotation.
HELD = 0.45


@dataclass(frozen=True, slots=True)
class _Held:
    """Articles that one document contains: for each, the article and the sampled grams that it shares with the
    document."""

    doc: int
    articles: list[int]
    parts: list[set[int]]


def _held(pairs: Pairs, sketches: Sketches, order: Ints) -> list[_Held]:
    """The neighbours mostly contained in each document, if there are two or more and one was published before it."""
    container = np.concatenate([pairs.a, pairs.b])
    article = np.concatenate([pairs.b, pairs.a])
    size, other = np.concatenate([pairs.size_a, pairs.size_b]), np.concatenate([pairs.size_b, pairs.size_a])
    shared = np.tile(pairs.shared, 2)
    keep = (shared >= HELD * other) & (size > other)
    container, article, share = container[keep], article[keep], (shared / np.maximum(size, 1))[keep]
    by = np.lexsort((article, share, container))
    container, article, share = container[by], article[by], share[by]
    if not len(container):
        return []
    starts = np.flatnonzero(np.append(True, container[1:] != container[:-1]))
    counts = np.diff(np.append(starts, len(container)))
    suspect = (counts >= 2) & (order[container[starts]] >= np.minimum.reduceat(order[article], starts))
    starts, counts = starts[suspect], counts[suspect]
    # if even two pieces of the least size must overlap, there are no disjoint parts
    least, next_least = share[starts], share[starts + 1]
    possible = least + next_least - 1 <= DISJOINT * least
    starts, counts = starts[possible], counts[possible]
    rows = members_of(starts, counts)
    parts = _common_grams(sketches, container[rows], article[rows])
    firsts = np.append(0, np.cumsum(counts))
    articles = article[rows].tolist()
    return [
        _Held(doc, articles[first:end], parts[first:end])
        for doc, first, end in zip(container[starts].tolist(), firsts[:-1].tolist(), firsts[1:].tolist(), strict=True)
    ]


def _common_grams(sketches: Sketches, a: Ints, b: Ints) -> list[set[int]]:
    """The sampled grams that the documents of each pair have in common."""
    common: list[set[int]] = [set()] * len(a)
    for start, pair, gram in shared_grams(sketches, a, b):
        first = np.flatnonzero(np.append(True, pair[1:] != pair[:-1])[: len(pair)])
        ends, grams = [*first[1:].tolist(), len(pair)], gram.tolist()
        for k, begin, end in zip(pair[first].tolist(), first.tolist(), ends, strict=False):
            common[start + k] = set(grams[begin:end])
    return common


def _parts(held: _Held) -> list[list[int]]:
    """The contained articles, grouped by the part of the document that they are in.

    From the smallest piece up: a piece that overlaps one part so far belongs to it; one that overlaps several (a copy
    of the whole document) belongs to none.
    """
    members: list[list[int]] = []
    parts: list[set[int]] = []
    for i in sorted(range(len(held.articles)), key=lambda k: (len(held.parts[k]), held.articles[k])):
        piece = held.parts[i]
        touched = [k for k, part in enumerate(parts) if len(piece & part) > DISJOINT * min(len(piece), len(part))]
        if not touched:
            members.append([held.articles[i]])
            parts.append(set(piece))
        elif len(touched) == 1:
            members[touched[0]].append(held.articles[i])
            parts[touched[0]] |= piece
    return members


def find_aggregates(pairs: Pairs, sketches: Sketches, order: Ints) -> Flags:
    """Which documents are round-ups.

    A document that contains articles in disjoint parts is suspected. A suspect whose articles are connected by other
    documents is a full text with excerpts; it is cleared, and may in turn show that another suspect's articles are
    connected.

    Args:
        pairs: verified copies.
        sketches: of all documents.
        order: publication time of each document as a number; equal if unknown.
    """
    suspects = {h.doc: parts for h in _held(pairs, sketches, order) if len(parts := _parts(h)) > 1}
    flags = np.zeros(len(sketches), dtype=np.bool_)
    flags[list(suspects)] = True
    while True:
        free = ~(flags[pairs.a] | flags[pairs.b])
        label = components(len(sketches), pairs.a[free], pairs.b[free])
        stories = {
            doc: [{int(label[u]) for u in part if not flags[u]} for part in parts] for doc, parts in suspects.items()
        }
        cleared = [doc for doc, found in stories.items() if all(found) and set.intersection(*found)]
        if not cleared:
            break
        flags[cleared] = False
        for doc in cleared:
            del suspects[doc]
    for doc, found in stories.items():
        flags[doc] = len(set().union(*found)) > 1
    return flags
