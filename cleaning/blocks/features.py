"""What the model knows about a block: one row of numbers per block, all computed with numpy."""

from __future__ import annotations

import numpy as np

from cleaning.blocks.features_context import container_columns, position_columns
from cleaning.blocks.features_place import place_columns
from cleaning.blocks.features_text import overlap_columns, text_columns
from cleaning.blocks.measures import Columns, Ladder, Shape, column, columns_of, shifted
from cleaning.blocks.page import Page
from cleaning.blocks.tokens import Tokens

# which features of its neighbours each block gets; farther neighbours, and more features, added nothing out of fold
_NEIGHBOURS = {
    -2: ("log_chars", "affinity"),
    -1: ("log_chars", "affinity", "link_density", "strong", "at_li"),
    1: ("log_chars", "affinity", "link_density", "strong", "at_li"),
    2: ("log_chars", "affinity", "strong"),
}
_HEADINGS = ("related", "comment", "advert", "legal")  # word groups that a heading can announce


def describe(page: Page, t: Tokens) -> Columns:
    """All features of a page's blocks, by name; each column has one float per block."""
    s = Shape(page, t.count.astype(np.float64))
    ladder = Ladder(page, len(page))
    c = text_columns(page, t, s)
    c |= overlap_columns(page, t, s)
    c |= place_columns(page, s, ladder)
    c |= container_columns(s, ladder)
    positions, heading = position_columns(page, s)
    c |= positions
    for name in _HEADINGS:
        c[f"under_{name}"] = column(np.where(heading >= 0, c[f"says_{name}"][heading], 0))
    for by, names in _NEIGHBOURS.items():
        matrix = np.stack([c[name] for name in names], axis=1)
        c |= columns_of("", [f"{name}_{by:+d}" for name in names], shifted(matrix, by, -1))
    return c
