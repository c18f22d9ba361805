"""When a page is no article: each reason with its evidence, and nothing that reads like an article."""

from dataclasses import replace

import pytest

from cleaning.lines import Teasers
from cleaning.quality import Facts, judge, judge_status
from cleaning.records import Reason

ARTICLE = Facts(
    url="https://example.com/news/2024/ferry",
    title="Ferry returns to the islands",
    opening="The first ferry in eleven years left the old pier.",
    words=400,
    prose=400,
    language="en",
    languages=("en",),
    minimum=None,
    types=frozenset({"NewsArticle", "article"}),
    has_article_data=True,
    paywalled=False,
    paywall_notice=False,
    captions=1,
    caption_words=12,
    headline_links=6,
    link_words=60,
    times=0,
)
BARE = replace(ARTICLE, types=frozenset(), has_article_data=False)


def test_an_article_passes() -> None:
    assert judge(ARTICLE) is None
    assert judge(BARE) is None


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (replace(BARE, title="404 – Page not found", words=40), Reason.ERROR_PAGE),
        (replace(BARE, title="Seite nicht gefunden", words=40), Reason.ERROR_PAGE),
        (replace(BARE, title="Before you continue", words=60), Reason.CONSENT_WALL),
        (replace(BARE, url="https://example.com/tag/boats", words=120, prose=120), Reason.SECTION_PAGE),
        (replace(BARE, url="https://example.com/", words=120, prose=120), Reason.SECTION_PAGE),
        (replace(BARE, url="https://example.com/tag/boats/page/3", words=120, prose=120), Reason.SECTION_PAGE),
        (replace(BARE, types=frozenset({"CollectionPage"}), words=420, prose=120), Reason.SECTION_PAGE),
        (replace(BARE, headline_links=40, link_words=380, words=440, prose=60), Reason.SECTION_PAGE),
        (replace(ARTICLE, captions=9, caption_words=200, words=60), Reason.GALLERY),
        (replace(ARTICLE, types=frozenset({"VideoObject"}), words=40), Reason.VIDEO),
        (replace(ARTICLE, types=frozenset({"LiveBlogPosting"}), words=120), Reason.LIVE_TICKER),
        (replace(ARTICLE, title="Liveticker: Die Fähre kommt", times=5, words=200), Reason.LIVE_TICKER),
        (replace(ARTICLE, paywalled=True, complete=False, words=60), Reason.PAYWALL_STUB),
        (replace(ARTICLE, paywall_notice=True, words=60), Reason.PAYWALL_STUB),
        (replace(ARTICLE, words=12), Reason.TOO_SHORT),
        (replace(ARTICLE, words=80, minimum=100), Reason.TOO_SHORT),
        (replace(ARTICLE, words=0), Reason.EMPTY),
        (replace(ARTICLE, languages=("de",)), Reason.OTHER_LANGUAGE),
    ],
)
def test_each_reason_is_named_with_its_evidence(facts: Facts, reason: Reason) -> None:
    verdict = judge(facts)
    assert verdict is not None
    assert verdict.reason is reason
    assert any(character.isdigit() for character in verdict.detail) or reason in {Reason.EMPTY, Reason.OTHER_LANGUAGE}


@pytest.mark.parametrize(
    "facts",
    [
        replace(ARTICLE, title="Error 404: a film about the page that was not found"),
        replace(
            BARE,
            url="https://example.com/topics/ferry-returns",
            words=900,
            prose=900,
            headline_links=60,
            link_words=3000,
        ),
        replace(BARE, words=200, prose=200, headline_links=90, link_words=1500),
        replace(ARTICLE, paywalled=True),
        replace(ARTICLE, captions=12, caption_words=300),
        replace(ARTICLE, captions=12, caption_words=181, words=100),
        replace(BARE, url="https://example.com/?p=31228", words=149, prose=149),
        replace(BARE, url="https://example.com/topics/islands/ferry-returns", words=208, prose=208),
        replace(ARTICLE, types=frozenset({"NewsArticle", "VideoObject"}), words=60),
        replace(ARTICLE, types=frozenset({"NewsArticle", "LiveBlogPosting"}), words=2000),
        replace(ARTICLE, language="no", words=30, languages=("da",)),
        replace(ARTICLE, language=None, languages=("de",)),
        replace(ARTICLE, words=30),
    ],
)
def test_an_article_is_not_lost_for_one_sign(facts: Facts) -> None:
    assert judge(facts) is None


