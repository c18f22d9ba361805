"""What is proposed for a new site by its articles: languages, zone, and the fields that its pages lack."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from flows.crawling.new_source import propose
from spiders.catalogue import Source
from spiders.discovery.home_page import source_toml
from tests.flows.rows import article

DAY = date(2026, 11, 21)
SUMMER, WINTER = datetime(2026, 7, 1, 9, tzinfo=UTC), datetime(2026, 11, 20, 9, tzinfo=UTC)
BASE = {"name": "post", "title": "Post", "home": "https://post.example/", "hosts": ["post.example"]}
ENTRY = {"languages": ["en"], "feeds": ["https://post.example/feed"]}


def entry(country: str) -> str:
    return source_toml(Source.model_validate({**BASE, **ENTRY, "country": country}), "2026-11-21")


def test_every_language_of_the_articles_is_named_the_most_frequent_first() -> None:
    samples = [replace(article(n), language=language) for n, language in enumerate(("de", "fr", "de"))]
    new = propose(entry("xx"), samples, DAY)
    assert new.source.languages == ("de", "fr")
    assert new.languages == (("de", 2), ("fr", 1))
    assert propose(entry("xx"), [], DAY).source.languages == ("en",)


def test_the_zone_is_that_of_the_country_whose_offsets_the_articles_state() -> None:
    summer = replace(article(1, published=SUMMER), published_offset=-420)
    winter = replace(article(2, published=WINTER), published_offset=-480)
    new = propose(entry("us"), [summer, winter], DAY)
    assert new.source.timezone == "America/Los_Angeles"
    assert 'timezone = "America/Los_Angeles"' in new.toml
    new = propose(entry("de"), [winter], DAY)
    assert new.source.timezone == "UTC"
    assert "no zone of de" in new.zone


def test_a_country_with_one_zone_needs_no_offset_and_one_with_many_says_that_it_is_not_known() -> None:
    assert propose(entry("gb"), [article(1)], DAY).source.timezone == "Europe/London"
    new = propose(entry("us"), [article(1)], DAY)
    assert new.source.timezone == "UTC"
    assert "set timezone" in new.zone


def test_a_field_that_no_article_has_is_named_as_lacking() -> None:
    samples = [article(1), replace(article(2), section="Sea")]
    assert propose(entry("xx"), samples, DAY).lacking == ("tags", "description", "image_url")
