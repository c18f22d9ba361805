from __future__ import annotations

import numpy as np
import pytest

from cleaning.blocks.features_text import covered_by
from cleaning.blocks.tokens import tokenise
from cleaning.blocks.words.lexicon import GROUPS, word_bits
from cleaning.blocks.words.vocabulary import NAMES, class_mask


def named(names: str) -> set[str]:
    return {name for n, name in enumerate(NAMES) if class_mask(names) >> n & 1}


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        ("articleBody", {"body"}),
        ("article-body c-2", {"body"}),
        ("newslettersignup", {"signup"}),
        ("relatedPosts", {"related", "body"}),
        ("address", set()),
        ("site-footer", {"footer"}),
        ("css-1x2y3z", set()),
        ("", set()),
    ],
)
def test_class_names_are_read_as_chains_of_words(names: str, groups: set[str]) -> None:
    assert named(names) == groups


def test_every_word_group_has_a_bit_of_its_own() -> None:
    bits = word_bits()
    assert len(set(GROUPS)) == len(GROUPS)
    assert bits["newsletter"] == 1 << GROUPS.index("signup")
    assert all(0 < value < 1 << len(GROUPS) for value in bits.values())


def test_words_are_counted_block_by_block() -> None:
    t = tokenise(["One two, three.", "…", "Two ones"])
    assert t.count.tolist() == [3, 0, 2]
    assert t.block.tolist() == [0, 0, 0, 2, 2]
    assert t.ids[1] == t.ids[3]  # case does not matter
    assert t.upper.tolist() == [True, False, False, True, False]
    assert t.mean(t.size).tolist() == pytest.approx([11 / 3, 0, 3.5])


def test_scripts_without_spaces_count_by_character() -> None:
    assert tokenise(["東京で会議"]).count.tolist() == [5]


def test_nothing_to_count() -> None:
    assert tokenise([]).count.tolist() == []
    assert tokenise([""]).count.tolist() == [0]


def test_coverage_is_the_share_of_words_in_shared_shingles() -> None:
    t = tokenise(["the pier stays closed until spring", "read more here now", "more"])
    share = covered_by(t, t.numbers("Officials say the pier stays closed, and want more."))
    assert share.tolist() == pytest.approx([4 / 6, 0, 0.5])
    assert not np.any(covered_by(t, t.numbers("")))
