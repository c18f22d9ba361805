"""Spoiled pages give outcomes: cleaning raises on none of them, and neither does the page that explains it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from random import Random

import pytest

from benchmarks.fuzz_mutations import ADDRESSES, CHARSETS, DATES, MUTATORS, TEXTS, Mutator
from cleaning.boilerplate.rules import RuleSet, load_rules
from cleaning.explain.html import explain_html
from cleaning.pipeline import clean
from cleaning.records import Article, Cleaned, RawPage, Reason, SourceFacts

pytestmark = pytest.mark.slow

WHEN = datetime(2026, 7, 20, 8, 30, tzinfo=UTC)
ROUNDS = 2  # of each way to spoil a page; benchmarks/fuzz_cleaning.py does thousands
# what a test may cost: bytes of a page, characters of a text in it
MAX_BYTES = 250_000
MAX_TEXT = 8_000
STORY = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>Quay to be rebuilt | The Harbor Post</title>
<meta property="article:published_time" content="2026-07-20T08:15:00+02:00"><link rel="canonical" href="/2026/quay">
<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle", "headline":
"Quay to be rebuilt", "author": [{"@type": "Person", "name": "Ann Lee"}], "datePublished": "2026-07-20T08:15:00+02:00"}
</script></head><body><nav><ul><li><a href="/">Home</a></li><li><a href="/city">City</a></li></ul></nav><main><article>
<h1>Quay to be rebuilt</h1><p class="byline">By <a rel="author" href="/ann">Ann Lee</a></p>
<time datetime="2026-07-20T08:15:00+02:00">20 July 2026</time>
<p>The harbour council voted on Monday to rebuild the eastern quay, which has been closed since the flood in March.</p>
<figure><img src="quay.jpg" alt=""><figcaption>The quay in March. Photo: Bo Chen</figcaption></figure>
<p>Engineers expect the work to take two years, and the ferries will leave from the old fish market until then.</p>
<h2>Who pays</h2><p>The mayor said that the money comes from the state, and that no tax will be raised for it.</p>
<blockquote>“We will not wait for the next storm,” she said.</blockquote>
<table><tr><td>2026</td><td>12 million</td></tr><tr><td>2027</td><td>30 million</td></tr></table>
<p>Residents asked for a wall that is high enough for the storms that the forecasts promise — café owners too.</p>
</article><aside><h2>Read more</h2><ul><li><a href="/fog">Ferry company tears up its timetable</a></li></ul></aside>
</main><footer><p>© 2026 The Harbor Post</p></footer></body></html>"""


@cache
def rules() -> RuleSet:
    return load_rules()


def survives(
    body: bytes, *, url: str = "http://harbor.localhost/2026/quay", content_type: str = "text/html"
) -> Cleaned:
    """Clean and explain a page; what must hold of every outcome is asserted."""
    page = RawPage(url, "harbor", body, WHEN, "run", "raw/a.warc.gz", 0, content_type=content_type)
    cleaned = clean(page, SourceFacts("harbor"), rules())
    if isinstance(cleaned.result, Article):
        assert cleaned.result.text.strip()
        assert cleaned.result.published_at is None or cleaned.result.published_at <= WHEN
        cleaned.result.text.encode()
    else:
        assert cleaned.result.reason in set(Reason)
        assert cleaned.result.detail
    explain_html(page, cleaned).encode()
    return cleaned


def test_the_page_that_is_spoiled_here_is_an_article_before() -> None:
    result = survives(STORY.encode()).result
    assert isinstance(result, Article)
    assert result.title == "Quay to be rebuilt"


@pytest.mark.parametrize("mutator", list(dict.fromkeys(MUTATORS)), ids=lambda mutator: mutator.__name__)
def test_a_spoiled_page_gives_an_outcome(mutator: Mutator) -> None:
    for number in range(ROUNDS):
        survives(mutator(Random(f"{mutator.__name__}:{number}"), STORY.encode())[:MAX_BYTES])


@pytest.mark.parametrize("charset", CHARSETS)
def test_any_stated_charset_gives_an_outcome(charset: str) -> None:
    body = STORY.replace("utf-8", charset).encode("cp1252") + b"\xff\x80\xc3 caf\xe9" * 50
    survives(body, content_type=f"text/html; charset={charset}")


@pytest.mark.parametrize("address", ADDRESSES, ids=range(len(ADDRESSES)))
def test_any_address_gives_an_outcome(address: str) -> None:
    survives(STORY.replace("/2026/quay", address).encode("utf-8", "replace"), url=address)


@pytest.mark.parametrize("date", DATES, ids=range(len(DATES)))
def test_any_date_gives_an_outcome_and_none_is_in_the_future(date: str) -> None:
    survives(STORY.replace("2026-07-20T08:15:00+02:00", date).encode())


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_any_text_in_headline_byline_and_body_gives_an_outcome(text: str) -> None:
    text = text[:MAX_TEXT]
    survives(STORY.replace("Ann Lee", text).replace("Quay to be rebuilt", text).replace("Who pays", text).encode())


@pytest.mark.parametrize("character", [0, 1, 8, 11, 12, 14, 31, 127, 0xD800, 0xFFFE, 0xFFFF, 0x110000])
def test_characters_that_no_tree_may_hold_give_an_outcome_however_they_are_written(character: int) -> None:
    written = [f"&#{character};", f"&#x{character:x};", f"&#X0{character:X} "]
    if character < 0x110000 and character != 0xD800:
        written.append(chr(character))
    body = STORY
    for tag in ("<p>", "<li>", "</a>", "</figure>", "</time>", '"/fog"'):
        body = body.replace(tag, tag + "".join(written))
    result = survives(body.encode()).result
    assert isinstance(result, Article)
    assert "rebuild the eastern quay" in result.text


def test_a_page_within_a_page_is_named_when_it_is_too_deep_or_too_large() -> None:
    deep = survives(b"<html><body>" + b"<div>" * 10_000 + STORY.encode()).result
    assert not isinstance(deep, Article)
    assert deep.reason == Reason.TOO_DEEP
    wide = survives(b"<html><body>" + b"<p>x</p>" * 100_001).result
    assert not isinstance(wide, Article)
    assert wide.reason == Reason.TOO_LARGE
