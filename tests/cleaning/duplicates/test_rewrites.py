from __future__ import annotations

import random
import tomllib

import numpy as np
import pyarrow as pa
import pytest

from cleaning.duplicates.days import UNDATED
from cleaning.duplicates.links.candidates import WINDOW_DAYS, find_candidates
from cleaning.duplicates.links.evidence import Evidence
from cleaning.duplicates.rewrites import WEIGHTS, Rewrites, compare, find_rewrites, numbers_of
from cleaning.duplicates.terms import find_terms, join_terms, with_documents
from tests.cleaning.duplicates.news import VOCABULARY


def told(names: list[str], figures: list[str], rare: list[str], seed: int) -> str:
    """A text about these, in words of its own."""
    draw = random.Random(seed)
    common = VOCABULARY[:300]
    # what happened comes first, in the words of the event
    lead = [*rare, *random.Random(rare[-1]).sample(common, 20)]
    words = [*names, *figures, *(draw.choice(common) for _ in range(90))]
    draw.shuffle(words)
    return " ".join([*lead, *words])


def event(seed: int) -> tuple[list[str], list[str], list[str]]:
    draw = random.Random(seed)
    return (
        [w.capitalize() for w in draw.sample(VOCABULARY[1000:], 8)],
        [str(draw.randrange(1_000, 999_999)) for _ in range(4)],
        draw.sample(VOCABULARY[300:1000], 12),
    )


def texts() -> list[str]:
    plain = [told(*event(s), seed=s) for s in range(40)]
    again = told(*event(0), seed=100)
    names, figures, rare = event(1)
    other_figures = told(names, [str(int(f) + 17) for f in figures], rare[:2], seed=101)
    return [*plain, again, other_figures]


def test_the_same_event_in_other_words_is_linked_and_nothing_else() -> None:
    terms, _ = find_terms(pa.array(texts()))
    found = find_rewrites(terms, np.zeros(42, dtype=np.int64))
    assert pairs_of(found.take(~found.follows)) == [(0, 40)]
    assert 0.58 <= found.score[0] <= 1
    # the same names with other figures are no rewrite, but may be the next step
    assert pairs_of(found.take(found.follows)) == [(1, 41)]


def pairs_of(found: Rewrites) -> list[tuple[int, int]]:
    return list(zip(found.a.tolist(), found.b.tolist(), strict=True))


def test_a_weekly_report_with_other_figures_is_no_rewrite_of_the_last() -> None:
    names, figures, rare = event(2)
    sentences = told(names, [], rare, seed=7)
    weekly = [f"{sentences} {' '.join(figures)}", f"{sentences} {' '.join(str(int(f) + 31) for f in figures)}"]
    again = f"{sentences} {' '.join(figures)}"
    days = np.zeros(43, dtype=np.int64)
    others = [told(*event(s), seed=s) for s in range(40, 80)]
    terms, _ = find_terms(pa.array([*weekly, *others, again]))
    found = find_rewrites(terms, days)
    assert pairs_of(found.take(~found.follows)) == [(0, 42)]
    template = np.full(43, -1)
    template[[0, 1, 42]] = 0
    # where a form is known, its reports are steps of no story
    assert pairs_of(found.without_series(template)) == [(0, 42)]


def test_what_speaks_for_a_rewrite_raises_its_score_and_a_link_is_no_certainty() -> None:
    scores = tomllib.loads(WEIGHTS.read_text(encoding="utf-8"))
    weights = scores["rewrite"]["weights"]
    assert {*weights, *scores["follow_up"]["weights"]} <= set(Evidence.__slots__)
    assert min(weights[name] for name in ("names", "all_names", "words", "figures")) > 0
    assert max(weights[name] for name in ("length", "ratio")) < 0  # a long text shares more by chance
    terms, _ = find_terms(pa.array(texts()))
    found, evidence = compare(terms, np.zeros(42, dtype=np.int64))
    assert 0 < found.score[0] < 1
    assert evidence.columns(numbers_of("rewrite")).shape == (len(found.a), len(weights))


def test_few_articles_in_another_language_are_no_rewrites_of_each_other_for_its_common_words() -> None:
    def foreign(seed: int) -> str:
        draw = random.Random(seed)
        common = [f"{w}que" for w in VOCABULARY[:50]]
        words = [draw.choice(common) for _ in range(160)] + [f"{w}que" for w in draw.sample(VOCABULARY[300:], 40)]
        draw.shuffle(words)
        return " ".join(w.capitalize() if n % 9 == 0 else w for n, w in enumerate(words))

    many = [told(*event(s), seed=s) for s in range(400)]
    few = [foreign(s) for s in range(8)]
    terms, _ = find_terms(pa.array([*many, *few]))
    found, _ = compare(terms, np.zeros(408, dtype=np.int64))
    of_few = found.score[(found.a >= 400) & (found.b >= 400)]
    assert len(of_few) > 10  # words that begin sentences are taken for names
    assert of_few.max() < 0.5


