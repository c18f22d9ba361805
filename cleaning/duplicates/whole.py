"""All documents of a set at once: the answer that does not depend on their order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cleaning.duplicates.aggregates import find_aggregates
from cleaning.duplicates.clusters import components
from cleaning.duplicates.pairs import Pairs, find_pairs, find_postings, without_common
from cleaning.duplicates.phrases import without_phrases
from cleaning.duplicates.sketches import Sketches
from cleaning.duplicates.verify import has_substance, is_copy, on_site_passages
from cleaning.duplicates.words import Flags, Hashes, Ints


@dataclass(frozen=True, slots=True)
class Grouping:
    """The stories of a set; documents are numbers in its order."""

    pairs: Pairs  # verified copies, those with a round-up among them
    aggregate: Flags
    story: Ints  # the smallest document of each document's story


def _stories(count: int, pairs: Pairs, aggregate: Flags) -> Ints:
    same = aggregate[pairs.a] == aggregate[pairs.b]
    return components(count, pairs.a[same], pairs.b[same])


def group(sketches: Sketches, published: Ints, host: Hashes | None = None, reach: int | None = None) -> Grouping:
    """Group the documents of a set into stories.

    Args:
        sketches: of all documents. Give them in order of publication, then id: which of very many copies are compared
            depends on it.
        published: day of each document, or any other number that grows with time; equal where unknown.
        host: one hash per document, nought where it is not known; None where no host is.
        reach: documents published further apart than this are not compared; None compares all.
    """
    sketches, postings = without_common(sketches, find_postings(sketches))
    pairs = find_pairs(sketches, postings)
    if reach is not None:
        pairs = pairs.take(np.abs(published[pairs.a] - published[pairs.b]) <= reach)
    pairs = pairs.take(is_copy(pairs))
    if host is not None:
        pairs = pairs.take(~on_site_passages(pairs, host))
    first = components(len(sketches), pairs.a, pairs.b)
    pairs = pairs.take(has_substance(without_phrases(pairs, sketches, postings, first)))
    aggregate = find_aggregates(pairs, sketches, published)
    return Grouping(pairs, aggregate, _stories(len(sketches), pairs, aggregate))
