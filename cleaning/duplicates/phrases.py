"""Set phrases: grams that stand in many stories. Two texts that share only those are no copies.

What boilerplate of many sites, tables of results and legal notices have in common is found in no list: it is
whatever recurs from story to story. Copies of one story do not make its sentences set phrases, since stories are
counted, not documents; so it takes a first grouping of the documents.
"""

from __future__ import annotations

import numpy as np

from cleaning.duplicates.pairs import Pairs, Postings, measure, part_of
from cleaning.duplicates.sketches import Sketches
from cleaning.duplicates.words import Ints, members_of

# A sentence is quoted in a handful of stories; what stands in eight is a phrase.
PHRASE_STORIES = 8


def without_phrases(pairs: Pairs, sketches: Sketches, postings: Postings, story: Ints) -> Pairs:
    """What the pairs share when the grams that stand in eight stories or more do not count.

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
