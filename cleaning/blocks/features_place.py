"""Features of a block's place: the elements around it, what their names say, and how many others look like it.

Repeated shapes as a sign of lists: Liu, Grossman, Zhai, KDD 2003.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cleaning.blocks.measures import Columns, Ladder, Shape, column, columns_of, log_column
from cleaning.blocks.page import PLACE, Page
from cleaning.blocks.words.vocabulary import NAMES

# elements that say something about their content; the others are a matter of taste
_TELLING = (
    "p", "heading", "li", "table", "caption", "header", "footer", "aside", "nav", "article", "main", "form", "figure",
    "hidden", "pre", "section",
)  # fmt: skip


def place_columns(page: Page, s: Shape, ladder: Ladder) -> Columns:
    """Features of the elements and class names around each block, and of the blocks with the same shape."""
    e = page.elements
    element = np.array(page.runs.element, np.int64)
    place = np.where(element >= 0, np.array([*e.place, 0], np.int64)[element], 0)
    depth = np.where(element >= 0, np.array([*e.depth, 0], np.int64)[element], 0)
    parent = np.array([*e.parent, -1], np.int64)[element]
    near = np.array(page.runs.inline, np.int64) | ladder.groups[ladder.element]
    around = ladder.groups[ladder.steps[0]] | np.where(parent >= 0, np.array([*e.mask, 0], np.int64)[parent], 0)
    far = np.where(element >= 0, np.array([*e.far, 0], np.int64)[element], 0) & ~(near | around)
    c: Columns = {"depth": column(depth)}
    bits_of = np.array([PLACE[name].bit_length() - 1 for name in _TELLING])
    c |= columns_of("at_", _TELLING, (place[:, None] >> bits_of) & 1)
    bits = np.arange(len(NAMES))
    close = near | around
    said = ((near[:, None] >> bits) & 1) + 2 * ((close[:, None] >> bits) & 1) + ((far[:, None] >> bits) & 1)
    c |= columns_of(
        "class_", NAMES, said
    )  # 3 if named by its own element, 2 by the next ones around it, 1 by one further out
    tags = {tag: n for n, tag in enumerate(("p", "div", "li", "span", "td", "tr", "h1", "h2", "h3", "h4", "h5", "h6"))}
    level = np.array([tags.get(tag, -1) for tag in e.tag] + [-1], np.int64)[element]
    c["heading_level"] = column(np.where(level >= 6, level - 5, 0))
    c["is_p"] = column(level == 0)
    c["is_div"] = column(level == 1)
    # blocks with the same shape: tag and class of the element and of its parent
    shape = np.array([*e.shape, -1], np.int64)
    pair = shape[element] * 100_003 + np.where(parent >= 0, shape[parent], -1)
    _, group = np.unique(pair, return_inverse=True)
    group = group.reshape(-1)
    members = np.bincount(group)

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        averages: NDArray[np.float64] = (np.bincount(group, weights=values) / members)[group]
        return averages

    c["shape_count"] = log_column(members[group])
    c["shape_chars"] = log_column(mean(s.chars))
    c["shape_density"] = column(
        np.bincount(group, weights=s.linked)[group] / np.maximum(np.bincount(group, weights=s.chars)[group], 1)
    )
    c["shape_final"] = column(mean(s.final.astype(np.float64)))
    c["shape_prose"] = column(np.bincount(group, weights=s.prose)[group] / s.total)
    return c
