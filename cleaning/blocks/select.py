"""The decision: which blocks of a page are its article, with a second opinion or without."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cleaning.blocks import confidence
from cleaning.blocks.agreement import compare
from cleaning.blocks.features import describe
from cleaning.blocks.model import Model, probability, shipped
from cleaning.blocks.page import Block, Page
from cleaning.blocks.tokens import Tokens, tokenise

CUT = 0.5  # the best cut per page by expected F1 measured the same to .001; a fixed one is the easier to explain
TAKEN = 0.6  # share of a block in trafilatura's text from which trafilatura took it
LOST = 0.5  # expected F1 below which the model is not believed where trafilatura has an answer
FEW = 25  # words of a choice that are as good as nothing
REPEATED = 0.6  # share of a pseudo-block that the visible text already holds, from which it is left out
# Expected F1 of the model alone from which nobody else is asked. Out of fold, asking every page gained nothing over
# asking below .97 (half of the pages); below .93 (a fifth) it costs at most .002 on any corpus, below .90 (a tenth)
# .004 on fundus and nothing elsewhere, which the fast mode pays for being 2.5 times as fast as trafilatura.
SURE = 0.97
SURE_ENOUGH = 0.90  # in the fast mode
# Expected F1 that a second opinion may cost before it is doubted: where trafilatura also read less than MISREAD of the
# words that the model alone chose, it could not read the page, and the model is believed alone.
CONFUSED = 0.15
MISREAD = 0.5
# Mean probability, by the second judgement, of the words that only the model alone chose, below which that judgement
# contradicts them and is not merely confused: comments or other stories below a text that both hold. Two training
# recipes over 3,389 pages, out of fold: 10 pages change, 8 gain. From .4 on wcxb-dev loses what the others gain.
DENIED = 0.3
# Expected F1 of the model alone from which its choice is kept where, with the answer, it believes neither: of 13
# such pages of unseen sites trafilatura's text has F1 .62 and the model's .43 below it, .51 and .57 above it.
FAIRLY_SURE = 0.7


@dataclass(frozen=True, slots=True)
class Override:
    """A choice that is not the model's: the id of the rule that made it, and its reason in one sentence."""

    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one block of the candidate region."""

    block: Block
    keep: bool
    probability: float  # of being boilerplate, 0 to 1
    override: Override | None = None  # who decided; None for the model


@dataclass(frozen=True, eq=False)
class Judgement:
    """The decision on a page, and how far to trust it. The arrays have one entry a block."""

    page: Page
    keep: NDArray[np.bool_]
    article: NDArray[np.float64]  # the model's probability of being text, 0 to 1
    taken: NDArray[np.float64] | None  # share that trafilatura's text holds, 0 to 1; None where it was not asked
    expected_f1: float  # word F1 that the page guard expects of it, 0 to 1
    origin: str = "model"  # whose choice it is: model or trafilatura
    why: str = ""  # the guard's reason, one sentence; "" where the model decided
    overrides: Mapping[int, Override] = field(default_factory=dict)  # by block, where not the model decided

    @property
    def confidence(self) -> float:
        """The expected F1 as pages of unseen sites bear it out, 0 to 1."""
        witness = "model" if self.taken is None else "trafilatura" if self.origin == "trafilatura" else "both"
        return confidence.calibrated(self.expected_f1, witness)

    @property
    def asked(self) -> bool:
        """Whether there was a second opinion."""
        return self.taken is not None

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The candidate region in page order: what is kept, what trafilatura took or an override dropped, and all
        between the first and the last of what is kept.
        """
        kept = np.flatnonzero(self.keep)
        candidate = self.keep.copy()
        if self.taken is not None:
            candidate |= self.taken >= TAKEN
        candidate[list(self.overrides)] = True
        if len(kept):
            candidate[kept[0] : kept[-1] + 1] = True
        return tuple(
            Verdict(self.page.block(n), bool(self.keep[n]), 1.0 - float(self.article[n]), self.overrides.get(n))
            for n in np.flatnonzero(candidate).tolist()
        )

    @property
    def kept(self) -> list[Verdict]:
        """The article, block by block."""
        return [v for v in self.verdicts if v.keep]

    @property
    def removed(self) -> list[Verdict]:
        """What was a candidate and went."""
        return [v for v in self.verdicts if not v.keep]

    @cached_property
    def text(self) -> str:
        """The kept blocks in page order, joined by a blank line."""
        return "\n\n".join(self.page.texts[n] for n in np.flatnonzero(self.keep).tolist())


