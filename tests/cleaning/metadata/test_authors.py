# ruff: noqa: E501 — markup as publishing systems write it
"""Authors: persons whom the page or its feed credits, all of them, and nobody else."""

from __future__ import annotations

import pytest

from cleaning.metadata.reader import read_metadata
from cleaning.page import parse
from cleaning.records import Hints, SourceFacts
from tests.cleaning.pages import page

NO_HINTS = Hints()

TEXT = (
    "<p>"
    + "The first ferry in eleven years left the old pier on Monday morning with four passengers, a piano and two hundred hens. "
    * 2
    + "</p>"
)


def authors(body: str, head: str = "", hints: Hints = NO_HINTS) -> tuple[str, ...]:
    html = f"<html><head>{head}</head><body>{body}</body></html>"
    return read_metadata(page(html, hints=hints), parse(html.encode()).tree, SourceFacts("example")).authors


def ld(name: str) -> str:
    return f'<script type="application/ld+json">{{"@type": "BlogPosting", "author": {{"@type": "Person", "name": "{name}"}}}}</script>'


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        ('<address>By <a href="/author/jane">Jane Doe</a></address>', ("Jane Doe",)),
        ("<h6>Posted by: oberg on May 3, 2024</h6>", ("oberg",)),
        ("<p>By Jane Doe and Ola Berg | May 3, 2024</p>", ("Jane Doe", "Ola Berg")),
        ("<p>Par Anne Lefèvre, 3 mai 2024</p>", ("Anne Lefèvre",)),
        ("<div>Jane Doe<br>December 3, 2024</div>", ()),
        ("<p>By the sea, nobody was surprised.</p>", ()),
        ('<span class="author vcard"><a rel="author nofollow" href="/a/1">Jane Doe</a></span>', ("Jane Doe",)),
        ('<footer class="entry-footer"><div class="posted-by"><a href="/?author=2" rel="author">Jane Doe</a></div></footer>', ("Jane Doe",)),
        ('<footer class="site-footer"><a href="/?author=2" rel="author">Jane Doe</a></footer>', ()),
        ('<a href="/autoren/name/max-kolter">Max Kolter</a>', ("Max Kolter",)),
    ],
)  # fmt: skip
def test_a_byline_is_read_wherever_the_theme_puts_it(byline: str, expected: tuple[str, ...]) -> None:
    assert authors(f"<h1>Ferry returns</h1>{byline}{TEXT}") == expected


def test_the_second_author_whom_json_ld_forgets_is_read_off_the_page() -> None:
    row = '<div><span class="author vcard">Jane Doe</span> <span class="author vcard">Ola Berg</span></div>'
    assert authors(f"<h1>Ferry returns</h1>{row}{TEXT}", ld("Jane Doe")) == ("Jane Doe", "Ola Berg")
    reviewer = '<div><span class="author">Jane Doe</span> <span class="reviewer-author">Ola Berg</span></div>'
    assert authors(f"<h1>Ferry returns</h1>{reviewer}{TEXT}", ld("Jane Doe")) == ("Jane Doe",)


def test_the_feed_names_authors_whom_the_page_does_not() -> None:
    listed = Hints(authors=("Jane Doe", "Ola Berg"))
    assert authors(f"<h1>Ferry returns</h1>{TEXT}", hints=listed) == ("Jane Doe", "Ola Berg")
    assert authors(f"<h1>Ferry returns</h1>{TEXT}", ld("Ola Berg"), listed) == ("Jane Doe", "Ola Berg")
    assert authors(f"<h1>Ferry returns</h1>{TEXT}", ld("Mona Lind"), listed) == ("Mona Lind",)


@pytest.mark.parametrize(
    ("byline", "expected", "source"),
    [
        ("By Mona Lind", ("Mona Lind",), "byline"),
        ("By Ola Berg", ("Jane Doe", "Ola Berg"), "feed"),
        ("Posted by newsdesk7", ("Jane Doe", "Ola Berg"), "feed"),
    ],
)
def test_a_byline_that_changed_after_the_feed_listed_the_page_is_believed(
    byline: str, expected: tuple[str, ...], source: str
) -> None:
    html = f"<html><body><h1>Ferry returns</h1><p>{byline}</p>{TEXT}</body></html>"
    listed = Hints(authors=("Jane Doe", "Ola Berg"))
    found = read_metadata(page(html, hints=listed), parse(html.encode()).tree, SourceFacts("example"))
    assert (found.authors, found.authors_source) == (expected, source)


def test_a_site_that_credits_itself_is_named_with_where_it_does_if_nobody_else_is() -> None:
    site = '<meta property="og:site_name" content="Island Post">'
    html = f'<html><head>{site}<meta name="author" content="Island Post"></head><body><h1>Ferry returns</h1>{TEXT}</body></html>'
    found = read_metadata(page(html), parse(html.encode()).tree, SourceFacts("example"))
    assert (found.authors, found.authors_source) == (("Island Post",), "meta")
