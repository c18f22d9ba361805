"""Compares each block with a second opinion: which blocks another extractor's text contains."""

from __future__ import annotations

import numpy as np

from cleaning.blocks.features_text import covered_by
from cleaning.blocks.measures import Columns
from cleaning.blocks.page import Page
from cleaning.blocks.tokens import Tokens


def compare(page: Page, t: Tokens, extracted: str) -> Columns:
    """Features of the blocks against another extractor's text, by name; one float per block."""
    blocks = len(page)
    numbers = t.numbers(extracted)
    share = covered_by(t, numbers)
    lines = {" ".join(line.split()).lstrip("-•* ") for line in extracted.split("\n")}
    exact = np.fromiter((text in lines for text in page.texts), float, blocks)
    share = np.maximum(share, exact)
    words = t.count.astype(np.float64)
    taken = np.flatnonzero(share > 0.7)
    index = np.arange(blocks)
    c: Columns = {
        "taken": share.astype(np.float32),
        "taken_exactly": exact.astype(np.float32),
        "taken_words": np.full(blocks, np.log1p(len(numbers)), np.float32),
        "taken_known": np.full(blocks, (share * words).sum() / max(len(numbers), 1), np.float32),
        "taken_of_page": np.full(blocks, len(numbers) / max(words.sum(), 1), np.float32),
    }
    if len(taken):
        c["taken_past"] = np.clip(
            np.where(index < taken[0], index - taken[0], np.maximum(index - taken[-1], 0)), -40, 40
        ).astype(np.float32)
    else:
        c["taken_past"] = np.full(blocks, -40, np.float32)
    sums = np.concatenate(([0.0], np.cumsum(share * words)))
    total = np.concatenate(([0.0], np.cumsum(words)))
    for name, width in (("near", 2), ("wide", 6)):
        low, high = np.maximum(index - width, 0), np.minimum(index + width + 1, blocks)
        own, size = share * words, words
        c[f"taken_{name}"] = ((sums[high] - sums[low] - own) / np.maximum(total[high] - total[low] - size, 1)).astype(
            np.float32
        )
    element = np.array(page.runs.element, np.int64)
    first = np.array([*page.elements.first, 0], np.int64)
    end = np.array([*page.elements.end, blocks], np.int64)
    up = np.array([*page.elements.parent, -1], np.int64)
    for name in ("parent", "grandparent"):
        element = np.where(element >= 0, up[element], -1)
        low, high = first[element], end[element]
        c[f"taken_{name}"] = ((sums[high] - sums[low]) / np.maximum(total[high] - total[low], 1)).astype(np.float32)
    for by in (-1, 1):
        shifted = np.full(blocks, -1, np.float32)
        if blocks > 1:
            if by > 0:
                shifted[:-1] = c["taken"][1:]
            else:
                shifted[1:] = c["taken"][:-1]
        c[f"taken_{by:+d}"] = shifted
    return c
