"""What counts as a copy, a round-up and a story."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaning.duplicates.clusters import components
from cleaning.duplicates.pairs import COMMON, CROWD, find_pairs, find_postings, measure, without_common
from cleaning.duplicates.site_lines import host_hashes, site_lines
from cleaning.duplicates.sketches import sample, sketch
from cleaning.duplicates.verify import containment, relations, shares_enough
from cleaning.duplicates.whole import Grouping, group
from cleaning.records import Relation
from tests.cleaning.duplicates.news import article, cut, edited, report


def grouped(texts: list[str], hosts: list[str] | None = None, days: list[int] | None = None) -> Grouping:
    sampled = sample(pa.array(texts, pa.string()))
    host = host_hashes(hosts) if hosts else None
    dropped = site_lines(sampled.lines, host, sampled.text) if host is not None else None
    day = np.array(days or [0] * len(texts))
    return group(sketch(sampled, dropped), day, host, None, lambda docs: sampled.texts(docs, dropped))


def stories(texts: list[str], **more: list[str] | list[int]) -> list[int]:
    found: list[int] = grouped(texts, **more).story.tolist()  # type: ignore[arg-type]
    return found


def test_copies_that_are_cut_edited_and_wrapped_are_one_story() -> None:
    text = article(1, sentences=20)
    copies = [text, cut(text, 0.5), edited(text, 0.08), text.upper(), f"{article(2, sentences=6)}\n{text}"]
    others = [article(s) for s in range(10, 30)]
    found = stories([*copies, *others])
    assert found[: len(copies)] == [0] * len(copies)
    assert found[len(copies) :] == list(range(len(copies), len(copies) + 20))


def test_a_short_brief_is_found_again_with_a_typing_error() -> None:
    brief = article(5, sentences=2)
    other = article(6, sentences=2)
    assert stories([brief, other, edited(brief, 0.06, seed=2)]) == [0, 1, 0]


def test_texts_without_spaces_between_words_are_compared_too() -> None:
    draw = random.Random(1)

    def chinese(length: int) -> str:
        return "".join(chr(draw.randrange(0x4E00, 0x8000)) for _ in range(length)) + "\u3002"

    text = "\n".join(chinese(40) for _ in range(8))
    other = "\n".join(chinese(40) for _ in range(8))
    assert stories([text, other, text[:200] + chinese(10) + text[200:]]) == [0, 1, 0]


def test_reports_with_other_figures_are_no_copies() -> None:
    reports = [report(s) for s in range(6)]
    assert stories(reports) == list(range(6))
    assert stories([*reports, edited(reports[3], 0.03)]) == [*range(6), 3]


def test_what_a_site_says_on_every_page_makes_no_copies() -> None:
    notice = "\n".join(article(99, sentences=8).split("\n"))
    pages = [f"{notice}\n{article(s, sentences=5)}" for s in range(6)]
    assert stories(pages, hosts=["example.org"] * 6) == list(range(6))
    assert len(set(stories(pages[:2], hosts=["example.org", "example.net"]))) == 1


def test_a_ticker_that_a_site_cuts_differently_on_each_page_makes_no_copies() -> None:
    ticker = article(99, sentences=20).replace("\n", " ")
    pages = [f"{article(s, sentences=8)}\n{ticker[: 500 + 60 * s]}" for s in range(6)]
    assert stories(pages, hosts=[f"site{s}.example" for s in range(6)]) != list(range(6))
    assert stories(pages, hosts=["example.org"] * 6) == list(range(6))
    versions = [edited(article(50, sentences=12), 0.02, seed=s) for s in range(5)]
    assert stories(versions, hosts=["example.org"] * 5) == [0] * 5


def test_an_article_republished_by_its_own_site_is_no_site_line() -> None:
    text = article(3)
    hosts = ["example.org"] * 5
    assert stories([text] * 5, hosts=hosts) == [0] * 5


def test_phrases_of_many_stories_alone_make_no_copy() -> None:
    phrases = article(7, sentences=12)
    short = [f"{phrases}\n{article(s, sentences=9)}" for s in (100, 101)]
    long = [f"{article(s, sentences=80)}\n{phrases}" for s in range(200, 210)]
    assert stories(short) == [0, 0]  # of two nobody can tell
    assert stories([*short, *long]) == list(range(12))


def test_a_round_up_glues_nothing() -> None:
    one, two = article(1), article(2)
    texts = [one, two, f"{one}\n{two}", edited(one, 0.05), edited(two, 0.05)]
    found = grouped(texts, days=[1, 1, 2, 2, 2])
    assert found.aggregate.tolist() == [False, False, True, False, False]
    assert found.story.tolist() == [0, 1, 2, 0, 1]


def test_a_full_text_with_two_excerpts_is_no_round_up() -> None:
    text = article(1, sentences=24)
    lines = text.split("\n")
    excerpts = ["\n".join(lines[:11]), "\n".join(lines[13:])]
    found = grouped([text, *excerpts, text.upper()], days=[1, 2, 3, 4])
    assert not found.aggregate.any()
    assert set(found.story.tolist()) == {0}


def test_relations_tell_a_version_from_an_excerpt() -> None:
    text = article(1, sentences=30)
    sketches = sketch(sample(pa.array([text, edited(text, 0.05), cut(text, 0.4)])))
    pairs = measure(sketches, np.array([0, 0]), np.array([1, 2]))
    assert shares_enough(pairs).all()
    assert relations(pairs) == [Relation.NEAR, Relation.CONTAINED]
    of_text, of_copy = containment(pairs)
    assert of_copy[1] == 1.0
    assert of_text[1] == pytest.approx(0.4, abs=0.1)


@given(st.lists(st.integers(0, 200), max_size=30), st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_stories_do_not_depend_on_the_order_of_documents(seeds: list[int], shuffle: random.Random) -> None:
    texts = [edited(article(s % 12, sentences=8), 0.03 * (s % 4), s) for s in seeds]
    order = list(range(len(texts)))
    shuffle.shuffle(order)

    def partition(found: list[int], names: list[int]) -> set[frozenset[int]]:
        members: dict[int, set[int]] = {}
        for name, story in zip(names, found, strict=True):
            members.setdefault(story, set()).add(name)
        return {frozenset(m) for m in members.values()}

    straight = partition(stories(texts), list(range(len(texts))))
    assert partition(stories([texts[i] for i in order]), order) == straight


def test_a_story_of_more_copies_than_are_compared_pair_by_pair_stays_one() -> None:
    text = article(1, sentences=10)
    copies = [edited(text, 0.04, seed=s) for s in range(4 * CROWD)]
    found = stories([*copies, *(article(s) for s in range(500, 520))])
    assert found[: len(copies)] == [0] * len(copies)
    sketches = sketch(sample(pa.array(copies)))
    pairs = find_pairs(sketches, find_postings(sketches))
    assert len(pairs) < len(copies) * (len(copies) - 1) / 2
    assert (pairs.a < pairs.b).all()


def test_pairs_are_measured_alike_whether_found_or_given() -> None:
    texts = [edited(article(s % 6, sentences=4 + s), 0.03, seed=s) for s in range(60)] + [report(s) for s in range(30)]
    sketches = sketch(sample(pa.array(texts)))
    found = find_pairs(sketches, find_postings(sketches))
    assert len(found) > 60
    given_pairs = measure(sketches, found.a, found.b)
    for name in ("shared", "shared_digits", "size_a", "size_b", "digits_a", "digits_b"):
        assert np.array_equal(getattr(found, name), getattr(given_pairs, name)), name
    assert found.shared_digits.any()


def test_grams_of_too_many_documents_do_not_count() -> None:
    line = article(1, sentences=3)
    sketches = sketch(sample(pa.array([f"{line}\n{article(s, sentences=3)}" for s in range(2, COMMON + 4)])))
    fewer, postings = without_common(sketches, find_postings(sketches))
    assert postings.counts.max() <= COMMON
    assert np.diff(fewer.bounds).mean() < 0.6 * np.diff(sketches.bounds).mean()


@given(st.integers(1, 40), st.data())
def test_components_are_transitive_and_take_the_smallest_number(count: int, data: st.DataObject) -> None:
    node = st.integers(0, count - 1)
    edges = data.draw(st.lists(st.tuples(node, node), max_size=60))
    a, b = (np.array([e[k] for e in edges], dtype=np.int64) for k in (0, 1))
    label = components(count, a, b)
    assert (label[a] == label[b]).all()
    assert (label <= np.arange(count)).all()
    assert (label[label] == label).all()
    # no label is wider than the edges make it
    reached = {i: {i} for i in range(count)}
    for x, y in edges:
        joined = reached[x] | reached[y]
        for i in joined:
            reached[i] = joined
    assert all(label[i] == min(reached[i]) for i in range(count))
