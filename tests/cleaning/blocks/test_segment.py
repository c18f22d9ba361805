from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html

from cleaning.blocks import segment
from tests.cleaning.blocks.pages import PARAGRAPHS, news_page, tree_of


def texts(body: str) -> list[str]:
    return segment(tree_of(f"<html><body>{body}</body></html>")).texts


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>One <b>bold</b> <a href=x>link</a>.</p><p>Two.</p>", ["One bold link.", "Two."]),
        ("<div>before<p>inside</p>after</div>", ["before", "inside", "after"]),
        ("one<br>still one<br><br>two", ["one still one", "two"]),
        ("one<br> <br/>\n two", ["one", "two"]),
        ("<ul><li>a</li><li>b <ul><li>c</li></ul></li></ul>", ["a", "b", "c"]),
        (
            "<table><tr><th>Team</th><th>Points</th></tr><tr><td>Reds</td><td>3</td></tr></table>",
            ["Team Points", "Reds 3"],
        ),
        ("<a href=x><h3>Head</h3><p>Text</p></a>", ["Head", "Text"]),
        ("a<script>var b = 1</script>c<style>d{}</style>", ["ac"]),
        ("<custom-element>kept</custom-element>", ["kept"]),
        ("<p> \u00a0 </p><p></p>", []),
    ],
)
def test_blocks_end_at_block_elements_and_double_line_breaks(body: str, expected: list[str]) -> None:
    assert texts(body) == expected


def test_cells_of_a_layout_table_stay_apart() -> None:
    long = "A long cell of a table that lays out the page, as old sites have it. " * 3
    assert texts(f"<table><tr><td>{long}</td><td>{long}</td></tr></table>") == [long.strip()] * 2


def test_each_block_knows_where_it_came_from() -> None:
    page = segment(tree_of(news_page()))
    by_text = {block.text: block for block in page.blocks}
    paragraph = by_text[PARAGRAPHS[0]]
    assert (paragraph.tag, paragraph.kind, paragraph.link_density) == ("p", "paragraph", 0.0)
    assert paragraph.path == "html/body/main/article.story/div.story-body/p"
    assert by_text["Sport"].kind == "list-item"
    assert by_text["Sport"].link_density == 1.0
    assert by_text["Pier stays closed until spring"].kind == "heading"
    assert by_text["The pier on Monday. Photo: Post archive"].kind == "caption"
    assert [block.index for block in page.blocks] == list(range(len(page)))


def test_head_gives_title_and_description() -> None:
    page = segment(tree_of(news_page()))
    assert page.title == "Pier stays closed until spring"
    assert page.description.startswith("Divers found")


def test_the_tree_is_not_changed() -> None:
    tree = tree_of(news_page())
    before = html.tostring(tree)
    segment(tree)
    assert html.tostring(tree) == before


def test_json_ld_body_becomes_pseudo_blocks_only_where_the_page_shows_no_prose() -> None:
    body = "\n".join(PARAGRAPHS)
    script = f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", "articleBody": body})}</script>'
    shown = segment(tree_of(news_page(head=script)))
    assert shown.json_ld == body
    assert all(block.kind != "pseudo" for block in shown.blocks)
    empty = segment(tree_of(f"<html><head>{script}</head><body><div id=app></div></body></html>"))
    assert [block.text for block in empty.blocks if block.kind == "pseudo"] == list(PARAGRAPHS)


MARKUP = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
STATE = (
    ('<script id="__NEXT_DATA__" type="application/json">', {"props": {"article": {"body": MARKUP}}}, "</script>"),
    ("<script>window.__STATE__ = ", {"story": {"paragraphs": list(PARAGRAPHS)}}, ";</script>"),
    ("<script>self.__next_f.push(", [1, MARKUP], ")</script>"),
)


@pytest.mark.parametrize("script", [before + json.dumps(state) + after for before, state, after in STATE])
def test_a_body_that_exists_only_in_script_state_becomes_pseudo_blocks(script: str) -> None:
    page = segment(tree_of(f"<html><body><div id=app></div>{script}</body></html>"))
    assert page.texts == list(PARAGRAPHS)


def test_deep_nesting_and_many_blocks_are_bounded() -> None:
    deep = tree_of("<html><body></body></html>")
    element = deep.body
    for _ in range(10_000):
        element = etree.SubElement(element, "div")
    element.text = "bottom"
    assert segment(deep).texts == ["bottom"]
    many = tree_of("<p>x</p>" * 500)
    assert len(segment(many, max_blocks=100)) == 100


TAGS = ("div", "p", "span", "b", "li", "h2", "td", "section", "a", "custom-x")
tree_markup = st.recursive(
    st.text(alphabet="ab é\u00a0 ", max_size=8),
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", st.sampled_from(TAGS), st.lists(inner, max_size=4)
    ),
    max_leaves=25,
)


@given(tree_markup)
@settings(max_examples=150, deadline=None)
def test_no_letter_of_the_visible_text_is_lost_or_doubled(markup: str) -> None:
    tree = tree_of(f"<html><body><div>{markup}</div></body></html>")
    page = segment(tree)
    assert "".join("".join(page.texts).split()) == "".join(tree.text_content().split())
    for first, end, parent in zip(page.elements.first, page.elements.end, page.elements.parent, strict=True):
        assert first <= end
        if parent >= 0:
            assert page.elements.first[parent] <= first
            assert end <= page.elements.end[parent]


def test_a_page_that_leaves_out_its_body_tag_is_read() -> None:
    page = segment(tree_of(f"<html><title>T</title><article><h1>T</h1><p>{PARAGRAPHS[0]}</p></article>"))
    assert page.texts == ["T", PARAGRAPHS[0]]
