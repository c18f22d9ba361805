"""Set phrases: grams that stand in many stories. Two texts that share only those are no copies.

What boilerplate of many sites, tables of results and legal notices have in common is found in no list: it is
whatever recurs from story to story. Copies of one story do not make its sentences set phrases, since stories are
counted, not documents; so it takes a first grouping of the documents.
"""

from __future__ import annotations

import numpy as np

from cleaning.duplicates.pairs import without_grams
from cleaning.duplicates.sketches import Sketches, distinct
from cleaning.duplicates.words import Ints

# A sentence is quoted in a handful of stories; what stands in eight is a phrase.
PHRASE_STORIES = 8


def without_phrases(sketches: Sketches, story: Ints) -> Sketches:
    """The sketches without the grams that stand in eight stories or more; ``story`` has one number per document."""
    key = distinct((sketches.grams.astype(np.uint64) << np.uint64(32)) | story[sketches.docs].astype(np.uint64))
    gram = (key >> np.uint64(32)).astype(np.uint32)
    starts = np.flatnonzero(np.append(True, gram[1:] != gram[:-1])[: len(gram)])
    stories = np.diff(np.append(starts, len(gram)))
    return without_grams(sketches, gram[starts[stories >= PHRASE_STORIES]])
