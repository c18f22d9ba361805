from __future__ import annotations

import numpy as np
import pytest

from cleaning.blocks import segment
from cleaning.blocks.agreement import compare
from cleaning.blocks.features import describe
from cleaning.blocks.measures import Columns
from cleaning.blocks.model import shipped
from cleaning.blocks.tokens import tokenise
from tests.cleaning.blocks.pages import PARAGRAPHS, RELATED, news_page, tree_of


def features(markup: str, extracted: str = "") -> tuple[list[str], Columns]:
    page = segment(tree_of(markup))
    tokens = tokenise(page.texts)
    return page.texts, describe(page, tokens) | compare(page, tokens, extracted)


@pytest.mark.parametrize(
    "markup", [news_page(), "<p>x</p>", "<html><body>only text", "<ul><li>…</li><li>東京</li></ul>"]
)
def test_every_feature_is_finite_and_one_number_a_block(markup: str) -> None:
    texts, columns = features(markup)
    for name, column in columns.items():
        assert column.shape == (len(texts),), name
        assert column.dtype == np.float32, name
        assert np.isfinite(column).all(), name


def test_the_shipped_model_asks_for_no_feature_that_is_not_computed() -> None:
    _, columns = features(news_page())
    assert set(shipped().together.features) <= set(columns)
    assert set(shipped().alone.features) <= {name for name in columns if not name.startswith("taken")}


def test_features_tell_the_body_from_the_menu() -> None:
    texts, c = features(news_page())
    body, menu, related = texts.index(PARAGRAPHS[1]), texts.index("Sport"), texts.index(RELATED[1])
    assert c["in_core"][[body, menu, related]].tolist() == [1, 0, 0]
    assert c["link_density"][[body, menu]].tolist() == [0, 1]
    assert c["final"][[body, menu]].tolist() == [1, 0]
    assert c["up1_prose"][body] > 0.8 > c["up1_prose"][menu]
    assert c["class_nav"][menu] > 0 == c["class_nav"][body]
    assert c["under_related"][related] > 0
    assert c["affinity"][body] > c["affinity"][menu]
    assert c["covers_title"][texts.index("Pier stays closed until spring")] == 1


def test_a_repeated_block_knows_that_it_is_one() -> None:
    texts, c = features(news_page(body=f"<p>{PARAGRAPHS[0]}</p>"))
    first, second = (n for n, text in enumerate(texts) if text == PARAGRAPHS[0])
    assert c["repeated"][[first, second]].tolist() == [1, 1]
    assert c["seen_before"][[first, second]].tolist() == [0, 1]


def test_the_second_opinion_is_matched_block_by_block() -> None:
    texts, c = features(news_page(), "\n".join(PARAGRAPHS[:2]))
    taken = {text: float(share) for text, share in zip(texts, c["taken"], strict=True)}
    assert taken[PARAGRAPHS[0]] == taken[PARAGRAPHS[1]] == 1
    assert taken[PARAGRAPHS[2]] < 0.5
    assert taken["Sport"] == 0
