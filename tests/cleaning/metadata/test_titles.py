"""The headline: which of a page's statements is believed."""

from __future__ import annotations

import pytest

from cleaning.metadata.reader import read_metadata
from cleaning.page import parse
from cleaning.records import SourceFacts
from tests.cleaning.pages import page

HEADLINE = "Ferry returns to the islands"
TEXT = "<p>The first ferry in eleven years left the old pier on Monday morning.</p>"


def title(body: str, stated: str) -> str:
    html = f"<html><head><title>{stated}</title></head><body>{body}</body></html>"
    return read_metadata(page(html), parse(html.encode()).tree, SourceFacts("example")).title


@pytest.mark.parametrize("stated", [f"{HEADLINE} — Island Post", f"Island Post | {HEADLINE}"])
def test_a_site_that_prints_its_own_name_as_the_only_h1_is_no_headline(stated: str) -> None:
    body = f"<header><h1>Island Post</h1></header><div><h2>{HEADLINE}</h2>{TEXT}</div>"
    assert title(body, stated) == HEADLINE


def test_a_headline_stays_one_where_the_footer_prints_the_site_as_h2() -> None:
    body = f"<div><h1>{HEADLINE}</h1>{TEXT}</div><footer><h2>Island Post</h2></footer>"
    assert title(body, f"{HEADLINE} | Island Post") == HEADLINE


@pytest.mark.parametrize(
    ("stated", "expected"),
    [(f"{HEADLINE} | Opinion", HEADLINE), (f"BUDGET 3.0 | {HEADLINE}", f"BUDGET 3.0 | {HEADLINE}")],
)
def test_what_follows_an_upright_bar_is_no_part_of_a_headline_and_a_topic_before_it_is(
    stated: str, expected: str
) -> None:
    assert title(f"<div><h1>{stated}</h1>{TEXT}</div>", stated) == expected


def test_an_h1_within_the_article_is_its_headline_though_a_subheading_stands_beside_it_in_the_title() -> None:
    body = f"<main><h1>{HEADLINE}</h1>{TEXT}<h2>What the council said</h2>{TEXT}</main>"
    assert title(body, f"{HEADLINE} | What the council said") == HEADLINE
