"""The decision: which blocks of a page are its article, with a second opinion or without."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cleaning.blocks import confidence as guard
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
# Expected F1 that a second opinion may cost before it is not heard: a model that it confuses so far was told of a page
# that trafilatura could not read. Out of fold +.001 on wcxb-dev with either of two sets of folds, nothing on fundus.
CONFUSED = 0.15


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one block of the candidate region."""

    block: Block
    keep: bool
    probability: float  # of being boilerplate, 0 to 1


@dataclass(frozen=True, eq=False)
class Judgement:
    """The decision on a page, and how far to trust it."""

    verdicts: tuple[Verdict, ...]  # of the candidate region, in page order
    expected_f1: float  # word F1 that the page guard expects of it, 0 to 1
    origin: str  # whose choice it is: model, trafilatura, embedded
    why: str  # the guard's reason, one sentence; "" where the model decided
    asked: bool  # whether there was a second opinion

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
        return "\n\n".join(v.block.text for v in self.verdicts if v.keep)


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
    """The judgement with trafilatura's answer, unless it is far less sure than the one without."""
    return first if first.expected_f1 - second.expected_f1 > CONFUSED else second


def decide(page: Page, extracted: str | None, model: Model) -> Judgement:
    """As :func:`judge`, with a model of the caller's."""
    if not len(page):
        return Judgement((), 0.0, "model", "the page has no text", extracted is not None)
    tokens = _tokens(page)
    columns = _columns(page, tokens)
    taken = np.zeros(len(page), bool)
    if extracted is None:
        raw = model.alone.raw(columns)
    else:
        agreement = compare(page, tokens, extracted)
        raw = model.together.raw(columns | agreement)
        taken = agreement["taken"] >= TAKEN
    article = _believe_embedded(page, tokens, probability(raw))
    words = tokens.count.astype(np.float64)
    keep = article >= CUT
    origin, why = "model", ""
    score = guard.expected_f1(keep, article, words)
    if words[keep].sum() < FEW or score < LOST:
        if words[taken].sum() > FEW:
            keep, origin = taken, "trafilatura"
            why = f"the model expects F1 {score:.2f} of its own choice"
        else:
            keep, score = guard.best_choice(article, words)
            why = "no block is surely text: the choice with the best expected F1"
    return Judgement(_verdicts(page, keep, taken, article), score, origin, why, extracted is not None)


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


def _verdicts(
    page: Page, keep: NDArray[np.bool_], taken: NDArray[np.bool_], article: NDArray[np.float64]
) -> tuple[Verdict, ...]:
    """The candidate region: what is kept, what trafilatura took, and all between the first and last kept block."""
    kept = np.flatnonzero(keep)
    candidate = keep | taken
    if len(kept):
        candidate[kept[0] : kept[-1] + 1] = True
    return tuple(
        Verdict(page.block(n), bool(keep[n]), 1.0 - float(article[n])) for n in np.flatnonzero(candidate).tolist()
    )
