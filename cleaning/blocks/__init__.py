"""Blocks: the page as runs of text with provenance, and which of them are the article.

How the rest of cleaning uses it::

    page = segment(tree)                         # the parsed tree, nothing stripped yet: JSON-LD and state are read
    judgement = judge(page, None)                # the model alone
    if unsure(judgement, fast=fast):             # half of the pages; a tenth in the fast mode
        judgement = settle(judgement, judge(page, second_opinion(tree, page)))      # nothing is computed twice

    judgement.text                               # kept blocks in page order, joined by a blank line
    for v in judgement.removed:                  # v.block.index, .text, .kind, .path, .link_density; v.probability
        Removal(v.block.index, v.block.text, "model/boilerplate", ..., v.probability)

* ``segment(tree) -> Page``: ``page.blocks`` is a list of :class:`Block`, in page order; texts that exist only in
  JSON-LD or in script state follow as blocks of kind ``pseudo``.
* ``second_opinion(tree, page) -> str``: trafilatura's text, in the form that the model was trained on.  It drops
elements from the tree: read metadata before it, or hand over a page cut from a copy.
* ``judge(page, extracted) -> Judgement``: ``extracted`` is the second opinion, or None where it was not asked.
* ``unsure(judgement, fast=…) -> bool``: whether to ask; the thresholds and what they cost are in ``select``.
* ``settle(first, second) -> Judgement``: the second, unless the opinion confused the model.
* ``Judgement.verdicts``: one :class:`Verdict` (block, keep, probability) for each block of the *candidate region*:
  what is kept, what trafilatura would have kept, and everything between the first and the last kept block.
  ``kept`` and ``removed`` divide it: nothing is in both or in neither.
* ``Judgement.expected_f1``: the word F1 that the page guard expects, 0 to 1; ``Judgement.origin`` tells whose choice
  it is (``model`` or ``trafilatura``) and ``Judgement.why`` the guard's reason.

The method, its figures and limits: docs/cleaning.md.
"""

from __future__ import annotations

from cleaning.blocks.corrections import correct
from cleaning.blocks.opinion import second_opinion
from cleaning.blocks.page import Block, Page
from cleaning.blocks.segment import segment
from cleaning.blocks.select import Judgement, Verdict, judge, settle, unsure

__all__ = ["Block", "Judgement", "Page", "Verdict", "correct", "judge", "second_opinion", "segment", "settle", "unsure"]
