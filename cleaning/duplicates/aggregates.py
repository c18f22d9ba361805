"""Round-ups: documents that hold several articles which have nothing to do with each other.

A round-up shares most of each of its articles, so taken as a copy it would glue them into one story. It is
linked to each instead. What tells it from a full text of which two excerpts are known: it was published after both
articles, and they hang together with nothing else than round-ups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cleaning.duplicates.clusters import components
from cleaning.duplicates.pairs import Pairs
from cleaning.duplicates.sketches import Grams, Sketches
from cleaning.duplicates.words import Flags, Ints

# Two articles stand in different parts of a document when so little of the smaller part is common to both.
DISJOINT = 0.1
# Each must be in it for the larger part, not only a quotation.
HELD = 0.45
# A document of more neighbours than this is a much-copied story; the first of them are looked at.
MAX_NEIGHBOURS = 40


@dataclass(frozen=True, slots=True)
class _Held:
    """Articles that one document holds: for each, the article and the sampled grams shared with the document."""

    doc: int
    articles: list[int]
    parts: list[Grams]


def _held(pairs: Pairs, sketches: Sketches, order: Ints) -> list[_Held]:
    """For each document with at least two, the earlier-published neighbours that it mostly holds."""
    container = np.concatenate([pairs.a, pairs.b])
    article = np.concatenate([pairs.b, pairs.a])
    share = np.concatenate([pairs.shared / np.maximum(pairs.size_b, 1), pairs.shared / np.maximum(pairs.size_a, 1)])
    keep = (
        (share >= HELD) & (order[container] >= order[article]) & (sketches.words[container] > sketches.words[article])
    )
    container, article = container[keep], article[keep]
    by = np.lexsort((article, container))
    container, article = container[by], article[by]
    starts = np.flatnonzero(np.append(True, container[1:] != container[:-1])[: len(container)])
    out = []
    for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(container)], strict=True):
        if end - start >= 2:
            doc = int(container[start])
            articles = article[start : min(end, start + MAX_NEIGHBOURS)].tolist()
            whole = _grams(sketches, doc)
            parts = [np.intersect1d(whole, _grams(sketches, u), assume_unique=True) for u in articles]
            out.append(_Held(doc, articles, parts))
    return out


def _grams(sketches: Sketches, doc: int) -> Grams:
    return sketches.grams[sketches.bounds[doc] : sketches.bounds[doc + 1]]


def _apart(held: _Held, linked: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pairs of the held articles that stand on disjoint parts and are no copies of one another."""
    out = []
    for i in range(len(held.articles)):
        for j in range(i + 1, len(held.articles)):
            u, v = held.articles[i], held.articles[j]
            if (min(u, v), max(u, v)) not in linked:
                common = len(np.intersect1d(held.parts[i], held.parts[j], assume_unique=True))
                if common <= DISJOINT * min(len(held.parts[i]), len(held.parts[j])):
                    out.append((u, v))
    return out


def find_aggregates(pairs: Pairs, sketches: Sketches, order: Ints) -> Flags:
    """Which documents are round-ups.

    Args:
        pairs: verified copies.
        sketches: of all documents.
        order: publication time of each document as a number; equal where unknown.
    """
    linked = set(zip(np.minimum(pairs.a, pairs.b).tolist(), np.maximum(pairs.a, pairs.b).tolist(), strict=True))
    suspects = {h.doc: apart for h in _held(pairs, sketches, order) if (apart := _apart(h, linked))}
    flags = np.zeros(len(sketches), dtype=np.bool_)
    flags[list(suspects)] = True
    free = ~(flags[pairs.a] | flags[pairs.b])
    label = components(len(sketches), pairs.a[free], pairs.b[free])
    for doc, apart in suspects.items():
        flags[doc] = any(label[u] != label[v] and not (u in suspects or v in suspects) for u, v in apart)
    return flags
