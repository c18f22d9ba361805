"""All documents of a set at once: the answer that does not depend on their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cleaning.duplicates.aggregates import find_aggregates
from cleaning.duplicates.clusters import components
from cleaning.duplicates.days import days_apart
from cleaning.duplicates.differences import compare_texts
from cleaning.duplicates.pairs import Pairs, find_pairs, find_postings, without_common
from cleaning.duplicates.phrases import without_phrases
from cleaning.duplicates.sketches import Sketches
from cleaning.duplicates.texts import Texts
from cleaning.duplicates.verify import (
    figures_differ,
    has_substance,
    is_doubtful,
    is_next_notice,
    on_site_passages,
    shares_enough,
    words_agree,
)
from cleaning.duplicates.words import Flags, Hashes, Ints

# Reads the texts of some documents, given by ascending numbers.
ReadTexts = Callable[[Ints], Texts]


@dataclass(frozen=True, slots=True)
class Grouping:
    """The stories of a set; documents are numbers in its order."""

    pairs: Pairs  # verified copies, those with a round-up among them
    aggregate: Flags
    story: Ints  # the smallest document of each document's story
    forms: Pairs  # pairs that share their sentences and not their names, figures or days: reports of one form


def _stories(count: int, pairs: Pairs, aggregate: Flags) -> Ints:
    same = aggregate[pairs.a] == aggregate[pairs.b]
    return components(count, pairs.a[same], pairs.b[same])


def find_copies(
    pairs: Pairs, words: Ints, published: Ints, host: Hashes | None, read: ReadTexts | None
) -> tuple[Pairs, Pairs]:
    """Of some pairs those that are copies, and those that are two reports of one form.

    Args:
        pairs: measured.
        words: of each document.
        published: day of each document, UNDATED where unknown.
        host: one hash per document, 0 where it is not known; None where no host is.
        read: the texts of the documents; None where they are not at hand.
    """
    gap = days_apart(published, pairs.a, pairs.b)
    enough = shares_enough(pairs, gap)
    one_report = np.ones(len(pairs), dtype=np.bool_)
    doubtful = np.flatnonzero(is_doubtful(pairs, enough, gap))
    if read is None:
        one_report[doubtful] = ~figures_differ(pairs.take(doubtful))
    elif len(doubtful):
        a, b = pairs.a[doubtful], pairs.b[doubtful]
        docs, number = np.unique(np.concatenate([a, b]), return_inverse=True)
        differences = compare_texts(read(docs), number[: len(a)], number[len(a) :])
        enough[doubtful], one_report[doubtful] = words_agree(differences, gap[doubtful])
    same_site = np.ones(len(pairs), dtype=np.bool_)
    if host is not None:
        same_site = (host[pairs.a] == host[pairs.b]) | (host[pairs.a] == 0) | (host[pairs.b] == 0)
    one_report &= ~is_next_notice(np.minimum(words[pairs.a], words[pairs.b]), gap, same_site)
    return pairs.take(enough & one_report), pairs.take(enough & ~one_report)


def group(
    sketches: Sketches,
    published: Ints,
    host: Hashes | None = None,
    reach: int | None = None,
    read: ReadTexts | None = None,
) -> Grouping:
    """Group the documents of a set into stories.

    Args:
        sketches: of all documents. Give them in order of publication, then id: which of very many copies are compared
            depends on it.
        published: day of each document; equal, or UNDATED, where unknown.
        host: one hash per document, 0 where it is not known; None where no host is.
        reach: documents published further apart than this are not compared; None compares all.
        read: reads texts by their documents' numbers; None where there are none: reports of one form are then told
            from copies by the figures of their sketches alone.
    """
    words = sketches.words
    sketches, postings = without_common(sketches, find_postings(sketches))
    pairs = find_pairs(sketches, postings)
    if reach is not None:
        pairs = pairs.take(days_apart(published, pairs.a, pairs.b) <= reach)
    pairs, forms = find_copies(pairs, words, published, host, read)
    if host is not None:
        pairs = pairs.take(~on_site_passages(pairs, host))
    first = components(len(sketches), pairs.a, pairs.b)
    pairs = pairs.take(has_substance(without_phrases(pairs, sketches, postings, first)))
    aggregate = find_aggregates(pairs, sketches, published)
    return Grouping(pairs, aggregate, _stories(len(sketches), pairs, aggregate), forms)
