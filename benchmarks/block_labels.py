"""Which blocks of a page its gold text holds: the labels that the block model learns from."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from cleaning.blocks.page import Page
from cleaning.blocks.tokens import GRAM, Tokens

MOSTLY = 2.5  # times a snippet's length up to which a block is that snippet and little else
PART = 20  # characters from which a block can be a part of a snippet
SLACK = 3  # words that a short block may stand outside the gap between its neighbours


def align(t: Tokens, gold: str) -> NDArray[np.float64]:
    """Share of the words of each block that the gold text holds, each gold word spent once.

    Long blocks choose first, so that a paragraph wins over the pull quote that repeats a part of it; short ones must
    stand between the places of their neighbours in the gold text.
    """
    numbers = t.numbers(gold)
    spent = np.zeros(len(numbers), bool)
    where: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for i in range(len(numbers) - GRAM + 1):
        where[tuple(numbers[i : i + GRAM].tolist())].append(i)
    blocks = len(t.count)
    share = np.zeros(blocks)
    low = np.full(blocks, -1)
    high = np.full(blocks, -1)
    ids = [t.ids[t.start[b] : t.start[b + 1]].tolist() for b in range(blocks)]
    order = sorted((b for b in range(blocks) if len(ids[b]) > GRAM), key=lambda b: -len(ids[b]))
    for b in order:
        matched = _spend(ids[b], numbers, spent, where)
        share[b] = len(matched) / len(ids[b])
        if share[b] >= 0.5:
            low[b], high[b] = min(matched), max(matched)
    for b in range(blocks):
        if 0 < len(ids[b]) <= GRAM:
            after = max((int(h) for h in high[max(0, b - 12) : b] if h >= 0), default=-1)
            before = min((int(p) for p in low[b + 1 : b + 13] if p >= 0), default=len(numbers))
            place = _find(ids[b], numbers, spent, after, before)
            if place >= 0:
                spent[place : place + len(ids[b])] = True
                share[b] = 1.0
                low[b], high[b] = place, place + len(ids[b]) - 1
    return share


def _spend(
    ids: list[int], numbers: NDArray[np.int64], spent: NDArray[np.bool_], where: dict[tuple[int, ...], list[int]]
) -> list[int]:
    """Gold positions that a block takes, in its order; they are spent afterwards."""
    matched: list[int] = []
    i = 0
    while i < len(ids):
        if (
            matched
            and matched[-1] + 1 < len(numbers)
            and numbers[matched[-1] + 1] == ids[i]
            and not spent[matched[-1] + 1]
        ):
            matched.append(matched[-1] + 1)
            i += 1
            continue
        places = [p for p in where.get(tuple(ids[i : i + GRAM]), ()) if not spent[p] and not spent[p + GRAM - 1]]
        if matched:
            places = [p for p in places if p > matched[-1]] or places
        taken = set(matched)
        places = [p for p in places if p not in taken]
        if places:
            matched.extend(range(places[0], places[0] + GRAM))
            i += GRAM
        else:
            i += 1
    if len(matched) >= 0.5 * len(ids):
        spent[matched] = True
    return matched


def _find(ids: list[int], numbers: NDArray[np.int64], spent: NDArray[np.bool_], after: int, before: int) -> int:
    """First unspent place of a short run of words between two places; -1 where there is none."""
    for p in range(max(0, after + 1 - SLACK), min(len(numbers), before + SLACK) - len(ids) + 1):
        if numbers[p : p + len(ids)].tolist() == ids and not spent[p : p + len(ids)].any():
            return p
    return -1


def holders(page: Page, stay: object, go: object) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Blocks that a snippet says must stay, and those that one says must go; contradictions are neither."""
    must_stay, must_go = np.zeros(len(page), bool), np.zeros(len(page), bool)
    for snippet in stay if isinstance(stay, list) else ():
        must_stay[_holders(page, snippet)] = True
    for snippet in go if isinstance(go, list) else ():
        # a long block that merely holds the words is no boilerplate
        must_go[[b for b in _holders(page, snippet) if len(page.texts[b]) < MOSTLY * len(snippet)]] = True
    return must_stay & ~must_go, must_go & ~must_stay


def _holders(page: Page, snippet: str) -> list[int]:
    """Blocks that hold a snippet or are a part of it."""
    flat = " ".join(snippet.split())
    return [n for n, text in enumerate(page.texts) if flat in text or (len(text) > PART and text in flat)]
