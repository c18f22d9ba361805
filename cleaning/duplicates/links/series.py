"""Series: reports of one form, such as the weather of each day or the results of each firm.

They share their sentences and not the names, figures or days in them, so they are no copies of each other; linked as a
series, all of a kind can be left out or counted at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cleaning.duplicates.clusters import components
from cleaning.duplicates.pairs import Pairs
from cleaning.duplicates.words import Flags, Ints


@dataclass(frozen=True, slots=True)
class Series:
    """The articles that belong to a series, ascending by form, then by rank; one entry for each."""

    article: Ints
    template: Ints  # the first article of its form
    previous: Ints  # the article of its form before it, -1 for the first

    def __len__(self) -> int:
        return len(self.article)


def find_series(forms: Pairs, article: Ints, aggregate: Flags, rank: Ints, template: Ints | None = None) -> Series:
    """Link the articles that are reports of one form.

    Args:
        forms: pairs that share their sentences and are not one report.
        article: of each document, the article that it is a copy of; itself for an article.
        aggregate: which documents are round-ups.
        rank: of each document, its place in order of publication; all different.
        template: what was decided earlier: the first article of the form of each document, -1 where there is none.
    """
    a, b = article[forms.a], article[forms.b]
    apart = (a != b) & ~aggregate[a] & ~aggregate[b]
    a, b = a[apart], b[apart]
    if template is not None:
        known = np.flatnonzero(template >= 0)
        a, b = np.append(a, known), np.append(b, template[known])
    members = np.unique(np.concatenate([a, b]))
    label = components(len(article), a, b)[members]
    order = np.lexsort((rank[members], label))
    members, label = members[order], label[order]
    first = np.append(True, label[1:] != label[:-1])[: len(label)]
    start = members[first][np.cumsum(first) - 1]
    previous = np.where(first, -1, np.append(-1, members[:-1])[: len(members)])
    return Series(members, start, previous)