def judge(page: Page, extracted: str | None) -> Judgement:
    """Decide which blocks are the article, with the model that comes with newsmill.

    Args:
        page: of :func:`cleaning.blocks.segment.segment`.
        extracted: answer of :func:`cleaning.blocks.opinion.second_opinion`; None where it was not asked.
    """
    return decide(page, extracted, shipped())


def unsure(judgement: Judgement, *, fast: bool = False) -> bool:
    """Whether trafilatura should be asked, and the page judged again with its answer."""
    return not judgement.asked and judgement.expected_f1 < (SURE_ENOUGH if fast else SURE)


def settle(first: Judgement, second: Judgement) -> Judgement:
    """The judgement with trafilatura's answer, unless that answer is one of a page that trafilatura could not read.

    Where the second judgement is trafilatura's own text it stands, unless the first one is fairly sure: what it
    expects is the model's opinion of a choice that it did not make. Where the second judgement is sure against what
    only the first one chose (comments, other stories below the text), it stands in any case.
    """
    assert second.taken is not None, "the second judgement is the one with trafilatura's answer"
    if _denies(first, second, second.taken):
        return second
    if second.origin == "trafilatura":
        return second if first.expected_f1 < FAIRLY_SURE else first
    if first.expected_f1 - second.expected_f1 <= CONFUSED:
        return second
    words = _tokens(first.page).count
    read = words[second.taken >= TAKEN].sum()
    return first if read < MISREAD * words[first.keep].sum() else second


def _denies(first: Judgement, second: Judgement, taken: NDArray[np.float64]) -> bool:
    """Whether the second judgement is sure against the words that only the model alone chose."""
    only = first.keep & (taken < TAKEN)
    if not only.any():
        return False
    return float(np.average(second.article[only], weights=_tokens(first.page).count[only] + 1)) < DENIED


def decide(page: Page, extracted: str | None, model: Model) -> Judgement:
    """As :func:`judge`, with a model of the caller's."""
    taken = np.zeros(len(page)) if extracted is not None else None
    if not len(page):
        empty = np.zeros(0)
        return Judgement(page, empty.astype(bool), empty, taken, 0.0, why="the page has no text")
    tokens = _tokens(page)
    columns = _columns(page, tokens)
    if extracted is None:
        raw = model.alone.raw(columns)
    else:
        agreement = compare(page, tokens, extracted)
        raw = model.together.raw(columns | agreement)
        taken = agreement["taken"].astype(np.float64)
    article = _believe_embedded(page, tokens, probability(raw))
    words = tokens.count.astype(np.float64)
    keep = article >= CUT
    score = confidence.expected_f1(keep, article, words)
    if words[keep].sum() >= FEW and score >= LOST:
        return Judgement(page, keep, article, taken, score)
    if taken is not None and words[taken >= TAKEN].sum() > FEW:
        why = f"the model expects F1 {score:.2f} of its own choice"
        return Judgement(page, taken >= TAKEN, article, taken, score, "trafilatura", why)
    keep, score = confidence.best_choice(article, words)
    why = "no block is surely text: the choice with the best expected F1"
    return Judgement(page, keep, article, taken, score, why=why)


def _tokens(page: Page) -> Tokens:
    if page.tokens is None:
        page.tokens = tokenise(page.texts)
    return page.tokens


def _columns(page: Page, tokens: Tokens) -> dict[str, NDArray[np.float32]]:
    if page.columns is None:
        page.columns = describe(page, tokens)
    return page.columns


def _believe_embedded(page: Page, tokens: Tokens, article: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pseudo-blocks stay unless the page shows the same: they exist only where it has next to no prose.

    There are too few such pages to learn from (4 in 2,000).
    """
    element = np.array(page.runs.element, np.int64)
    pseudo = element < 0
    if not pseudo.any():
        return article
    shown = set(tokens.ids[~pseudo[tokens.block] & (article[tokens.block] >= CUT)].tolist())
    known = tokens.mean(np.fromiter((n in shown for n in tokens.ids.tolist()), bool, len(tokens.ids)))
    return np.where(pseudo, np.where(known < REPEATED, 1 - 0.01, 0.01), article)
