"""Groups of documents that are connected by pairs."""

from __future__ import annotations

import numpy as np

from cleaning.duplicates.words import Ints


def components(count: int, a: Ints, b: Ints) -> Ints:
    """The smallest document number that each document is connected to, by any chain of pairs.

    Labels are hooked onto smaller ones and chains of labels shortened, for all pairs at once, until nothing changes
    (Shiloach and Vishkin 1982): some ten passes, whatever the order of the pairs.
    """
    label = np.arange(count)
    while True:
        low = np.minimum(label[a], label[b])
        hooked = label.copy()
        np.minimum.at(hooked, label[a], low)
        np.minimum.at(hooked, label[b], low)
        while True:
            shorter = hooked[hooked]
            if np.array_equal(shorter, hooked):
                break
            hooked = shorter
        if np.array_equal(hooked, label):
            return label
        label = hooked
