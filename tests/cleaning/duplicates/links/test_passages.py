"""Passages: what two texts share, to the word."""

from __future__ import annotations

import random

import pytest

from cleaning.duplicates.links.passages import MIN_WORDS, SharedPassage, find_passages
from tests.cleaning.duplicates.news import VOCABULARY, article


def planted(seed: int) -> tuple[str, str, str, str]:
    """Two unrelated texts with one passage in both, set in other case and punctuation; and the passage in either."""
    draw = random.Random(seed)
    passage = [draw.choice(VOCABULARY) for _ in range(draw.randint(MIN_WORDS, 120))]
    parts = []
    for side in range(2):
        words = [w.upper() if draw.random() < 0.2 else w for w in passage]
        inside = words[0] + "".join(draw.choice([" ", ", ", "\n", " – ", "; "]) + w for w in words[1:])
        before, after = (article(seed * 4 + side * 2 + k, draw.randint(1, 8)) for k in (1_000_000, 1_000_001))
        # no word beside the passage is by chance the same in both texts
        parts.append((f"{before}\nleft{side} {inside}. right{side} {after}", inside))
    (a, in_a), (b, in_b) = parts
    return a, b, in_a, in_b


def test_two_hundred_planted_passages_are_found_to_the_word() -> None:
    for seed in range(200):
        a, b, in_a, in_b = planted(seed)
        assert find_passages(a, b) == [
            SharedPassage(a.index(in_a), len(in_a), b.index(in_b), len(in_b), len(in_a.split()) - in_a.count("–"))
        ]


def test_passages_that_were_moved_are_all_found() -> None:
    lines = article(1, 6).split("\n")
    moved = "\n".join([lines[4], "Between them stand other words.", lines[0], lines[2]])
    found = find_passages(moved, "\n".join(lines))
    assert [moved[p.start : p.start + p.length] for p in found] == [
        x.rstrip(".") for x in (lines[4], lines[0], lines[2])
    ]


def test_a_shorter_run_is_a_set_phrase_and_no_passage() -> None:
    shared = " ".join(VOCABULARY[: MIN_WORDS - 1])
    assert find_passages(f"alpha {shared} beta", f"gamma {shared} delta") == []


def test_a_passage_that_a_text_has_twice_is_found_twice_and_overlaps_nothing() -> None:
    line = article(3, 1)
    found = find_passages(f"{line}\nOther words stand here.\n{line}", f"Before it.\n{line}\nAfter it.")
    assert [p.words for p in found] == [len(line.split())] * 2
    assert found[0].start + found[0].length <= found[1].start


def test_accents_apostrophes_and_case_make_no_difference() -> None:
    a = "Le président n’a pas été élu à la majorité des voix lundi soir"
    b = "LE PRESIDENT N'A PAS ETE ELU, A LA MAJORITE DES VOIX LUNDI SOIR!"
    (only,) = find_passages(a, b)
    assert (only.start, only.length, only.other_start) == (0, len(a), 0)


@pytest.mark.parametrize("passage", ["国务院总理周一在北京会见了来访的外国代表团", "ｼﾝﾌﾞﾝｶﾞﾂﾀｴﾀﾆｭｰｽﾃﾞｱﾙ"])
def test_scripts_without_spaces_are_compared_by_character(passage: str) -> None:
    a, b = f"据报道，{passage}。双方谈了贸易。", f"消息：{passage}，并设宴招待。"
    (only,) = find_passages(a, b)
    assert (
        a[only.start : only.start + only.length]
        == passage
        == b[only.other_start : only.other_start + only.other_length]
    )


def test_runs_that_overlap_share_the_words_out_the_longest_first() -> None:
    words = [f"{word}{n}" for n, word in enumerate(VOCABULARY[:30])]
    other = f"{' '.join(words[:20])}. Elsewhere stands more: {' '.join(words[10:])}"
    found = find_passages(" ".join(words), other)
    assert [passage.words for passage in found] == [20, 10]
