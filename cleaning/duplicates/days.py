"""Days of publication, of which some are not known."""

from __future__ import annotations

import numpy as np

from cleaning.duplicates.words import Ints

# Day of a document of which none is known: it comes after all others, and is compared with each of them.
UNDATED = 1 << 40


def days_apart(published: Ints, a: Ints, b: Ints) -> Ints:
    """Days between the two documents of each pair; 0 where one is not dated.

    Args:
        published: day of each document as a number, UNDATED where it is not known.
        a, b: documents of each pair.
    """
    first, second = published[a], published[b]
    return np.where(np.maximum(first, second) >= UNDATED, 0, np.abs(first - second))
