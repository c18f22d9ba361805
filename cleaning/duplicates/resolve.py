"""From pairs of copies to stories: which document is the article, which are its copies, which are round-ups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cleaning.duplicates.aggregates import find_aggregates
from cleaning.duplicates.clusters import components
from cleaning.duplicates.pairs import Pairs
from cleaning.duplicates.sketches import Sketches
from cleaning.duplicates.verify import CLEARLY_LONGER
from cleaning.duplicates.words import Flags, Ints


@dataclass(frozen=True, slots=True)
class Resolution:
    """The result for each document. Documents are numbers; arrays have one entry per document."""

    canonical: Ints  # the article that it is a copy of; itself if it is the article
    aggregate: Flags  # it is a round-up: neither article nor copy
    links: list[tuple[int, int]]  # (round-up, article that it contains)
    aliases: list[tuple[int, int]]  # (later article, earlier one): stories that were separate and are now one


def resolve(
    pairs: Pairs,
    sketches: Sketches,
    published: Ints,
    order: Ints,
    settled: Ints | None = None,
    known_aggregate: Flags | None = None,
) -> Resolution:
    """Decide what each document is.

    Args:
        pairs: verified copies, exact ones among them.
        sketches: of all documents.
        published: publication time of each document as a number; equal if unknown.
        order: rank of each document, all different: among several copies, the lowest is the article.
        settled: for documents decided earlier, the article that each is a copy of (itself for an article), which does
        not change; -1 for others.
        known_aggregate: documents decided earlier to be round-ups.
    """
    count = len(sketches)
    settled = np.full(count, -1) if settled is None else settled
    found = find_aggregates(pairs, sketches, published)
    aggregate = found & (settled < 0)
    pairs = _without_late(pairs, found & (settled >= 0), settled)
    if known_aggregate is not None:
        aggregate |= known_aggregate
    decided = np.flatnonzero(settled >= 0)
    same = ~(aggregate[pairs.a] | aggregate[pairs.b])
    label = components(
        count, np.concatenate([pairs.a[same], decided]), np.concatenate([pairs.b[same], settled[decided]])
    )
    is_article = settled == np.arange(count)
    # the article of a story: the first of those settled, otherwise the first of all
    rank = order + np.where(is_article, 0, count)
    first = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(first, label, rank)
    by_rank = np.full(2 * count, -1)
    by_rank[rank] = np.arange(count)
    canonical = by_rank[first[label]]
    aliases = [(int(x), int(canonical[x])) for x in np.flatnonzero(is_article & (canonical != np.arange(count)))]
    canonical = np.where(is_article, np.arange(count), canonical)
    return Resolution(canonical, aggregate, _links(pairs, aggregate, canonical), aliases)


def _without_late(pairs: Pairs, late: Flags, settled: Ints) -> Pairs:
    """The pairs, except those between a settled article that turns out to be a round-up and a new text in it.

    The article stays one, and so do its recorded copies; but no further text becomes its copy.
    """
    holds_b = late[pairs.a] & (settled[pairs.b] < 0) & (pairs.size_a >= CLEARLY_LONGER * pairs.size_b)
    holds_a = late[pairs.b] & (settled[pairs.a] < 0) & (pairs.size_b >= CLEARLY_LONGER * pairs.size_a)
    return pairs.take(~(holds_a | holds_b))


def _links(pairs: Pairs, aggregate: Flags, canonical: Ints) -> list[tuple[int, int]]:
    """Pair each round-up with the article of every story that it shares enough with."""
    links: set[tuple[int, int]] = set()
    for x, y in ((pairs.a, pairs.b), (pairs.b, pairs.a)):
        rows = aggregate[x] & ~aggregate[y]
        links.update(zip(x[rows].tolist(), canonical[y[rows]].tolist(), strict=True))
    return sorted(links)
