# ruff: noqa: E501 — lines of a text are what they are
"""What a site repeats: it must help from a few pages on, and never cost an article its own text."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cleaning.boilerplate.rules import load_rules
from cleaning.boilerplate.site_templates import OTHER_OPENING, OTHER_TITLE, SITE_LINE, SiteTemplates
from cleaning.lines import Line, Teasers
from cleaning.pipeline import clean
from cleaning.records import Article, Rejection, SourceFacts
from cleaning.text import key
from tests.cleaning.pages import PARAGRAPHS, article_html, page

FOOTER = "The Example is read on all forty islands and in two lighthouses"
STORIES = [(f"https://example.com/{n}", f"Story number {n} about the harbour wall", f"Own words of story {n}, which are long enough to be prose in any reading.") for n in range(6)]  # fmt: skip


def learnt(stories: list[tuple[str, str, str]]) -> SiteTemplates:
    site = SiteTemplates("example.com")
    for url, title, text in stories:
        site.learn(url, title, [text, FOOTER])
    return site


def decide(site: SiteTemplates, url: str, *lines: str) -> dict[int, str]:
    return {n: taken.rule for n, taken in site.decide(url)([Line(text) for text in lines]).items()}


def test_a_line_of_other_stories_goes_and_own_lines_stay() -> None:
    assert decide(learnt(STORIES), STORIES[0][0], STORIES[0][2], *PARAGRAPHS, FOOTER) == {6: SITE_LINE}


def test_the_headline_of_another_story_goes_and_the_own_does_not() -> None:
    found = decide(learnt(STORIES), STORIES[0][0], *PARAGRAPHS, STORIES[3][1], STORIES[0][1])
    assert found == {5: OTHER_TITLE}


def test_the_first_pages_of_a_site_are_not_harmed() -> None:
    assert decide(learnt([]), "https://example.com/new", *PARAGRAPHS, FOOTER) == {}
    assert decide(learnt(STORIES[:1]), STORIES[0][0], *PARAGRAPHS, FOOTER) == {}


def test_one_story_seen_often_repeats_nothing() -> None:
    site = SiteTemplates("example.com")
    for _ in range(9):
        site.learn("https://example.com/a", "A story about the harbour wall", [*PARAGRAPHS, FOOTER])
    assert decide(site, "https://example.com/a", *PARAGRAPHS, FOOTER) == {}


def test_a_story_republished_under_other_addresses_keeps_its_text() -> None:
    site = SiteTemplates("example.com")
    for n in range(6):
        site.learn(f"https://example.com/copy-{n}", f"Copy number {n} of the story", PARAGRAPHS)
    assert decide(site, "https://example.com/copy-0", *PARAGRAPHS) == {}


def test_most_of_a_text_is_never_taken() -> None:
    site = SiteTemplates("example.com")
    for n in range(6):
        site.learn(
            f"https://example.com/{n}",
            f"Weather report number {n} of the year",
            ["Wind from the north", "Sea calm all day"],
        )
    assert decide(site, "https://example.com/9", "Wind from the north", "Sea calm all day", "Rain later today") == {}


ORDERS = st.permutations(range(len(STORIES)))


@settings(deadline=None)
@given(ORDERS, st.integers(0, len(STORIES)))
def test_counts_do_not_depend_on_order_and_can_be_added(order: list[int], cut: int) -> None:
    left, right = (learnt([STORIES[n] for n in part]) for part in (order[:cut], order[cut:]))
    left.merge(right)
    assert left.rows() == learnt(STORIES).rows()


def test_many_stories_keep_bounded_counts_in_any_order() -> None:
    many = [(f"https://example.com/{n}", f"Story number {n} of the year", "Own words") for n in range(50)]
    assert learnt(many).rows() == learnt(many[::-1]).rows()
    assert max(len(stories) for stories in learnt(many).lines.values()) <= 8


def test_counts_survive_their_table() -> None:
    site = learnt(STORIES)
    assert SiteTemplates.from_rows(site.rows())["example.com"].rows() == site.rows()


def test_the_pipeline_takes_what_the_site_repeats() -> None:
    own = "The islanders’ own paper says that the second boat will come in the spring of next year."
    html = article_html((*PARAGRAPHS, own))
    site = SiteTemplates("example.com")
    for url, title, text in STORIES:
        site.learn(url, title, [text, own])
    source, rules = SourceFacts("example"), load_rules()
    without, with_it = clean(page(html), source, rules), clean(page(html), source, rules, site)
    assert isinstance(without.result, Article)
    assert isinstance(with_it.result, Article)
    assert own in without.result.text
    assert with_it.result.text == "\n\n".join(PARAGRAPHS)
    assert SITE_LINE in {removal.rule for removal in with_it.removals}


def test_a_subheading_of_the_house_stays_above_a_text_of_its_own_and_goes_with_a_box() -> None:
    heading, site = "What our testers like about it", SiteTemplates("example.com")
    for url, title, text in STORIES:
        site.learn(url, title, [heading, text, FOOTER])
    above_text = [Line(STORIES[0][2]), Line(heading, "heading", doubt=0.1), Line(PARAGRAPHS[0]), Line(PARAGRAPHS[1])]
    assert site.decide(STORIES[0][0])(above_text) == {}
    above_box = [*map(Line, PARAGRAPHS), Line(heading, "heading", doubt=0.1), Line(FOOTER)]
    assert set(site.decide(STORIES[0][0])(above_box)) == {5, 6}
    doubted = [*above_text[:1], Line(heading, "heading", doubt=0.7), *above_text[2:]]
    assert set(site.decide(STORIES[0][0])(doubted)) == {1}


def test_a_line_that_begins_as_another_story_and_breaks_off_is_its_teaser() -> None:
    teaser = "Own words of story 3, which are long enough to…"
    site = learnt(STORIES)
    assert decide(site, STORIES[0][0], *PARAGRAPHS, teaser) == {5: OTHER_OPENING}
    assert decide(site, STORIES[3][0], *PARAGRAPHS, teaser) == {}  # its own
    assert decide(site, STORIES[0][0], *PARAGRAPHS, teaser.removesuffix("…") + " be quoted whole.") == {}


def test_a_page_of_excerpts_is_a_list_and_the_stories_that_they_are_from_are_none() -> None:
    site = learnt(STORIES)
    excerpts = [
        f"<p>{text.removesuffix('.')} and so on, and so forth, until the words run out.</p>" for *_, text in STORIES
    ]
    listing = page(f"<html><body><main><h1>Harbour walls</h1>{''.join(excerpts)}</main></body></html>")
    alone, with_site = (clean(listing, SourceFacts("example"), load_rules(), known) for known in (None, site))
    assert isinstance(alone.result, Article)
    assert isinstance(with_site.result, Rejection)
    assert with_site.result.reason == "section-page"
    assert "beginnings of 6 other stories" in with_site.result.detail
    # Lists that were learnt as stories beside it do not make a list of the story that they quote.
    for n in range(3):
        site.learn(f"https://example.com/list-{n}", "A list", PARAGRAPHS)
    site.learn("https://example.com/harbour", "The harbour", PARAGRAPHS)
    assert isinstance(clean(page(article_html()), SourceFacts("example"), load_rules(), site).result, Article)


def test_openings_survive_a_table() -> None:
    site = learnt(STORIES)
    again = SiteTemplates.from_rows(site.rows())["example.com"]
    assert (again.lines, again.titles, again.openings) == (site.lines, site.titles, site.openings)


def test_teasers_go_from_a_brief_too_and_a_page_of_nothing_else_is_left_to_be_judged() -> None:
    site = learnt(STORIES)
    teasers = [f"Own words of story {n}, which are long enough to be…" for n in (3, 4)]
    brief = "The old pier stays closed until spring, the harbour board said, after divers found a crack in it."
    assert decide(site, STORIES[0][0], brief, *teasers) == {1: OTHER_OPENING, 2: OTHER_OPENING}
    assert decide(site, STORIES[0][0], *teasers) == {}


def test_a_story_is_looked_at_again_only_if_its_site_may_have_a_say_in_one_of_its_lines() -> None:
    site = learnt(STORIES)
    teaser = "Own words of story 3, which are long enough to…"
    for line in (FOOTER, STORIES[3][1], teaser):
        assert site.may_concern(STORIES[0][0], [key(PARAGRAPHS[0]), key(line)])
    assert not site.may_concern(STORIES[0][0], map(key, [STORIES[0][2], *PARAGRAPHS]))


def test_the_openings_of_copies_of_a_story_are_no_teasers_in_it() -> None:
    site = learnt(STORIES)
    for n in range(3):
        site.learn(f"https://example.com/copy-{n}", f"Copy number {n} of the story", PARAGRAPHS)
    lines = [*map(Line, PARAGRAPHS), Line("Own words of story 4, which are long enough to be quoted")]
    assert site.teasers("https://example.com/copy-0", lines) == Teasers(1, lines[-1].words)
    assert site.teasers("https://example.com/list", lines[:1]) == Teasers(0, 0)  # to the word a copy of each
    assert site.teasers("https://example.com/list", lines[-1:]) == Teasers(1, lines[-1].words)


def test_the_counts_of_its_own_lines_decide_a_story_as_all_counts_do() -> None:
    site = learnt(STORIES)
    lines = [*PARAGRAPHS, FOOTER, STORIES[3][1], "Own words of story 4, which are long enough to…"]
    some = site.of_lines(map(key, lines))
    assert decide(some, STORIES[0][0], *lines) == decide(site, STORIES[0][0], *lines) != {}
    assert len(some.lines) + len(some.titles) + len(some.openings) == 3
