"""All documents of a set at once: the answer that does not depend on their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cleaning.duplicates.aggregates import find_aggregates
from cleaning.duplicates.clusters import components
from cleaning.duplicates.days import days_apart
from cleaning.duplicates.differences import Differences, compare_texts
from cleaning.duplicates.pairs import Pairs, find_pairs, find_postings, without_common
from cleaning.duplicates.phrases import without_phrases
from cleaning.duplicates.sketches import Sketches
from cleaning.duplicates.texts import Texts
from cleaning.duplicates.verify import (
    CLEARLY_LONGER,
    Shares,
    containment,
    figures_differ,
    has_substance,
    is_doubtful,
    is_next_notice,
    is_other_report,
    is_sure,
    on_site_passages,
    shares_enough,
    words_agree,
)
from cleaning.duplicates.words import Flags, Hashes, Ints

# Reads the texts of some documents, given by ascending numbers.
ReadTexts = Callable[[Ints], Texts]


# Of two pairs that share as much the one that is a day nearer speaks for both.
DAY_COSTS = 0.02


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

    What is held nearly whole by another text is grouped first. Between two such groups the pair that shares most is
    read, and speaks for the others: that a copy was edited shows in any of its sources.

    Args:
        pairs: measured.
        words: of each document.
        published: day of each document, UNDATED where unknown.
        host: one hash per document, 0 where it is not known; None where no host is.
        read: the texts of the documents; None where they are not at hand.
    """
    gap = days_apart(published, pairs.a, pairs.b)
    same_site = np.ones(len(pairs), dtype=np.bool_)
    if host is not None:
        same_site = (host[pairs.a] == host[pairs.b]) | (host[pairs.a] == 0) | (host[pairs.b] == 0)
    notice = is_next_notice(np.minimum(words[pairs.a], words[pairs.b]), gap, same_site)
    enough = shares_enough(pairs)
    sure = enough & is_sure(pairs, gap) & ~notice
    one_report = ~notice
    if read is None:
        one_report &= sure | ~figures_differ(pairs)
        return pairs.take(enough & one_report), pairs.take(enough & ~one_report)
    alike = sure & (np.maximum(pairs.size_a, pairs.size_b) < CLEARLY_LONGER * np.minimum(pairs.size_a, pairs.size_b))
    label = components(len(words), pairs.a[alike], pairs.b[alike])
    apart = label[pairs.a] != label[pairs.b]
    # one report of a form may be told from another by its day or figures alone
    one_report &= sure | ~apart | ~is_other_report(pairs)
    voting = np.flatnonzero((enough | is_doubtful(pairs)) & apart)
    if not len(voting):
        return pairs.take(enough & one_report), pairs.take(enough & ~one_report)
    chosen, of = _speakers(pairs, gap, label, voting)
    spoken, days = pairs.take(chosen), gap[chosen]
    share, agree, known = enough[chosen], one_report[chosen], sure[chosen]
    # the strongest pair of each group first: what it joins need not be read pair by pair
    for strongest in (True, False):
        a, b = label[spoken.a], label[spoken.b]
        known |= (a == b) | ~agree
        unread = np.flatnonzero(~known)
        if strongest:
            unread = unread[_strongest(spoken.take(unread), days[unread], a[unread], b[unread], len(words))]
        if len(unread):
            differences = _differences(spoken.take(unread), read)
            enough_words, one = words_agree(differences, days[unread])
            # a text that is not at hand says nothing: then the sketches decide
            at_hand = differences.words > 0
            share[unread] = np.where(at_hand, enough_words, share[unread])
            agree[unread] = np.where(at_hand, one, ~figures_differ(spoken.take(unread)))
        known[unread] = True
        joined = unread[share[unread] & agree[unread]]
        label = components(len(words), a[joined], b[joined])[label]
    enough[voting], one_report[voting] = share[of], agree[of]
    return pairs.take(enough & one_report), pairs.take(enough & ~one_report)


def _differences(pairs: Pairs, read: ReadTexts) -> Differences:
    docs, number = np.unique(np.concatenate([pairs.a, pairs.b]), return_inverse=True)
    return compare_texts(read(docs), number[: len(pairs)], number[len(pairs) :])


def _strength(pairs: Pairs, gap: Ints) -> Shares:
    """What speaks for a pair: how much it shares, how near in time it is."""
    of_a, of_b = containment(pairs)
    return np.asarray(np.maximum(of_a, of_b) - DAY_COSTS * gap)


def _strongest(pairs: Pairs, gap: Ints, first: Ints, second: Ints, count: int) -> Ints:
    """Rows of the pairs that are the strongest one of one of their two groups."""
    order = np.argsort(-_strength(pairs, gap), kind="stable")
    best = np.full(count, -1)
    # of several values written to one place the last stays, so the strongest comes last
    groups = np.concatenate([first[order], second[order]])[::-1]
    best[groups] = np.concatenate([order, order])[::-1]
    return np.unique(best[best >= 0])


def _speakers(pairs: Pairs, gap: Ints, label: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Of some pairs between groups one for each two groups, which shares most; and for each row the number of its own.

    Args:
        pairs: measured.
        gap: days between the two of each pair.
        label: the group of each document.
        rows: of the pairs.
    """
    first, second = label[pairs.a[rows]], label[pairs.b[rows]]
    key = (np.minimum(first, second) << 32) | np.maximum(first, second)
    order = np.lexsort((-_strength(pairs.take(rows), gap[rows]), key))
    ordered = key[order]
    new = np.append(True, ordered[1:] != ordered[:-1])
    number = np.empty(len(rows), dtype=np.int64)
    number[order] = np.cumsum(new) - 1
    return rows[order[new]], number


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
    if host is not None:
        enough = np.flatnonzero(shares_enough(pairs))
        passages = np.zeros(len(pairs), dtype=np.bool_)
        passages[enough] = on_site_passages(pairs.take(enough), host)
        pairs = pairs.take(~passages)
    pairs, forms = find_copies(pairs, words, published, host, read)
    first = components(len(sketches), pairs.a, pairs.b)
    pairs = pairs.take(has_substance(without_phrases(pairs, sketches, postings, first)))
    aggregate = find_aggregates(pairs, sketches, published)
    return Grouping(pairs, aggregate, _stories(len(sketches), pairs, aggregate), forms)
