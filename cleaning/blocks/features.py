"""What the model knows of a block: one row of numbers a block, all computed with numpy."""

from __future__ import annotations

import numpy as np

from cleaning.blocks.features_context import container_columns, position_columns
from cleaning.blocks.features_place import place_columns
from cleaning.blocks.features_text import overlap_columns, text_columns
from cleaning.blocks.measures import Columns, Ladder, Shape, column, shifted
from cleaning.blocks.page import Page
from cleaning.blocks.tokens import Tokens

_NEIGHBOURS = (
    "log_chars", "link_density", "final", "heading_level", "at_li", "strong", "affinity", "colon", "in_json_ld",
)  # fmt: skip


def describe(page: Page, t: Tokens) -> Columns:
    """All features of the blocks of a page, by name; each column has one float a block."""
    s = Shape(page, t.count.astype(np.float64))
    ladder = Ladder(page, len(page))
    c = text_columns(page, t, s)
    c |= overlap_columns(page, t, s)
    c |= place_columns(page, s, ladder)
    c |= container_columns(s, ladder)
    c |= position_columns(page, s)
    c.pop("_level")
    last = c.pop("_last").astype(np.int64)
    words = np.minimum(s.words, 20)
    for name in ("related", "share", "signup", "comment", "advert", "legal", "tags", "byline"):
        own = c[f"says_{name}"]
        c[f"under_{name}"] = column(np.where(last >= 0, own[last], 0))
        c[f"after_{name}"] = shifted(own * (words < 20), -1, 0)
    for by in (-2, -1, 1, 2):
        for name in _NEIGHBOURS:
            c[f"{name}_{by:+d}"] = shifted(c[name], by, -1)
    return c
