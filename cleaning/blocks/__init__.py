"""Blocks: the page as runs of text with provenance, and which of them are the article.

How the rest of cleaning uses it::

    tree = lxml.html.document_fromstring(...)                # parsed once, nothing stripped yet
    page = segment(tree)                                     # one walk; call it before any script is dropped
    fast = judge(page, None, title=title, description=description)      # without a second opinion
    judgement = fast if not unsure(fast) else judge(page, trafilatura_text, title=..., description=...)

    text = judgement.text                                    # kept blocks in page order, joined by a blank line
    for block in judgement.removed: Removal(block.index, block.text, "model/boilerplate", ..., block.probability)

* ``segment(tree) -> Page``: ``page.blocks`` is a list of :class:`Block`, in page order; texts that exist only in
  JSON-LD or in script state follow as blocks of kind ``pseudo``.
* ``judge(page, extracted, *, title, description) -> Judgement``: ``extracted`` is trafilatura's text, or None where
  it was not asked. The default mode passes it for every page, the fast mode only where ``unsure(judgement)`` is true.
* ``Judgement.verdicts``: one :class:`Verdict` (block, keep, probability) for each block of the *candidate region*:
  what the model kept, what trafilatura kept, and everything in between. Nothing of it is in both or in neither of
  ``kept`` and ``removed``.
* ``Judgement.expected_f1``: the word F1 that the page guard expects, 0 to 1; ``Judgement.origin`` tells whose answer
  it is (``model``, ``trafilatura``, ``json-ld``) and ``Judgement.why`` the guard's reason.

The method, its figures and limits: docs/cleaning.md.
"""

from __future__ import annotations

from cleaning.blocks.page import Block, Page
from cleaning.blocks.segment import segment

__all__ = ["Block", "Page", "segment"]
