"""Where the model's choice is overruled, by which witnesses, and that one witness is not enough."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cleaning.blocks import Judgement, Page, correct, segment
from cleaning.blocks.tokens import tokenise
from tests.cleaning.blocks.pages import PARAGRAPHS, tree_of

PROSE = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


def page_of(body: str) -> Page:
    page = segment(tree_of(f"<html><body>{body}</body></html>"))
    page.tokens = tokenise(page.texts)
    return page


def judged(page: Page, article: dict[str, float], taken: dict[str, float] | None = None) -> Judgement:
    """A judgement with given probabilities and shares, by beginnings of texts; .9 and 1 for all others."""

    def column(known: dict[str, float], usual: float) -> NDArray[np.float64]:
        values = [next((v for k, v in known.items() if text.startswith(k)), usual) for text in page.texts]
        return np.array(values)

    probability = column(article, 0.9)
    return Judgement(page, probability >= 0.5, probability, None if taken is None else column(taken, 1.0), 0.9)


def rules(judgement: Judgement) -> dict[str, str]:
    return {judgement.page.texts[n]: by.rule for n, by in judgement.overrides.items()}


@pytest.mark.parametrize("how", ['style="display: none"', "hidden"])
def test_a_hidden_copy_of_the_text_goes_and_hidden_text_without_a_copy_stays(how: str) -> None:
    unique = "Nobody on the pier had seen the barge that evening, or so they said."
    page = page_of(f"{PROSE}<div {how}><p>{PARAGRAPHS[0]}</p><p>{unique}</p></div>")
    first = judged(page, {})
    found = correct(first, first)
    assert found.text == "\n\n".join((*PARAGRAPHS, unique))
    assert rules(found) == {PARAGRAPHS[0]: "page/hidden-copy"}


def test_a_comment_goes_where_both_witnesses_are_against_it() -> None:
    said = "I was there, and it was nothing like that."
    page = page_of(f'{PROSE}<div class="comments"><p>{said}</p></div>')
    doubtful, sure = judged(page, {said: 0.1}), judged(page, {said: 0.6})
    asked = judged(page, {said: 0.7}, {said: 0.0})
    assert rules(correct(asked, doubtful)) == {said: "page/comment"}
    assert rules(correct(asked, sure)) == {}
    assert rules(correct(judged(page, {said: 0.7}, {said: 1.0}), doubtful)) == {}


def test_code_between_two_kept_blocks_stays_where_trafilatura_took_it() -> None:
    page = page_of(f"{PROSE}<pre>git push origin main</pre>{PROSE}")
    first = judged(page, {"git": 0.1})
    assert rules(correct(judged(page, {"git": 0.1}, {}), first)) == {"git push origin main": "page/code"}
    assert rules(correct(judged(page, {"git": 0.1}, {"git": 0.0}), first)) == {}
    assert rules(correct(first, first)) == {}


def test_an_item_among_kept_siblings_stays_where_trafilatura_took_it() -> None:
    item = "So much for that"
    items = "".join(f"<li>{paragraph}</li>" for paragraph in PARAGRAPHS)
    page = page_of(f"<ul>{items}<li>{item}</li></ul>")
    first = judged(page, {item: 0.3})
    assert rules(correct(judged(page, {item: 0.3}, {}), first)) == {item: "page/sibling"}
    assert rules(correct(judged(page, {item: 0.1}, {}), first)) == {}
    assert rules(correct(judged(page, {item: 0.3}, {item: 0.0}), first)) == {}
    other = page_of(f"<ul>{items}</ul><ol><li>{item}</li></ol>")
    assert rules(correct(judged(other, {item: 0.3}, {}), judged(other, {item: 0.3}))) == {}
    paragraph = page_of(f"{PROSE}<p>{item}</p>")
    assert rules(correct(judged(paragraph, {item: 0.3}, {}), judged(paragraph, {item: 0.3}))) == {}


def test_a_box_whose_class_says_promotion_goes_unless_it_is_the_text() -> None:
    offer = "Get our best stories by e-mail."
    page = page_of(f'{PROSE}<div class="newsletter-signup"><p>{offer}</p></div>')
    first = judged(page, {})
    assert rules(correct(first, first)) == {offer: "page/widget"}
    whole = page_of(f'<div class="related-content">{PROSE}</div><p>{offer}</p>')
    assert rules(correct(judged(whole, {}), judged(whole, {}))) == {}
