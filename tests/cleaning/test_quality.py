"""When a page is no article: each reason with its evidence, and nothing that reads like an article."""

from dataclasses import replace

import pytest

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
        (replace(ARTICLE, paywalled=True, words=60), Reason.PAYWALL_STUB),
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


def test_the_server_says_so_itself() -> None:
    assert judge_status(200) is None
    verdict = judge_status(410)
    assert verdict is not None
    assert (verdict.reason, verdict.detail) == (Reason.ERROR_PAGE, "HTTP status 410")
