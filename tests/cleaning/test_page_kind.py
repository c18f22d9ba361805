# ruff: noqa: E501 — paragraphs of a page are one line each
"""What is a list, what is a page outside the news, and what is neither, whatever stands around it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cleaning.boilerplate.rules import load_rules
from cleaning.page_kind import names_archive
from cleaning.pipeline import clean
from cleaning.records import Article, Hints, RawPage, Reason, Rejection, SourceFacts
from tests.cleaning.pages import PARAGRAPHS

RULES = load_rules()
SOURCE = SourceFacts(name="example")
DATED = '<meta property="article:published_time" content="2024-05-04T10:00:00+02:00">'
BASE = "https://example.com"
TEASERS = (
    "The wall cost more than the boats it shelters, and the board has asked the county for a loan that nobody expects to be "
    "paid back before the children of its members sit on the board themselves.",
    "Rain has washed the road to the quarry away for the third time this year. The contractor says that he built it as drawn; "
    "the engineer says that nobody asked her to draw the ditch beside it.",
    "Two of the five libraries stay open on Saturdays, as a petition of nine hundred readers demanded. The council found the "
    "money in the fund for snow ploughs, which were not needed in the mild winter.",
)
STORIES = [
    (
        f"/2024/05/0{n}/story-{n}/",
        f"The harbour board counts its boats for the year {2010 + n}",
        TEASERS[n % len(TEASERS)],
    )
    for n in range(1, 7)
]


def cards(stories: list[tuple[str, str, str]], level: str = "h2") -> str:
    """A list as themes print it: whole paragraphs of each story below a headline that leads to it."""
    return "".join(
        f'<article class="post"><header><{level}><a href="{BASE}{path}">{title}</a></{level}><time>May 2024</time></header>'
        f"<div><p>{text}</p></div></article>"
        for path, title, text in stories
    )


def document(body: str, title: str = "Harbour", head: str = "", body_class: str = "") -> str:
    return (
        f'<!doctype html><html lang="en"><head><title>{title}</title>{head}</head><body class="{body_class}">'
        f'<header><p><a href="{BASE}/">The Example Post</a></p></header><main>{body}</main></body></html>'
    )


def post(*paragraphs: str, title: str = "A ferry comes back to the islands", after: str = "") -> str:
    texts = "".join(f"<p>{text}</p>" for text in paragraphs or PARAGRAPHS)
    return f"<article><h1>{title}</h1><div>{texts}</div></article>{after}"


def result(html: str, path: str, hints: Hints = Hints()) -> Article | Rejection:  # noqa: B008 - frozen
    at = datetime(2024, 6, 1, tzinfo=UTC)
    page = RawPage(f"{BASE}{path}", "example", html.encode(), at, "run", "file", 0, hints=hints)
    return clean(page, SOURCE, RULES).result


@pytest.mark.parametrize(
    ("path", "stories", "title"),
    [
        ("/", STORIES, "The Example Post"),
        ("/index3.html", STORIES, "The Example Post"),
        ("/page/2/", STORIES, "The Example Post"),
        ("/tag/boats/", STORIES[:2], "Tag: boats"),
        ("/tag/boats/", STORIES[:1], "Tag: boats"),
        ("/2024/05/", STORIES[:2], "May 2024"),
        ("/harbour/", STORIES, "Harbour"),
        ("/author/elena-marsh.html", STORIES[:3], "Elena Marsh"),
    ],
)
def test_a_page_of_cards_is_a_list_however_much_prose_they_hold(
    path: str, stories: list[tuple[str, str, str]], title: str
) -> None:
    rejected = result(document(f"<h1>{title}</h1>{cards(stories)}", title), path)
    assert isinstance(rejected, Rejection)
    assert rejected.reason == Reason.SECTION_PAGE
    assert "card" in rejected.detail


@pytest.mark.parametrize(
    "classes", ["archive category category-harbour", "home blog", "archive date", "tag-template tag-x"]
)
def test_the_word_of_the_publishing_system_makes_a_list(classes: str) -> None:
    html = document(f"<div>{''.join(f'<p>{text}</p>' for text in PARAGRAPHS)}</div>", body_class=classes)
    rejected = result(html, "/harbour/boats/")
    assert isinstance(rejected, Rejection)
    assert rejected.reason == Reason.SECTION_PAGE
    assert classes.split(maxsplit=1)[0] in rejected.detail


@pytest.mark.parametrize(
    ("html", "path"),
    [
        (
            document(post(title="Who we are")).replace("<article>", '<article class="article article-type-page">'),
            "/who/",
        ),
        (document(post(title="About us")), "/about/"),
        (document(post(title="Impressum")), "/impressum.html"),
        (document(post(title="Contact")), "/pages/contact.html"),
    ],
)
def test_a_page_outside_the_news_is_no_article(html: str, path: str) -> None:
    rejected = result(html, path)
    assert isinstance(rejected, Rejection)
    assert rejected.reason == Reason.STATIC_PAGE
    assert rejected.detail


def test_dated_headlines_that_lead_elsewhere_are_a_list_and_no_text() -> None:
    items = "".join(
        f'<li><time datetime="2024-05-0{n}">2024-05-0{n} 10:00</time><a href="{BASE}{path}">{title}</a></li>'
        for n, (path, title, _) in enumerate(STORIES, start=1)
    )
    page = document(f'<article class="entries"><header><h1>Posts about Boats</h1></header><ul>{items}</ul></article>')
    assert isinstance(found := result(page, "/topics/boats/"), Rejection)
    assert found.reason is Reason.SECTION_PAGE
    below = document(post(after=f"<ul>{items}</ul>"), head=DATED)
    assert isinstance(result(below, "/2024/05/a-ferry-comes-back/"), Article)


@pytest.mark.parametrize(
    ("said", "reason"), [("tagpage", Reason.SECTION_PAGE), ("entry-content storypage", Reason.STATIC_PAGE)]
)
def test_the_word_on_the_article_element_is_believed(said: str, reason: Reason) -> None:
    page = document(post().replace("<article>", f'<article class="{said}">'), head=DATED)
    assert isinstance(found := result(page, "/about/"), Rejection)
    assert found.reason is reason


def test_what_a_sitemap_of_pages_lists_is_no_article() -> None:
    rejected = result(document(post(title="Who we are")), "/who/", Hints(via=f"{BASE}/wp-sitemap-posts-page-1.xml"))
    assert isinstance(rejected, Rejection)
    assert rejected.reason == Reason.STATIC_PAGE
    listed = result(document(post()), "/2024/05/ferry/", Hints(via=f"{BASE}/wp-sitemap-posts-post-1.xml"))
    assert isinstance(listed, Article)


@pytest.mark.parametrize(
    ("html", "path"),
    [
        (document(post(after=f'<section class="related">{cards(STORIES[:4], "h3")}</section>')), "/2024/05/04/ferry/"),
        (document(post(after=cards(STORIES)), body_class="single single-post"), "/tag/boats-and-ferries-return/"),
        # its own headline is a link to itself, as on many blogs
        (document(cards([("/2024/05/04/ferry/", "A ferry comes back", " ".join(PARAGRAPHS))])), "/2024/05/04/ferry/"),
        # one related story in the midst of the text
        (
            document(
                f'<article><div class="body"><p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p><h3><a href="/other/story/">Read '
                f"also: the harbour wall of the year</a></h3><p>{PARAGRAPHS[2]}</p></div></article>"
            ),
            "/news/ferry",
        ),
        (document(post(title="About the ferry"), head=DATED), "/about/"),
        (document(post(), body_class="home"), "/news/ferry"),
        # evergreen guides of many sites are WordPress pages
        (document(post(), body_class="page-template-default page page-id-2"), "/guides/ferry/"),
        # a round-up: an article made of cards
        (document(f"<h1>The year of the harbour in six stories</h1>{cards(STORIES)}",
                  head=DATED + '<meta property="og:type" content="article">'), "/2024/12/30/the-year/"),
        (document(post(), head='<script type="application/ld+json">[{"@type":"NewsArticle","headline":"A ferry"},'
                               '{"@type":"CollectionPage"}]</script>'), "/news/ferry"),
    ],
)  # fmt: skip
def test_what_stands_around_an_article_does_not_make_it_a_list(html: str, path: str) -> None:
    assert isinstance(result(html, path), Article)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/2024/05/", "date archive"),
        ("/2024/", "date archive"),
        ("/archives/2024/05/", "date archive"),
        ("/page/3/", "pagination"),
        ("/harbour/index2.html", "pagination"),
        ("/archives/20245/", None),
        ("/2024/05/04/ferry/", None),
        ("/news/room-2024/", None),
    ],
)
def test_addresses_of_archives_are_known(path: str, found: str | None) -> None:
    assert names_archive(path) == found


def test_a_post_that_asks_for_a_password_is_no_article() -> None:
    form = '<form class="post-password-form"><p>This content is password protected. To view it please enter it below:</p></form>'
    rejected = result(document(post(*TEASERS).replace("<div>", f"<div>{form}"), body_class="single single-post"), "/x/")
    assert isinstance(rejected, Rejection)
    assert rejected.reason == Reason.PAYWALL_STUB
    assert "password" in rejected.detail
