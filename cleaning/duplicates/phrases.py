"""Set phrases: grams that stand in many stories. Two texts that share only those are no copies.

What boilerplate of many sites, tables of results and legal notices have in common is found in no list: it is
whatever recurs from story to story. Copies of one story do not make its sentences set phrases, since stories are
counted, not documents; so it takes a first grouping of the documents.
"""

from __future__ import annotations

import numpy as np

from cleaning.duplicates.pairs import Postings, members_of, without_grams
from cleaning.duplicates.sketches import Sketches, distinct
from cleaning.duplicates.words import Ints

# A sentence is quoted in a handful of stories; what stands in eight is a phrase.
PHRASE_STORIES = 8


def without_phrases(sketches: Sketches, postings: Postings, story: Ints) -> Sketches:
    """The sketches without the grams that stand in eight stories or more.

    Args:
        sketches: of all documents.
        postings: of the sketches.
        story: one number per document.
    """
    often = np.flatnonzero(postings.counts >= PHRASE_STORIES)
    rows = members_of(postings.starts[often], postings.counts[often])
    gram = np.repeat(np.arange(len(often), dtype=np.uint64), postings.counts[often])
    both = distinct((gram << np.uint64(32)) | story[postings.docs[rows]].astype(np.uint64))
    stories = np.bincount((both >> np.uint64(32)).astype(np.int64), minlength=len(often))
    return without_grams(sketches, postings.grams[often[stories >= PHRASE_STORIES]])
