"""What two articles that may tell of one event have in common, in numbers from which links are scored."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from cleaning.duplicates.days import days_apart
from cleaning.duplicates.terms import (
    CommonTerms,
    Scores,
    Terms,
    TermSets,
    Weights,
    frequency_of,
    part_of,
    peers_of,
    rarity_of,
    select_terms,
)
from cleaning.duplicates.words import Flags, Ints

# Figures are evidence if both texts have at least three: tables and forecasts share their names and differ in figures.
MIN_FIGURES = 3
# Words less rare than this do not count: of 10,000 documents, those in more than 250. A shared one would weigh a
# fortieth of a word that only two documents have (.4 to the fourth power), and they are more than half of all words.
RARE_WORD = 0.4
# Pairs that share names and figures of less weight are not looked at further: not even one name that nobody else has.
# Of the labelled set's true links none shares less, of its candidates two thirds do.
LEAST_SHARED = 0.8


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the documents of each pair have in common: the numbers that make up its scores."""

    names: Scores  # weighted share of the names and figures of the document with fewer that the other has too
    all_names: Scores  # idf cosine of the names and figures, which also counts those of only one document
    words: Scores  # logarithm of the weight of the shared words
    figures: Scores  # like names, for figures only; 0 if one document has fewer than three
    no_figures: Scores  # 1 if one document has fewer than three figures
    length: Scores  # logarithm of the words of the shorter one
    ratio: Scores  # logarithm of the ratio of the two lengths
    cosine: Scores  # tf-idf cosine of the words
    shared_names: Scores  # logarithm of the weight of the shared names, without figures
    late: Scores  # logarithm of the days between the two
    lead: Scores  # weighted share of one's beginning that the other has anywhere; of the two shares the larger
    other_figures: Scores  # by how much the figures share less than the words do
    same_lead: Scores  # Jaccard index of the plain words of both beginnings

    def columns(self, names: tuple[str, ...]) -> Scores:
        """Some of the numbers; one row per pair."""
        return np.stack([getattr(self, name) for name in names], axis=1)

    def take(self, rows: Flags | Ints) -> Evidence:
        """The evidence of a selection of the pairs."""
        return Evidence(*(getattr(self, f.name)[rows] for f in fields(self)))


class Weigher:
    """Weighs pairs of some documents against each other."""

    def __init__(self, terms: Terms, published: Ints, docs: Ints) -> None:
        """Find how rare each term of the documents is.

        Args:
            terms: of all documents: how rare a term is shows in them all.
            published: day of each document, UNDATED where it is not known.
            docs: of these the ones that pairs are made of, ascending.
        """
        self._docs, self._published, self._length = docs, published, terms.length
        of_doc = part_of(terms.words, docs)
        frequency = frequency_of(of_doc, terms.words)
        peers = peers_of(of_doc, frequency)
        # the rarer a word, the more it reveals: squared, since words are many and names few
        self._words = _rare_words(of_doc, rarity_of(of_doc, frequency, peers))
        lead = part_of(terms.lead, docs)
        self._lead = _rare_words(lead, rarity_of(lead, frequency_of(lead, terms.words), peers))
        plain = part_of(terms.plain_lead, docs)
        self._plain_lead = CommonTerms(plain, np.ones(len(plain.terms), dtype=np.float32))
        of_doc = part_of(terms.names, docs)
        rarity = rarity_of(of_doc, frequency_of(of_doc, terms.names), peers)
        figure = (of_doc.terms & 1).astype(np.bool_)
        self._names = CommonTerms(of_doc, rarity)
        self._figures = CommonTerms(select_terms(of_doc, figure), rarity[figure])

    def weigh(self, first: Ints, second: Ints) -> tuple[Ints, Evidence]:
        """The rows of the pairs that share enough to be scored, and what their documents have in common."""
        a, b = np.searchsorted(self._docs, first), np.searchsorted(self._docs, second)
        names, figures, words, plain = self._names, self._figures, self._words, self._plain_lead
        of_names = names.products(a, b)
        rows = np.flatnonzero(of_names >= LEAST_SHARED)
        a, b, of_names = a[rows], b[rows], of_names[rows]
        of_words, of_figures, of_plain = words.products(a, b), figures.products(a, b), plain.products(a, b)
        have_figures = np.minimum(figures.size[a], figures.size[b]) >= MIN_FIGURES
        figure_share = np.where(have_figures, figures.share(of_figures, a, b), 0.0)
        cosine = words.cosine(of_words, a, b)
        lengths = self._length[first[rows]], self._length[second[rows]]
        shorter, longer = np.minimum(*lengths), np.maximum(*lengths)
        return rows, Evidence(
            names=names.share(of_names, a, b),
            all_names=names.cosine(of_names, a, b),
            words=np.log1p(of_words),
            figures=figure_share,
            no_figures=(~have_figures).astype(np.float64),
            length=np.log1p(shorter),
            ratio=np.log((longer + 1) / (shorter + 1)),
            cosine=cosine,
            shared_names=np.log1p(np.maximum(of_names - of_figures, 0.0)),
            late=np.log1p(days_apart(self._published, first[rows], second[rows])),
            lead=np.maximum(self._lead.held_by(words, a, b), self._lead.held_by(words, b, a)),
            other_figures=np.where(have_figures, np.maximum(cosine - figure_share, 0.0), 0.0),
            same_lead=of_plain / np.maximum(plain.size[a] + plain.size[b] - of_plain, 1),
        )


def _rare_words(sets: TermSets, rarity: Weights) -> CommonTerms:
    rare = rarity >= RARE_WORD
    return CommonTerms(select_terms(sets, rare), rarity[rare] ** 2)