@pytest.mark.parametrize(
    "title",
    [
        "S&P 500 slips as the harbour strike goes on",
        "Phones forbidden in schools from August",
        "A 404 million loss for the ferry line",
        "Not found in any archive: the lost log of a captain",
        "Volvo 503 recalled",
        "Route 410: a road nobody wanted",
    ],
)
def test_a_number_or_a_word_in_a_headline_is_no_error(title: str) -> None:
    assert judge(replace(BARE, title=title, words=60, prose=60)) is None


@pytest.mark.parametrize(
    "title",
    ["404", "Error 404", "404 Not Found", "403 Forbidden", "Forbidden", "Not found | The Post", "Oops! (Error 503)",
     "500 Internal Server Error", "HTTP 502 Bad Gateway", "Page no longer exists", "404: This page is gone"],
)  # fmt: skip
def test_the_title_of_an_error_page_is_known(title: str) -> None:
    verdict = judge(replace(BARE, title=title, words=60, prose=60))
    assert verdict is not None
    assert verdict.reason is Reason.ERROR_PAGE


@pytest.mark.parametrize(
    "opening",
    [
        "Sorry, the page you are looking for does not exist. Try the search, or go to the front page.",
        "The article you requested could not be found. Here is what others read today.",
        "Esta página no existe. Vuelva a la portada.",
    ],
)
def test_a_page_that_says_that_it_does_not_exist_is_believed(opening: str) -> None:
    verdict = judge(replace(BARE, title="The Post", opening=opening, words=70, prose=70))
    assert verdict is not None
    assert verdict.reason is Reason.ERROR_PAGE


def test_a_short_text_in_hand_is_no_list_however_many_links_surround_it() -> None:
    assert judge(replace(BARE, words=85, prose=85, complete=True, headline_links=70, link_words=900)) is None


def test_a_complete_brief_is_no_teaser_whoever_may_read_it() -> None:
    assert judge(replace(ARTICLE, paywalled=True, complete=True, words=80, prose=80)) is None
    verdict = judge(replace(ARTICLE, paywalled=True, complete=False, words=80, prose=80))
    assert verdict is not None
    assert verdict.reason is Reason.PAYWALL_STUB


def test_the_front_page_of_a_paper_is_a_list_however_much_it_prints() -> None:
    verdict = judge(replace(BARE, url="https://example.com/", words=900, prose=900, headline_links=80, link_words=900))
    assert verdict is not None
    assert verdict.reason is Reason.SECTION_PAGE


def test_the_server_says_so_itself() -> None:
    assert judge_status(200) is None
    verdict = judge_status(410)
    assert verdict is not None
    assert (verdict.reason, verdict.detail) == (Reason.ERROR_PAGE, "HTTP status 410")


def test_the_archive_of_a_month_is_a_list_even_where_a_plug_in_describes_it_as_a_post() -> None:
    archive = replace(ARTICLE, url="https://example.com/2026/08/", headline_links=2, words=60, prose=20)
    assert (found := judge(archive)) is not None
    assert found.reason == Reason.SECTION_PAGE
    assert judge(replace(archive, url="https://example.com/2026/08/ferry/")) is None


@pytest.mark.parametrize(
    ("facts", "is_list"),
    [
        (replace(BARE, teasers=Teasers(stories=3, words=300)), True),
        (replace(BARE, teasers=Teasers(stories=1, words=300)), False),  # a story and its own teaser elsewhere
        (replace(BARE, teasers=Teasers(stories=3, words=200)), False),  # half of it is text of its own
        (replace(ARTICLE, teasers=Teasers(stories=3, words=300)), False),  # a round-up says what it is
        (replace(ARTICLE, url="https://example.com/tag/boats", teasers=Teasers(stories=3, words=300)), True),
    ],
)
def test_a_page_of_other_stories_beginnings_is_a_list_unless_it_says_that_it_is_an_article(
    facts: Facts, is_list: bool
) -> None:
    verdict = judge(facts)
    assert (verdict is not None and "beginnings of 3 other stories" in verdict.detail) is is_list
