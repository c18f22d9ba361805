from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from cleaning.blocks import judge, second_opinion, segment, settle, unsure
from cleaning.blocks.model import Forest, Model
from cleaning.blocks.page import Page
from cleaning.blocks.select import decide
from tests.cleaning.blocks.pages import MENU, PARAGRAPHS, RELATED, news_page, tree_of


class Doubter:
    """A forest to which nothing is text."""

    def raw(self, columns: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float64]:
        return np.full(len(columns["log_chars"]), -5.0)


def judged(markup: str) -> tuple[Page, str]:
    tree = tree_of(markup)
    page = segment(tree)
    return page, second_opinion(tree, page)


@pytest.mark.parametrize("asked", [True, False])
def test_the_article_stays_and_the_furniture_goes(asked: bool) -> None:
    page, opinion = judged(news_page())
    text = judge(page, opinion if asked else None).text
    assert all(paragraph in text for paragraph in PARAGRAPHS)
    for furniture in (*MENU, *RELATED, "newsletter", "All rights reserved"):
        assert furniture not in text


def test_kept_and_removed_divide_the_candidate_region() -> None:
    page, opinion = judged(news_page(body='<div class="newsletter-signup"><p>Sign up for our newsletter.</p></div>'))
    judgement = judge(page, opinion)
    indexes = [v.block.index for v in judgement.verdicts]
    assert indexes == sorted(set(indexes))
    assert len(judgement.kept) + len(judgement.removed) == len(judgement.verdicts)
    inside = range(judgement.kept[0].block.index, judgement.kept[-1].block.index + 1)
    assert set(inside) <= set(indexes)
    assert judgement.text == "\n\n".join(v.block.text for v in judgement.kept)
    assert all(0 <= v.probability <= 1 for v in judgement.verdicts)


def test_what_only_trafilatura_kept_is_accounted_for() -> None:
    page, _ = judged(news_page())
    footer = "© 2026 The Harbor Post. All rights reserved."
    judgement = judge(page, "\n".join((*PARAGRAPHS, footer)))
    assert [v.keep for v in judgement.verdicts if v.block.text == footer] == [False]


def test_the_same_page_is_judged_the_same() -> None:
    first, second = (judge(*judged(news_page())) for _ in range(2))
    assert first.verdicts == second.verdicts
    assert first.expected_f1 == second.expected_f1


def test_a_page_without_text_has_an_empty_article() -> None:
    page, opinion = judged("<html><body><script>1</script></body></html>")
    judgement = judge(page, opinion)
    assert (judgement.verdicts, judgement.text, judgement.expected_f1) == ((), "", 0.0)


def test_only_a_doubtful_page_that_nobody_was_asked_about_is_unsure() -> None:
    page, opinion = judged(news_page())
    doubtful = replace(judge(page, None), expected_f1=0.8)
    assert unsure(doubtful)
    assert unsure(doubtful, fast=True)
    assert not unsure(replace(judge(page, opinion), expected_f1=0.8))


def test_the_fast_mode_asks_less_often() -> None:
    between = replace(judge(segment(tree_of(news_page())), None), expected_f1=0.95)
    assert unsure(between)
    assert not unsure(between, fast=True)
    assert not unsure(replace(between, expected_f1=0.99))


def test_where_the_model_believes_nothing_trafilatura_is_believed() -> None:
    cells = "".join(f"<li><a href=/{n}>Offer number {n} of the day</a></li>" for n in range(40))
    page, _ = judged(f"<html><body><nav><ul>{cells}</ul></nav></body></html>")
    opinion = "\n".join(page.texts[:20])
    nothing = cast(Forest, Doubter())
    judgement = decide(page, opinion, Model(nothing, nothing))
    assert judgement.origin == "trafilatura"
    assert judgement.why
    assert [v.block.text for v in judgement.kept] == page.texts[:20]


def test_a_body_that_exists_only_as_json_ld_is_rescued() -> None:
    body = "\n".join(PARAGRAPHS)
    script = f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", "articleBody": body})}</script>'
    page, opinion = judged(f"<html><head>{script}</head><body><nav><a href=/>Home</a></nav></body></html>")
    judgement = judge(page, opinion)
    assert judgement.text == "\n\n".join(PARAGRAPHS)
    assert {v.block.kind for v in judgement.kept} == {"pseudo"}


def test_an_answer_that_confuses_is_not_heard_where_trafilatura_read_less_than_half() -> None:
    page, opinion = judged(news_page())
    first, second = judge(page, None), judge(page, opinion)
    assert second.taken is not None
    assert settle(first, second) is second
    confused = replace(second, expected_f1=first.expected_f1 - 0.2)
    assert settle(first, confused) is confused
    misread = replace(confused, taken=np.zeros(len(page)))
    assert settle(first, misread) is first
    assert settle(replace(first, expected_f1=0.5), replace(misread, expected_f1=0.45)).asked


def test_a_fallback_to_trafilatura_stands_unless_the_model_alone_is_fairly_sure() -> None:
    page, opinion = judged(news_page())
    first, second = judge(page, None), judge(page, opinion)
    fallback = replace(second, expected_f1=0.1, origin="trafilatura")
    assert settle(replace(first, expected_f1=0.6), fallback) is fallback
    assert settle(first, fallback) is first


def test_an_answer_that_is_sure_against_what_only_the_model_chose_is_heard() -> None:
    page, _ = judged(news_page())
    first = judge(page, None)
    second = judge(page, PARAGRAPHS[0])
    assert second.taken is not None
    only = first.keep & (second.taken < 0.6)
    assert only.any()
    probabilities = {
        mean: replace(second, article=np.where(only, mean, second.article), expected_f1=0.5) for mean in (0.2, 0.4)
    }
    assert settle(first, probabilities[0.2]) is probabilities[0.2]
    assert settle(first, probabilities[0.4]) is first
    sure_fallback = replace(probabilities[0.2], origin="trafilatura")
    assert settle(first, sure_fallback) is sure_fallback
