"""Features of a block's words: length, punctuation, capitals, known words, similarity to title, body and prose.

Text density and link density as features of boilerplate: Kohlschütter, Fankhauser, Nejdl, WSDM 2010.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cleaning.blocks.measures import Columns, Shape, column, columns_of, log_column
from cleaning.blocks.page import Page
from cleaning.blocks.tokens import GRAM, Tokens, gram_hashes
from cleaning.blocks.words.lexicon import GROUPS

_COMMA, _SIGN, _OPENING, _COLON = 1, 2, 4, 8
_FLAGS = np.zeros(1 << 16, np.uint8)  # by code point
_FLAGS[[ord(c) for c in ",，、"]] = _COMMA
_FLAGS[[ord(c) for c in "|©»›…{}"]] = _SIGN  # typical of menus, credits, and of code where text should be
_FLAGS[[ord(c) for c in "\"'“‘«„‚「『–—-•·*"]] = _OPENING
_FLAGS[[ord(c) for c in ":："]] = _COLON
_CONTENT = 5  # letters from which a word says more about the topic than about the language


def text_columns(page: Page, t: Tokens, s: Shape) -> Columns:
    """Features of the form of the text, and of what its words are known for."""
    texts = page.texts
    joined = "".join(texts)
    commas, signs = _times(texts, joined)
    first, last = (_codes("".join([text[at] for text in texts])) for at in (0, -1))
    sentences = [text.count(". ") for text in texts]
    if "。" in joined:
        sentences = [n + text.count("。") for n, text in zip(sentences, texts, strict=True)]
    c: Columns = {
        "log_chars": log_column(s.chars),
        "log_words": log_column(s.words),
        "link_density": column(s.density),
        "links": log_column(np.array(page.runs.links)),
        "strong": column(np.array(page.runs.strong) / np.maximum(s.chars, 1)),
        "final": column(s.final),
        "colon": column(_flags(last) == _COLON),
        "opening": column(_flags(first) == _OPENING),
        "lower": column(np.strings.islower(first.view("<U1"))),
        "sentences": column(sentences),
        "commas": column(commas / np.maximum(s.words, 1)),
        "signs": column(signs),
        "word_size": column(t.mean(t.size)),
        "capitals": column(t.mean(t.upper)),
        "digits": column(t.mean(t.digit)),
    }  # fmt: skip
    groups = len(GROUPS)
    known = np.flatnonzero(t.said)
    word, group = np.nonzero((t.said[known, None] >> np.arange(groups)) & 1)
    said = t.block[known[word]] * groups + group
    shares = np.bincount(said, minlength=len(t.count) * groups).reshape(-1, groups)
    c |= columns_of("says_", GROUPS, shares / np.maximum(t.count, 1)[:, None])
    return c


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _flags(codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
    return _FLAGS[np.minimum(codes, len(_FLAGS) - 1)]


def _times(texts: list[str], joined: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many commas each text has, and how many signs that prose does not use."""
    flags = _flags(_codes(joined))
    ends = np.cumsum([0, *map(len, texts)])
    commas, signs = (np.concatenate(([0], np.cumsum(flags == flag)))[ends] for flag in (_COMMA, _SIGN))
    return commas[1:] - commas[:-1], signs[1:] - signs[:-1]


def overlap_columns(page: Page, t: Tokens, s: Shape) -> Columns:
    """Similarity of a block to the title, the description, the JSON-LD body, the page's prose and other blocks."""
    blocks = len(page)
    span = len(t.vocabulary) + 1
    c: Columns = {}
    for name, text in (("title", page.title), ("description", page.description)):
        numbers = np.unique(t.numbers(text))
        known = np.zeros(len(t.vocabulary) + 1, bool)
        known[numbers[numbers >= 0]] = True
        hit = known[t.ids]
        share = t.mean(hit)
        covered = np.bincount(_distinct(t.block[hit], t.ids[hit], span), minlength=blocks) / max(len(numbers), 1)
        c[f"in_{name}"] = column(share)
        c[f"covers_{name}"] = column(covered)
    c["in_json_ld"] = column(covered_by(t, t.numbers(page.json_ld))) if page.json_ld else column(np.full(blocks, -1.0))
    # how many of a block's words the prose of the other blocks uses: language and topic without a word list
    in_prose = s.prose[t.block] > 0
    spread = np.bincount(_distinct(t.ids[in_prose], t.block[in_prose], blocks), minlength=span)
    others = spread[t.ids] - in_prose
    c["affinity"] = column(t.mean(others > 0))
    content = t.size >= _CONTENT
    weight = t.mean(content)
    c["topic"] = column(t.mean((others > 0) & content) / np.maximum(weight, 1e-6) * (weight > 0))
    same: dict[str, int] = {}
    number = np.array([same.setdefault(text, len(same)) for text in page.texts], np.int64)
    times = np.bincount(number)[number]
    order = np.argsort(number, kind="stable")
    alike = number[order]
    seen = np.empty(blocks, np.int64)
    seen[order] = np.arange(blocks) - alike.searchsorted(alike)
    c["repeated"] = column(np.minimum(times - 1, 9))
    c["seen_before"] = column(np.minimum(seen, 9))
    return c


def _distinct(of: NDArray[np.int64], what: NDArray[np.int64], span: int) -> NDArray[np.int64]:
    """``of`` once per distinct pair with ``what``, whose values are less than ``span``."""
    # numbers half as wide are sorted in a quarter of the time
    wide = len(of) > 0 and int(of.max() + 1) * span > np.iinfo(np.int32).max
    pairs = (of * span + what).astype(np.int64 if wide else np.int32)
    pairs.sort()
    new = np.ones(len(pairs), bool)
    np.not_equal(pairs[1:], pairs[:-1], out=new[1:])
    return (pairs[new] // span).astype(np.int64)


def covered_by(t: Tokens, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of each block's words that are in a shingle of another text; for shorter blocks, of its single words."""
    grams, inside = t.grams()
    hit = np.isin(grams, gram_hashes(numbers)) & inside
    word_hit = hit.copy()
    for k in range(1, GRAM):
        word_hit[k:] |= hit[:-k]
    share = t.mean(word_hit)
    short = t.count < GRAM
    if short.any():
        known = np.zeros(len(t.vocabulary) + 2, bool)
        known[numbers] = True
        known[-1] = known[-2] = False
        share = np.where(short, 0.5 * t.mean(known[t.ids]), share)
    return share
