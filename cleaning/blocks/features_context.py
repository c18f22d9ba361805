"""Features of a block's surroundings: its containers, what came before it, how near the prose is.

Share of the page's text in the ancestors as a feature: Sun, Song, Liao, SIGIR 2011 (composite text density).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cleaning.blocks.measures import Columns, Ladder, Shape, column, log_column, shifted
from cleaning.blocks.page import Page

HEADINGS = {f"h{n}": n for n in range(1, 7)}
FAR = 99.0  # distance to something that the page does not have


def container_columns(s: Shape, ladder: Ladder) -> Columns:
    """Features of each block's ancestors, and of the containers with most of the prose."""
    c: Columns = {}
    blocks = len(s.chars)
    index = np.arange(blocks)
    # one row per level: numpy's cost is per call, not per number
    steps = np.stack(ladder.steps)
    first, end = ladder.first[steps], ladder.end[steps]
    size = end - first
    chars, prose = s.over("chars", first, end), s.over("prose", first, end)
    rows = {
        "prose": column(prose / s.total),
        "density": column(s.over("linked", first, end) / np.maximum(chars, 1)),
        "blocks": log_column(size),
        "mean": log_column(chars / np.maximum(size, 1)),
        "final": column(s.over("final", first, end) / np.maximum(size, 1)),
    }
    near = slice(0, 2)
    rows["where"] = column((index - first[near]) / np.maximum(size[near] - 1, 1))
    rows["before"] = column(s.over("prose", first[near], index) / np.maximum(prose[near], 1))
    c |= {f"up{k}_{name}": row for name, values in rows.items() for k, row in enumerate(values, 1)}
    # the densest container: from the top down as long as one child holds most of the prose
    cores = np.array([_core(s, ladder, 0.5), _core(s, ladder, 0.85)])
    first, end = ladder.first[cores, None], ladder.end[cores, None]
    inside = (index >= first) & (index < end)
    climbed = np.broadcast_to(ladder.element, inside.shape)
    levels = np.zeros(inside.shape)
    for _ in range(8):
        holds = (ladder.first[climbed] <= first) & (ladder.end[climbed] >= end)
        levels += ~holds
        climbed = np.where(holds, climbed, ladder.above[climbed])
    outside = np.where(index < first, index - first, index - end + 1)
    past = column(np.clip(np.where(inside, 0, outside), -50, 50))
    for k, name in enumerate(("core", "trunk")):
        low, high = first[k, 0], end[k, 0]
        inner_links, inner_chars = float(s.over("linked", low, high)), float(s.over("chars", low, high))
        c[f"in_{name}"] = column(inside[k])
        c[f"to_{name}"] = column(levels[k])
        c[f"{name}_density"] = column(np.full(blocks, inner_links / max(inner_chars, 1)))
        c[f"{name}_prose"] = column(np.full(blocks, float(s.over("prose", low, high)) / s.total))
        c[f"past_{name}"] = past[k]
    return c


def _core(s: Shape, ladder: Ladder, least: float) -> int:
    """The smallest element that contains at least this share of the page's prose."""
    prose = s.over("prose", ladder.first, ladder.end)
    size = ladder.end - ladder.first
    enough = prose >= least * s.total
    if not enough.any():
        return ladder.top
    return int(np.flatnonzero(enough)[np.argmin(size[enough])])


def position_columns(page: Page, s: Shape) -> tuple[Columns, NDArray[np.int64]]:
    """What is before, after and around each block; and the last heading up to it, -1 if there is none."""
    blocks = len(page)
    index = np.arange(blocks)
    before = s.sums["words"][:-1]
    words = max(float(s.sums["words"][-1]), 1.0)
    e = page.elements
    element = np.array(page.runs.element, np.int64)
    level = np.array(
        [int(tag[1]) if len(tag) == 2 and tag[0] == "h" and tag[1] in "123456" else 0 for tag in e.tag] + [0], np.int64
    )[element]
    c: Columns = {
        "words_before": column(before / words),
        "log_words_before": log_column(before),
        "prose_before": column(s.sums["prose"][:-1] / s.total),
        "index": column(index / max(blocks, 1)),
        "page_blocks": column(np.full(blocks, np.log1p(blocks))),
        "page_prose": column(np.full(blocks, np.log1p(s.total))),
        "page_density": column(np.full(blocks, s.linked.sum() / max(s.chars.sum(), 1))),
        "page_json_ld": column(np.full(blocks, np.log1p(len(page.json_ld)))),
    }
    h1 = np.flatnonzero(level == 1)
    if len(h1):
        # the h1 that repeats the title, otherwise the one nearest the prose
        nearest = h1[int(np.argmax(s.over("prose", h1, np.minimum(h1 + 40, blocks))))]
        c["from_h1"] = column(np.clip(index - nearest, -60, 200))
        c["words_from_h1"] = column(np.sign(before - before[nearest]) * np.log1p(np.abs(before - before[nearest])))
    else:
        c["from_h1"] = c["words_from_h1"] = column(np.full(blocks, -FAR))
    heading = level > 0
    last = np.maximum.accumulate(np.where(heading, index, -1))
    c["since_heading"] = column(np.where(last >= 0, np.minimum(index - last, 60), FAR))
    c["last_level"] = column(np.where(last >= 0, level[last], 0))
    prose = s.prose > 0
    ahead = np.minimum.accumulate(np.where(prose, index, 10**6)[::-1])[::-1]
    behind = np.maximum.accumulate(np.where(prose, index, -(10**6)))
    c["to_prose"] = column(np.minimum(ahead - index, 60))
    c["since_prose"] = column(np.minimum(index - behind, 60))
    for name, width in (("near", 3), ("wide", 10)):
        low, high = np.maximum(index - width, 0), np.minimum(index + width + 1, blocks)
        c[f"{name}_prose"] = column(s.over("prose", low, high) / np.maximum(s.over("chars", low, high), 1))
        c[f"{name}_density"] = column(s.over("linked", low, high) / np.maximum(s.over("chars", low, high), 1))
    group = np.where(element >= 0, np.array([*e.parent, -1], np.int64)[element], -2)
    c["same_parent_next"] = column(shifted(group, 1, -3) == group)
    c["same_parent_last"] = column(shifted(group, -1, -3) == group)
    return c, last