def test_only_articles_of_one_week_are_compared() -> None:
    terms, _ = find_terms(pa.array(texts()))
    published = np.zeros(42, dtype=np.int64)
    published[40:] = WINDOW_DAYS + 1
    assert not len(find_rewrites(terms, published).a)
    published[40:] = WINDOW_DAYS
    assert pairs_of(find_rewrites(terms, published)) == [(0, 40), (1, 41)]
    published[40:] = UNDATED  # compared with everything
    assert pairs_of(find_rewrites(terms, published)) == [(0, 40), (1, 41)]


def test_terms_of_batches_joined_are_those_of_the_whole() -> None:
    whole, lines = find_terms(pa.array(texts()))
    first, some = find_terms(pa.array(texts()[:15]))
    second, rest = find_terms(pa.array(texts()[15:]))
    joined = join_terms([first, second])
    assert lines == some + rest
    assert np.array_equal(joined.names.terms, whole.names.terms)
    assert np.array_equal(joined.words.bounds, whole.words.bounds)
    assert np.array_equal(joined.length, whole.length)


@pytest.mark.parametrize("first", [0, 1, 40, 57, 79, 80])
def test_pairs_of_the_latest_documents_are_those_that_all_pairs_hold(first: int) -> None:
    told_twice = [told(*event(n % 40), seed=n) for n in range(80)]
    terms, _ = find_terms(pa.array(told_twice))
    days = np.arange(80) // 12
    every, latest = find_rewrites(terms, days), find_rewrites(terms, days, later_from=first)
    expected = every.take(every.b >= first)
    assert all(np.array_equal(getattr(latest, n), getattr(expected, n)) for n in expected.__slots__)
    assert len(every.a) == 40


@pytest.mark.parametrize("docs", [[], [0], [3, 7, 39], [*range(40)]])
def test_documents_that_are_exchanged_have_their_new_terms_and_the_others_theirs(docs: list[int]) -> None:
    before, new = [told(*event(n), seed=n) for n in range(40)], [told(*event(n), seed=n) for n in range(50, 90)]
    new[3] = ""
    numbers = np.array(docs, dtype=np.int64)
    part, _ = find_terms(pa.array([new[n] for n in docs], pa.string()))
    found = with_documents(find_terms(pa.array(before))[0], numbers, part)
    expected, _ = find_terms(pa.array([new[n] if n in docs else text for n, text in enumerate(before)]))
    assert np.array_equal(found.length, expected.length)
    for one, other in ((found.names, expected.names), (found.words, expected.words)):
        assert np.array_equal(one.terms, other.terms)
        assert np.array_equal(one.bounds, other.bounds)


def test_lines_of_the_site_are_left_out() -> None:
    text = "Agnes Moreau spoke\nRead Daily Planet"
    with_line, lines = find_terms(pa.array([text]))
    without, _ = find_terms(pa.array([text]), np.array([False, True]))
    assert lines == 2
    assert len(without.names.terms) == len(with_line.names.terms) - 3


def _names(text: str) -> np.ndarray:
    return find_terms(pa.array([text]))[0].names.terms


@pytest.mark.parametrize("none", [[], [""], ["no name", "at all"]])
def test_texts_without_names_have_no_rewrites(none: list[str]) -> None:
    terms, _ = find_terms(pa.array(none, pa.string()))
    assert not len(find_rewrites(terms, np.zeros(len(none), dtype=np.int64)).a)


def test_what_follows_days_later_or_with_other_figures_is_a_follow_up() -> None:
    terms, _ = find_terms(pa.array(texts()))
    days = np.zeros(42, dtype=np.int64)
    assert not find_rewrites(terms, days).follows[0]
    days[40] = 3
    assert find_rewrites(terms, days).follows[0]


def test_what_begins_with_another_event_is_a_follow_up() -> None:
    names, figures, rare = event(0)
    others = [told(*event(s), seed=s) for s in range(40)]
    later = " ".join([*VOCABULARY[700:760], *names, *figures, *rare, *random.Random(9).sample(VOCABULARY[:300], 60)])
    terms, _ = find_terms(pa.array([*others, later]))
    found = find_rewrites(terms, np.zeros(41, dtype=np.int64), 0.5)
    assert pairs_of(found) == [(0, 40)]
    assert found.follows[0]


def test_a_score_below_that_of_rewrites_makes_a_follow_up_at_most() -> None:
    terms, _ = find_terms(pa.array(texts()))
    days = np.zeros(42, dtype=np.int64)
    assert not len(find_rewrites(terms, days, 0.9999, None).a)
    found = find_rewrites(terms, days, 0.9999)
    assert found.follows.tolist() == [True, True]


def test_how_rare_a_name_is_is_counted_by_the_week() -> None:
    """40 articles name it, one each ten days; only two of one week share it and another."""
    plain = [told(*event(s), seed=s) for s in range(40)]
    both = " ".join(w.capitalize() for w in VOCABULARY[990:992])
    days = np.arange(40) * 10
    days[1] = 3
    terms, _ = find_terms(pa.array([f"{text} {both}" for text in plain]))
    a, b = find_candidates(terms.names, days.astype(np.int64))
    assert list(zip(a.tolist(), b.tolist(), strict=True)) == [(0, 1)]
    a, _ = find_candidates(terms.names, np.zeros(40, dtype=np.int64))
    assert not len(a)
