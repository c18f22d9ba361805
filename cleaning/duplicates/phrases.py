"""Set phrases: grams found in many stories. Two texts that share only those are not copies.

What the boilerplate of many sites, tables of results and legal notices have in common is in no list: it is whatever
recurs from story to story. Copies of one story do not turn its sentences into set phrases, since stories are counted,
not documents; so the documents must have been grouped once before.
"""

from __future__ import annotations

import numpy as np

from cleaning.duplicates.pairs import Pairs, Postings, measure, part_of
from cleaning.duplicates.sketches import Sketches
from cleaning.duplicates.words import Ints, members_of

# A sentence is quoted in a handful of stories; a gram in eight is a phrase.
PHRASE_STORIES = 8


def without_phrases(pairs: Pairs, sketches: Sketches, postings: Postings, story: Ints) -> Pairs:
    """What the pairs share if grams that occur in eight stories or more do not count.

    Args:
        pairs: measured with all grams.
        sketches: of all documents.
        postings: of the sketches.
        story: one number per document.
    """
    often = np.flatnonzero(postings.counts >= PHRASE_STORIES)
    rows = members_of(postings.starts[often], postings.counts[often])
    gram = np.repeat(np.arange(len(often), dtype=np.uint64), postings.counts[often])
    both = np.sort((gram << np.uint64(32)) | story[postings.docs[rows]].astype(np.uint64))
    new = np.append(True, both[1:] != both[:-1])[: len(both)]
    stories = np.bincount((both[new] >> np.uint64(32)).astype(np.int64), minlength=len(often))
    phrases = part_of(sketches, postings, often[stories >= PHRASE_STORIES])
    return pairs.without(measure(phrases, pairs.a, pairs.b))
