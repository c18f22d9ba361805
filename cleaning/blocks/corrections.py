"""Corrects the model's choice where independent witnesses on the page agree against it.

Each step sees the choice, the probabilities of both forests and trafilatura's answer. Every block that a step changes
is recorded with its rule, for ``removals`` and the explain page. What each is worth out of fold: docs/cleaning.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cleaning.blocks.features_text import covered_by
from cleaning.blocks.page import PLACE, Page
from cleaning.blocks.select import CUT, TAKEN, Judgement, Override
from cleaning.blocks.tokens import Tokens
from cleaning.blocks.words.vocabulary import NAMES

_COMMENT = 1 << NAMES.index("comment")
COPIED = 0.7  # share of a hidden block's words that the shown text holds in shingles, from which it is a copy
# A block below a comment class goes where the forest that sees the page alone is sure against it, trafilatura left it
# out, and only the forest that heard trafilatura is not sure the other way. On lost pages these stood at .06 to .10, 0
# and .51 to .78.
AGAINST = 0.2
LEFT_OUT = 0.1
HALF_SURE = 0.8
MOST = 0.5  # share of a text from which a container holds most of it
# Probability from which a block goes with its siblings, and the kinds that do: of items, rows and quotes from here up
# to CUT that trafilatura took and whose siblings are text, most words are text; of paragraphs and headings not half.
NEARLY = 0.27
GREGARIOUS = ("list-item", "table", "quote", "other")
MAX_WIDGET = 0.2  # share of the text from which a box is no widget, whatever its class says
PROMOTION = re.compile(
    r"subscri(?:be|ption)-?(?:widget|box|form|cta|block)|newsletter-?(?:sign-?up|box|form|widget|block|cta|promo)|"
    r"sign-?up-?(?:form|box)|(?<![a-z_])promo(?:tion)?-|inline-?newsletter|"
    r"(?<![a-z])related-(?:article|post|stor|news|link|content|website)",
    re.IGNORECASE,
)

COPY = Override("page/hidden-copy", "The page does not show this copy of a text that it shows elsewhere.")
COMMENT = Override("page/comment", "Below a comment class; neither the page's form nor trafilatura says text.")
WIDGET = Override("page/widget", "A box of promotion or related stories, as its class says.")
CODE = Override("page/code", "Code within the text, which trafilatura took too.")
SIBLING = Override("page/sibling", "Most of its siblings are text, and trafilatura took it too.")


@dataclass(eq=False)
class Draft:
    """A choice that is being corrected. Arrays have one entry a block."""

    page: Page
    tokens: Tokens
    keep: NDArray[np.bool_]
    article: NDArray[np.float64]  # probability of being text, 0 to 1
    alone: NDArray[np.float64]  # the same without trafilatura's answer
    taken: NDArray[np.float64] | None  # share that trafilatura's text holds; None where it was not asked
    overrides: dict[int, Override] = field(default_factory=dict)

    @cached_property
    def words(self) -> NDArray[np.float64]:
        """Words of each block."""
        return self.tokens.count.astype(np.float64)

    @cached_property
    def element(self) -> NDArray[np.int64]:
        """Innermost block element of each block, -1 for pseudo-blocks."""
        return np.array(self.page.runs.element, np.int64)

    @cached_property
    def place(self) -> NDArray[np.int64]:
        """Bits of PLACES of each block."""
        return np.array([*self.page.elements.place, 0], np.int64)[self.element]

    def set(self, which: NDArray[np.bool_], keep: bool, by: Override) -> None:
        """Keep or drop some blocks."""
        for n in np.flatnonzero(which & (self.keep != keep)).tolist():
            self.keep[n] = keep
            self.overrides[n] = by

    def drop(self, first: int, end: int, by: Override) -> None:
        """Drop a run of blocks."""
        which = np.zeros(len(self.page), bool)
        which[first:end] = True
        self.set(which, False, by)

    def kept_words(self, first: int, end: int) -> float:
        """Words that are kept of a run of blocks."""
        return float(self.words[first:end][self.keep[first:end]].sum())


def hidden_copies(d: Draft) -> None:
    """Drop hidden blocks whose words the shown text holds: server-side twins, collapsed copies."""
    hidden = d.keep & ((d.place & PLACE["hidden"]) > 0)
    if not hidden.any():
        return
    shown = (d.keep & ~hidden)[d.tokens.block]
    d.set(hidden & (covered_by(d.tokens, d.tokens.ids[shown]) >= COPIED), False, COPY)


def comments(d: Draft) -> None:
    """Drop what stands below a comment class and was kept against both witnesses."""
    if d.taken is None:
        return
    doubtful = d.keep & (d.alone < AGAINST) & (d.taken < LEFT_OUT) & (d.article < HALF_SURE)
    if not doubtful.any():
        return
    below = np.zeros(len(d.page), bool)
    total = d.words[d.keep].sum()
    e = d.page.elements
    for mask, first, end in zip(e.mask, e.first, e.end, strict=True):
        # the class of body or of the whole story says comments-open, has-comments
        if mask & _COMMENT and d.kept_words(first, end) < MOST * total:
            below[first:end] = True
    d.set(doubtful & below, False, COMMENT)


def widgets(d: Draft) -> None:
    """Drop boxes whose class says that they promote."""
    total = d.words[d.keep].sum()
    e = d.page.elements
    for names, first, end in zip(e.names, e.first, e.end, strict=True):
        if names and PROMOTION.search(names) and 0 < d.kept_words(first, end) < MAX_WIDGET * total:
            d.drop(first, end, WIDGET)


def code(d: Draft) -> None:
    """Keep code between two kept blocks where trafilatura took it."""
    kept = np.flatnonzero(d.keep)
    if d.taken is None or not len(kept):
        return
    within = np.zeros(len(d.page), bool)
    within[kept[0] : kept[-1] + 1] = True
    d.set(within & ((d.place & PLACE["pre"]) > 0) & (d.taken >= TAKEN), True, CODE)


def siblings(d: Draft) -> None:
    """Keep an item that is nearly text where trafilatura took it and most words of its siblings are kept."""
    if d.taken is None:
        return
    nearly = ~d.keep & (d.article >= NEARLY) & (d.article < CUT) & (d.taken >= TAKEN) & (d.element >= 0)
    if not nearly.any():
        return
    e = d.page.elements
    numbers: dict[tuple[int, str], int] = {}
    group = np.array(
        [numbers.setdefault(pair, len(numbers)) for pair in zip(e.parent, e.tag, strict=True)] + [-1], np.int64
    )[d.element]
    before = d.keep.copy()
    for n in np.flatnonzero(nearly).tolist():
        if d.page.kind(n) not in GREGARIOUS:
            continue
        alike = group == group[n]
        alike[n] = False
        total = d.words[alike].sum()
        if total > 0 and d.words[alike & before].sum() > MOST * total:
            d.keep[n] = True
            d.overrides[n] = SIBLING


STEPS: tuple[Callable[[Draft], None], ...] = (hidden_copies, comments, widgets, code, siblings)


def correct(judgement: Judgement, alone: Judgement) -> Judgement:
    """The judgement after all steps; itself where none changed anything.

    Args:
        judgement: of :func:`cleaning.blocks.select.settle`, or the first one where nobody else was asked.
        alone: the first one, without trafilatura's answer.
    """
    page = judgement.page
    if page.tokens is None or not len(page):
        return judgement
    draft = Draft(page, page.tokens, judgement.keep.copy(), judgement.article, alone.article, judgement.taken)
    for step in STEPS:
        step(draft)
    return replace(judgement, keep=draft.keep, overrides=draft.overrides) if draft.overrides else judgement
