# ruff: noqa: E501 — markup as publishing systems write it
"""Section and tags: every witness is heard, and what belongs to the site or to other stories is not."""

from __future__ import annotations

import pytest

from cleaning.metadata.reader import read_metadata
from cleaning.metadata.topics import Topics
from cleaning.page import parse
from cleaning.records import Hints, SourceFacts
from tests.cleaning.pages import page

NO_HINTS = Hints()

STORY = (
    "<h1>Ferry returns to the islands</h1><p>The first ferry in eleven years left the old pier on Monday morning.</p>"
)


def topics(body: str, head: str = "", hints: Hints = NO_HINTS) -> Topics:
    html = f"<html><head>{head}</head><body>{body}</body></html>"
    facts = SourceFacts("example", site_names=("The Example",))
    return read_metadata(page(html, hints=hints), parse(html.encode()).tree, facts).topics


@pytest.mark.parametrize(
    ("beside", "section", "tags"),
    [
        # WordPress: relations tell the two apart
        ('<footer class="entry-footer"><span class="cat-links">Posted in <a href="/?cat=3" rel="category tag">Local news</a></span><span class="tags-links">Tagged <a href="/?tag=ferry" rel="tag">ferry</a>, <a href="/?tag=piano" rel="tag">piano</a></span></footer>', "Local news", ("ferry", "piano")),
        ('<div class="post-meta"><a href="/category/islands/" rel="category">Islands</a></div>', "Islands", ()),
        # Hexo, Eleventy, Hugo, Jekyll: the address tells
        ('<div class="article-category"><a class="article-category-link" href="/categories/Islands/">Islands</a></div><ul class="article-tag-list"><li><a href="/tags/ferry/" rel="tag">ferry</a></li><li><a href="/tags/piano/" rel="tag">piano</a></li></ul>', "Islands", ("ferry", "piano")),
        ('<ul class="tags"><li><a href="/tags/second%20tag/">second tag</a></li></ul>', None, ("second tag",)),
        # Nikola keeps its tags in the folder of its categories
        ('<ul class="tags"><li><a class="tag p-category" href="../../categories/ferry/" rel="tag">ferry</a></li><li><a class="tag p-category" href="../../categories/piano/" rel="tag">piano</a></li></ul>', None, ("ferry", "piano")),
        # only the words before the link tell
        ('<p class="meta">In <a href="/islands.html">Islands</a>. Tags: <a href="/t/1.html">ferry</a></p>', "Islands", ("ferry",)),
        ('<p>Kategorie: <a href="/inseln/">Inseln</a></p>', "Inseln", ()),
        # names that name nothing
        ('<a href="/category/uncategorized/" rel="category tag">Uncategorized</a>', None, ()),
        ('<a href="/category/the-example/" rel="category tag">The Example</a>', None, ()),
    ],
)  # fmt: skip
def test_links_beside_the_story_name_its_section_and_tags(
    beside: str, section: str | None, tags: tuple[str, ...]
) -> None:
    found = topics(f"<article>{STORY}{beside}</article>")
    assert (found.section, found.tags) == (section, tags)


@pytest.mark.parametrize(
    "elsewhere",
    [
        '<nav><a href="/category/sport/">Sport</a></nav>',
        '<aside><a href="/tag/sport/">Sport</a></aside>',
        '<div class="widget widget_categories"><ul><li><a href="/category/sport/">Sport</a></li></ul></div>',
        '<div class="tagcloud"><a href="/tag/sport/" rel="tag">sport</a></div>',
        '<div class="related"><a href="/category/sport/" rel="category tag">Sport</a></div>',
        '<article><h2><a href="/2">Harbour wall to be rebuilt soon</a></h2><a href="/category/sport/" rel="category tag">Sport</a></article>',
    ],
)
def test_links_of_the_site_and_of_other_stories_name_nothing(elsewhere: str) -> None:
    found = topics(f"<article>{STORY}</article>{elsewhere}")
    assert (found.section, found.section_source, found.tags, found.tags_source) == (None, "none", (), "none")


def test_the_page_is_believed_before_the_feed_and_each_value_says_where_it_is_from() -> None:
    listed = Hints(section="Sea", tags=("boats",))
    said = topics(
        STORY, '<meta property="article:section" content="Islands"><meta name="tags" content="ferry, piano">', listed
    )
    assert said == Topics("Islands", "meta", ("ferry", "piano"), "meta")
    assert topics(STORY, hints=listed) == Topics("Sea", "feed", ("boats",), "feed")


def test_a_trail_of_crumbs_names_the_section_nearest_to_the_story() -> None:
    trail = '{"@type": "BreadcrumbList", "itemListElement": [{"name": "Home"}, {"name": "News"}, {"name": "Islands"}, {"name": "Ferry returns to the islands"}]}'
    found = topics(STORY, f'<script type="application/ld+json">{trail}</script>')
    assert (found.section, found.section_source) == ("Islands", "breadcrumb")


def test_a_section_that_says_itself_twice_stands_once() -> None:
    assert topics(STORY, '<meta property="article:section" content="News - News">').section == "News"


# A block theme of WordPress: the post's terms stand below its text and above its comments, in one group with related posts
BLOCK_THEME = """<main class="wp-block-group"><div class="wp-block-group"><h1>Ferry returns to the islands</h1></div>
<div class="entry-content"><p>The first ferry in eleven years left the old pier.</p>RELATED</div>
<div class="wp-block-group"><div class="taxonomy-category wp-block-post-terms"><a href="/category/islands/" rel="tag">Islands</a></div>
<div class="taxonomy-post_tag wp-block-post-terms"><a href="/tag/ferry/" rel="tag">ferry</a></div>
<div class="wp-block-post-comments"><h3>Leave a Reply to this story <small><a href="#respond">Cancel reply</a></small></h3></div></div></main>"""
RELATED = '<div class="jp-posts"><h4><a href="/2/">Pier closed for the whole winter</a></h4><h4><a href="/3/">Piano found on the northern beach</a></h4></div>'


@pytest.mark.parametrize("related", ["", RELATED])
def test_the_terms_of_a_block_theme_are_the_story_s_whatever_stands_around_them(related: str) -> None:
    found = topics(BLOCK_THEME.replace("RELATED", related))
    assert (found.section, found.tags) == ("Islands", ("ferry",))


@pytest.mark.parametrize(
    ("links", "words", "found"),
    [
        (1, 10, None),  # another story's teaser
        (2, 10, "Islands"),  # a list of teasers, each with a box of its own
        (1, 200, "Islands"),  # a whole text with a link below it
    ],
)
def test_terms_beside_the_heading_of_another_story_are_that_story_s(links: int, words: int, found: str | None) -> None:
    linked = "".join(f'<h4><a href="/{n}/">Pier {n} closed for the winter</a></h4>' for n in range(links))
    terms = '<a href="/category/islands/" rel="category tag">Islands</a>'
    body = f"<h1>Ferry returns</h1><article><p>{'word ' * words}</p>{linked}{terms}</article><article></article>"
    assert topics(body).section == found
