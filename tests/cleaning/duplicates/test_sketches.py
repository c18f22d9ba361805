from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaning.duplicates.pairs import level_sizes, measure
from cleaning.duplicates.sketches import FULL_GRAMS, Sketches, join, level_of, reorder, sample, sketch
from tests.cleaning.duplicates.news import article, cut, edited


def sketches_of(*texts: str) -> Sketches:
    return sketch(sample(pa.array(texts, pa.string())))


def true_shares(one: str, other: str) -> tuple[float, float]:
    """Containment of one in the other, and resemblance, of all 3-grams."""

    def grams(text: str) -> set[tuple[str, ...]]:
        words = text.lower().replace(".", " ").split()
        return set(zip(words, words[1:], words[2:], strict=False))

    a, b = grams(one), grams(other)
    return len(a & b) / len(a), len(a & b) / len(a | b)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=8), st.randoms())
@settings(max_examples=20, deadline=None)
def test_a_sketch_does_not_depend_on_its_batch_or_place(seeds: list[int], random: object) -> None:
    texts = [article(s) for s in seeds]
    together = sketches_of(*texts)
    for i, text in enumerate(texts):
        alone = sketches_of(text)
        assert np.array_equal(together.grams[together.bounds[i] : together.bounds[i + 1]], alone.grams)


def test_batches_joined_are_the_batch() -> None:
    texts = [article(s) for s in range(9)]
    whole = sample(pa.array(texts))
    parts = join([sample(pa.array(texts[:4])), sample(pa.array(texts[4:]))])
    for name in ("doc", "gram", "first_line", "last_line", "level", "words", "text"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name)), name
    assert np.array_equal(whole.lines.doc, parts.lines.doc)


def test_reordering_moves_whole_sketches() -> None:
    texts = [article(s, sentences=3 + s) for s in range(5)]
    order = np.array([3, 0, 4, 2, 1])
    moved, direct = reorder(sketches_of(*texts), order), sketches_of(*(texts[i] for i in order))
    assert np.array_equal(moved.grams, direct.grams)
    assert np.array_equal(moved.bounds, direct.bounds)


def test_short_texts_keep_all_their_grams_and_long_ones_an_eighth() -> None:
    assert level_of(np.array([3, FULL_GRAMS, 2 * FULL_GRAMS + 2, 300, 9_000])).tolist() == [0, 0, 1, 3, 3]
    short, long = article(1, sentences=4), article(2, sentences=300)
    found = sketches_of(short, long)
    sizes = np.diff(found.bounds)
    assert sizes[0] == 4 * 14 - 2
    assert sizes[1] == pytest.approx(300 * 14 / 8, rel=0.15)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_containment_and_resemblance_are_those_of_all_grams(share: float) -> None:
    found_containment, found_resemblance, expected = [], [], []
    for seed in range(30):
        text = article(seed, sentences=40)
        excerpt = edited(cut(text, share), 0.05, seed)
        sketches = sketches_of(excerpt, text)
        pairs = measure(sketches, np.array([0]), np.array([1]))
        found_containment.append(pairs.shared[0] / pairs.size_a[0])
        found_resemblance.append(pairs.shared[0] / (pairs.size_a[0] + pairs.size_b[0] - pairs.shared[0]))
        expected.append(true_shares(excerpt, text))
    truth = np.mean(expected, axis=0)
    assert np.mean(found_containment) == pytest.approx(truth[0], abs=0.05)
    assert np.mean(found_resemblance) == pytest.approx(truth[1], abs=0.05)


def test_texts_of_the_same_words_have_one_hash_whatever_their_form() -> None:
    texts = ["The prime minister said no.", "the  PRIME minister\nsaid \u201cno\u201d", "The prime minister no said."]
    hashes = sample(pa.array(texts)).text
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize("texts", [[], [""], ["one"], ["", "one two", ""], ["a b c"]])
def test_next_to_nothing_is_no_error(texts: list[str]) -> None:
    sampled = sample(pa.array(texts, pa.string()))
    found = sketch(sampled)
    assert len(found) == len(texts) == len(sampled.text)
    assert level_sizes(found.grams, found.bounds)[0].shape == (4, len(texts))
