"""The written part of the sample web is consistent: sites, stories, copies, changes, boilerplate."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date

import pytest

from cleaning.records import Reason
from flows.sample import truth
from flows.sample.content import last_day, parse_blocks
from flows.sample.copies import Change, edited
from flows.sample.hard import read_hard_pages
from flows.sample.world import SYNDICATOR, load_world

PORT = 8377
HOWS = {"exact", "headline", "wrapped", "cut", "updated"}


def _words(text: str) -> list[str]:
    return re.findall(r"\w", text) if re.search(r"[぀-ヿ]", text) else re.findall(r"\w+", text)


def test_there_are_eight_sites_and_a_hundred_and_twenty_pages() -> None:
    world = load_world(1)
    stories = sum(len(stories) for stories in world.stories.values())
    hard = sum(len(read_hard_pages(name)) for name in world.sites)
    fronts = len(world.sites)
    assert len(world.sites) >= 8
    assert stories + hard + fronts >= 120


def test_the_sites_speak_five_languages_and_three_scripts() -> None:
    assert {"en", "de", "es", "ru", "ja", "ar"} <= {site.language for site in load_world(1).sites.values()}


@pytest.mark.parametrize("day", [1, 2])
def test_every_article_is_long_enough_to_be_one(day: int) -> None:
    short = {
        url: len(_words(article.text))
        for url, article in truth.load(PORT, day).originals.items()
        if not 130 <= len(_words(article.text)) <= 700
    }
    assert short == {}


@pytest.mark.parametrize("day", [1, 2])
def test_no_boilerplate_line_is_in_any_text(day: int) -> None:
    known = truth.load(PORT, day)
    lines = [line for lines in known.boilerplate.values() for line in lines]
    found = [(url, line) for url, article in known.articles.items() for line in lines if line in article.text]
    assert found == []


@pytest.mark.parametrize("day", [1, 2])
def test_every_copy_names_an_article_of_another_site_that_is_older(day: int) -> None:
    known = truth.load(PORT, day)
    assert len(known.copies) >= 20
    for copy in known.copies.values():
        page, original = known.articles[copy.url], known.originals[copy.original]
        assert page.host != original.host
        assert original.published < page.published, copy.url


def test_every_way_of_copying_is_there_several_times() -> None:
    endpoints = Counter(copy.how for copy in truth.load(PORT).copies.values())
    assert set(endpoints) == HOWS
    assert min(endpoints.values()) >= 4


def test_exact_copies_are_exact_and_the_others_are_not() -> None:
    known = truth.load(PORT)
    for copy in known.copies.values():
        same = known.articles[copy.url].text == known.articles[copy.original].text
        assert same == (copy.how in {"exact", "headline"}), copy.url
        if copy.how == "headline":
            assert known.articles[copy.url].title != known.articles[copy.original].title


def test_a_story_told_in_other_words_is_an_article_of_its_own() -> None:
    known = truth.load(PORT)
    assert known.rewrites
    for url, original in known.rewrites.items():
        assert {url, original} <= known.originals.keys()
        assert known.articles[url].published > known.articles[original].published


def test_texts_that_are_no_copies_share_hardly_a_phrase_unless_they_are_serial_reports() -> None:
    known = truth.load(PORT, 2)
    grams = {}
    for url, article in known.originals.items():
        words = _words(article.text.lower())
        grams[url] = {tuple(words[i : i + 5]) for i in range(len(words) - 4)}
    alike = {
        frozenset((a.rsplit("/", 1)[1], b.rsplit("/", 1)[1]))
        for a in grams
        for b in grams
        if a < b and len(grams[a] & grams[b]) > 0.1 * min(len(grams[a]), len(grams[b]))
    }
    assert alike == {
        frozenset(("container-rates-week-28", "container-rates-week-29")),
        frozenset(("pegel-und-faehren-freitag.html", "pegel-und-faehren-sonntag.html")),
    }


def test_the_dates_spread_over_three_weeks_and_none_is_after_the_day() -> None:
    for day in (1, 2):
        dates = [a.published.astimezone(UTC).date() for a in truth.load(PORT, day).articles.values()]
        assert max(dates) == last_day(day)
        assert min(dates) <= date(2026, 7, 1)
        assert len(set(dates)) >= 18


def test_a_window_holds_just_what_was_published_in_it() -> None:
    known = truth.load(PORT)
    week = known.between(date(2026, 7, 6), date(2026, 7, 12))
    rest = {**known.between(date(2026, 1, 1), date(2026, 7, 5)), **known.between(date(2026, 7, 13), date(2026, 12, 31))}
    assert len(week) >= 15
    assert week.keys() | rest.keys() == known.articles.keys()
    assert not week.keys() & rest.keys()


def test_day_two_adds_articles_and_copies_and_changes_texts_at_their_own_addresses() -> None:
    first, second = truth.load(PORT, 1), truth.load(PORT, 2)
    assert len(second.originals) - len(first.originals) >= 6
    assert len(second.copies) - len(first.copies) >= 4
    changed = {url for url, article in first.articles.items() if second.articles[url].text != article.text}
    assert changed == {url for url, article in second.articles.items() if article.earlier_text is not None}
    assert len(changed) >= 2
    for url in changed:
        article = second.articles[url]
        assert article.revision == 2
        assert article.earlier_text == first.articles[url].text
        assert article.modified is not None
        assert article.modified > article.published


def test_some_copies_of_day_two_are_of_stories_of_day_one() -> None:
    first, second = truth.load(PORT, 1), truth.load(PORT, 2)
    late = [c for url, c in second.copies.items() if url not in first.copies and c.original in first.originals]
    assert late


def test_every_hard_reason_is_there() -> None:
    reasons = set(truth.load(PORT).rejected.values())
    assert {
        Reason.LIVE_TICKER,
        Reason.GALLERY,
        Reason.VIDEO,
        Reason.PAYWALL_STUB,
        Reason.SECTION_PAGE,
        Reason.NOT_HTML,
        Reason.EMPTY,
    } <= reasons


def test_every_hard_outcome_is_there() -> None:
    outcomes = {word for words in truth.load(PORT).outcomes.values() for word in words}
    errors = {"http-404", "http-410", "http-500", "http-503"}
    assert errors | {"robots", "redirect-loop", "too-large", "timeout", "moved", "off-site", "fetched"} <= outcomes


def test_every_expected_outcome_is_a_word_of_the_ledger() -> None:
    from spiders.frontier.outcomes import meaning

    for words in truth.load(PORT).outcomes.values():
        assert all(meaning(word) for word in words)


def test_the_canonical_urls_are_those_that_cleaning_makes() -> None:
    from cleaning.urls import canonical_url

    known = truth.load(PORT, 2)
    for url, article in known.articles.items():
        assert canonical_url(article.url) == url == canonical_url(url)
    for url in (*known.outcomes, *known.rejected):
        assert canonical_url(url) == url


def test_the_syndicator_has_stories_of_its_own() -> None:
    assert [url for url, a in truth.load(PORT).originals.items() if a.source == SYNDICATOR]


def test_an_edit_whose_old_text_is_gone_is_an_error() -> None:
    change = Change.model_validate(
        {"of": "a/b", "day": 2, "modified": "2026-07-21T00:00:00Z", "replace": [["not there", "x"]]}
    )
    with pytest.raises(ValueError, match="not there"):
        edited(parse_blocks("Some text."), change, "changes.toml, a/b")


def test_blocks_are_told_by_their_first_characters() -> None:
    kinds = [
        b.kind for b in parse_blocks("Text.\n## Head\n> Quote\n- item\n* point\n| a | b |\n!figure c | d\n!pull p")
    ]
    assert kinds == ["paragraph", "heading", "quote", "item", "point", "row", "figure", "pull"]
    assert parse_blocks("See [the page](/x) now.")[0].text == "See the page now."
