"""The versions of a URL do not depend on the order or the grouping in which its fetches arrive."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaning.records import Removal
from flows.publishing.revisions import Text, as_article, as_revisions, merge, removal_rows
from tests.flows.rows import NOON, article

FETCHES = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=8)


def texts(fetches: list[tuple[str, int, int]]) -> list[Text]:
    rows = [
        replace(
            article(1, text=f"Text {text}."),
            fetched_at=NOON + timedelta(hours=hour),
            raw_offset=10 * offset + ord(text),
        )
        for text, hour, offset in fetches
    ]
    return [Text(row, ()) for row in rows]


@given(FETCHES, st.randoms(use_true_random=False), st.integers(0, 8))
def test_order_and_grouping_do_not_matter(fetches: list[tuple[str, int, int]], chance: random.Random, cut: int) -> None:
    together = merge(texts(fetches))
    shuffled = texts(fetches)
    chance.shuffle(shuffled)
    assert merge(shuffled) == together
    assert merge([*merge(shuffled[:cut]), *shuffled[cut:]]) == together


@given(FETCHES)
def test_versions_are_the_distinct_texts_numbered_by_their_first_fetch(fetches: list[tuple[str, int, int]]) -> None:
    versions = merge(texts(fetches))
    assert len(versions) == len({text for text, _, _ in fetches})
    assert [v.row.revision for v in versions] == list(range(1, len(versions) + 1))
    assert [v.order for v in versions] == sorted(v.order for v in versions)
    for version in versions:
        assert version.order == min(t.order for t in texts(fetches) if t.row.text_hash == version.row.text_hash)


def test_earlier_versions_say_when_they_were_superseded_and_belong_to_the_story_of_the_newest() -> None:
    versions = merge(texts([("a", 0, 0), ("b", 1, 0), ("c", 2, 0)]))
    earlier = as_revisions(versions, "story")
    assert [r.superseded_at for r in earlier] == [NOON + timedelta(hours=1), NOON + timedelta(hours=2)]
    assert [as_article(row) for row in earlier] == [replace(v.row, cluster_id="story") for v in versions[:-1]]
    assert as_revisions(versions[:1], "story") == []


def test_a_text_that_lost_a_line_to_a_new_rule_is_no_new_version() -> None:
    before, after = texts([("a", 0, 0), ("b", 1, 0)])
    line = "Sign up for our letter."
    before = replace(before, row=replace(before.row, text=f"News.\n\n{line}"))
    after = replace(after, row=replace(after.row, text="News."), removals=(Removal(1, line, "en/letter", "why"),))
    [version] = merge([after, before])
    assert version.row.text == before.row.text
    changed = replace(after, row=replace(after.row, text="Other news."))
    assert len(merge([before, changed])) == 2


def test_every_removal_is_a_row_of_its_version() -> None:
    [version] = merge([replace(texts([("a", 0, 0)])[0], removals=(Removal(3, "Share", "en/share", "why", 0.9),))])
    [row] = removal_rows(version)
    assert (row.source, row.published_date) == (version.row.source, version.row.published_date)
    assert (row.article_id, row.revision, row.position, row.text, row.rule, row.probability) == (
        version.row.article_id,
        1,
        3,
        "Share",
        "en/share",
        0.9,
    )


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ({"title": "Another headline"}, ("title",)),
        ({"authors": ("Ben Weir",)}, ("authors",)),
        ({"published_at": NOON - timedelta(days=1)}, ("published_at",)),
        ({"title": "Another headline", "text": "Other.", "text_hash": "f" * 32}, ("text", "title")),
    ],
)
def test_what_a_page_states_is_part_of_its_version(change: dict[str, Any], changed: tuple[str, ...]) -> None:
    before, after = texts([("a", 0, 0), ("a", 1, 1)])
    versions = merge([before, replace(after, row=replace(after.row, **change))])
    assert [v.row.changed for v in versions] == [(), changed]
    assert [v.row.revision for v in versions] == [1, 2]


@pytest.mark.parametrize(
    "change",
    [
        {"title": "HEADLINE  1"},
        {"title": "Another headline", "rules_version": "1" * 12},
        {"published_at": NOON - timedelta(days=1), "date_source": "sitemap", "date_confidence": "medium"},
    ],
)
def test_what_typography_other_rules_or_a_sitemap_make_of_it_is_no_version(change: dict[str, Any]) -> None:
    before, after = texts([("a", 0, 0), ("a", 1, 1)])
    if "date_source" in change:
        before = replace(before, row=replace(before.row, date_source="sitemap", date_confidence="medium"))
    assert len(merge([before, replace(after, row=replace(after.row, **change))])) == 1


def test_a_text_that_changes_while_its_date_of_modification_does_not_is_a_silent_edit() -> None:
    first, silent, said = texts([("a", 0, 0), ("b", 1, 0), ("c", 2, 0)])
    said = replace(said, row=replace(said.row, modified_at=NOON + timedelta(hours=2)))
    assert [v.row.flags for v in merge([first, silent, said])] == [(), ("silent-edit",), ()]
    assert [v.row.flags for v in merge([first, said])] == [(), ()]
    late = replace(silent, row=replace(silent.row, modified_at=NOON - timedelta(days=9)))  # known since, not moved
    assert [v.row.flags for v in merge([first, late])] == [(), ("silent-edit",)]
