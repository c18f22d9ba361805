"""What sources take from one another, counted from copies and texts alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from cleaning.duplicates.links.sources import (
    CopiedArticle,
    PublishedText,
    is_credited,
    originality,
    own_share,
    source_edges,
)

DAY = date(2026, 7, 6)
COPY = CopiedArticle("wire", "paper", lag_seconds=60, kept=0.5, added=0.25, is_credited=True, agency="AP")


def test_a_copy_credits_its_article_by_agency_author_or_a_name_in_its_text() -> None:
    names = ("Island Post", "island.example", "")
    assert is_credited("AP", (), "Shares rose.", of="AP", names=names)
    assert is_credited(None, ("ISLAND POST",), "Shares rose.", of="AP", names=names)
    assert is_credited(None, (), "Shares rose, island.example says.", of=None, names=names)
    assert not is_credited("dpa", ("Jane Doe",), "Shares rose.", of="AP", names=names)
    assert not is_credited(None, (), "Shares rose.", of=None, names=names)


def test_an_edge_holds_means_and_the_median_of_the_lags_that_are_known() -> None:
    copies = [
        COPY,
        replace(COPY, lag_seconds=None, kept=1.0, added=0.0, is_credited=False),
        replace(COPY, lag_seconds=90),
    ]
    (edge,) = source_edges(copies, DAY)
    assert (edge.from_source, edge.to_source, edge.articles, edge.credited) == ("wire", "paper", 3, 2)
    assert (edge.median_lag_seconds, edge.agency, edge.published_date) == (60, "AP", DAY)
    assert (edge.kept_share, edge.cut_share) == pytest.approx((2 / 3, 1 / 3))
    assert edge.added_share == pytest.approx(0.5 / 3)
    (undated,) = source_edges([replace(COPY, lag_seconds=None)], DAY)
    assert undated.median_lag_seconds is None


def test_what_a_source_takes_from_itself_is_no_edge() -> None:
    edges = source_edges([replace(COPY, from_source="paper"), replace(COPY, to_source="post"), COPY], DAY)
    assert [edge.to_source for edge in edges] == ["paper", "post"]


def test_own_words_are_those_of_articles_without_agency_and_what_copies_added() -> None:
    texts = [
        PublishedText("paper", 100, None, None),
        PublishedText("paper", 300, None, "AP"),
        PublishedText("paper", 200, 0.25, None),
        PublishedText("empty", 0, None, None),
    ]
    empty, paper = originality(texts, DAY)
    assert (paper.texts, paper.copies, paper.agency_texts, paper.words, paper.own_words) == (3, 1, 1, 600, 150)
    assert (paper.originality, empty.originality) == (0.25, 0.0)


def test_a_round_up_holds_the_sum_of_its_articles_and_a_copy_the_most_of_one() -> None:
    assert own_share("aggregate", [0.25, 0.5]) == 0.25
    assert own_share("contained", [0.25, 0.5]) == 0.5
    assert own_share("aggregate", [0.75, 0.5]) == 0.0
