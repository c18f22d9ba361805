from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from cleaning.duplicates.fold import fold
from cleaning.duplicates.words import Words, find_words


def words_of(*texts: str) -> Words:
    (piece,) = fold(pa.array(texts, pa.string()))
    return find_words(piece)


@given(st.lists(st.text(alphabet="abz019", min_size=1, max_size=40), min_size=1, max_size=30))
def test_words_hash_alike_exactly_when_they_are_alike(words: list[str]) -> None:
    found = words_of(" ".join(words))
    assert len(found.hashes) == len(words)
    by_hash = {int(h): w for h, w in zip(found.hashes, words, strict=True)}
    assert len(by_hash) == len(set(words))
    assert all(by_hash[int(h)] == w for h, w in zip(found.hashes, words, strict=True))


def test_no_word_goes_over_the_end_of_a_document_or_line() -> None:
    found = words_of("alpha beta", "gamma", "", "delta\nepsilon zeta")
    assert found.bounds.tolist() == [0, 2, 3, 3, 6]
    assert found.lines.tolist() == [0, 2, 3, 4, 6]


def test_figures_and_capitals_are_told() -> None:
    found = words_of("The 24th \u00c9lan rose 3.5 percent")
    assert found.has_digit.tolist() == [False, True, False, False, True, True, False]
    assert found.has_capital.tolist() == [True, False, True, False, False, False, False]


def test_scripts_without_spaces_have_many_words() -> None:
    text = "\u65e5\u672c\u306e\u9996\u76f8\u306f\u6628\u65e5\u6771\u4eac\u3067\u4f1a\u898b\u3057\u305f"
    thai = "\u0e19\u0e32\u0e22\u0e01\u0e23\u0e31\u0e10\u0e21\u0e19\u0e15\u0e23\u0e35\u0e41\u0e16\u0e25\u0e07"
    assert len(words_of(text).hashes) == len(text) - 2  # overlapping runs of three characters
    assert len(words_of(thai).hashes) == len(thai) - 7  # of eight
    mixed = words_of(f"Tokyo {text} 2026")
    assert len(mixed.hashes) == len(text)
    assert mixed.has_digit[-1]


def test_an_inserted_character_changes_only_the_words_around_it() -> None:
    text = "\u65e5\u672c\u306e\u9996\u76f8\u306f\u6628\u65e5\u6771\u4eac\u3067\u4f1a\u898b\u3057\u305f"
    before = set(words_of(text).hashes.tolist())
    after = set(words_of(text[:8] + "\u524d" + text[8:]).hashes.tolist())
    assert len(before - after) <= 3
