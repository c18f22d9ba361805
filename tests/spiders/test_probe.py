"""A look at a site, new or known."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from spiders.archive.warc_reader import read_pages
from spiders.catalogue import Source
from spiders.discovery.autodiscovery import likely_cause
from spiders.discovery.home_page import HomePage, provisional, site_name
from spiders.fetching.fetcher import Answer
from spiders.probe import read_checks
from tests.spiders.crawling import Crawls
from tests.spiders.oneweb import OneWeb, html, rss

STORIES = [f"/2026/07/{day:02d}/story-of-the-harbour-wall" for day in range(1, 6)]


@pytest.mark.slow
def test_a_new_site_is_found_out_and_becomes_a_catalogue_file(tmp_path: Path) -> None:
    with OneWeb({path: html() for path in STORIES}) as web:
        links = '<link rel="alternate" type="application/rss+xml" href="/feed"><title>The Post</title>'
        web.pages["/"] = (
            "200 OK",
            {"Content-Type": "text/html"},
            f"<html lang='en-GB'><head>{links}</head></html>".encode(),
        )
        web.pages["/feed"] = rss(*map(web.url, STORIES))
        web.pages["/robots.txt"] = ("200 OK", {}, b"User-agent: *\nCrawl-delay: 0.01\nDisallow: /private/\n")
        made = Crawls(tmp_path, web.port)
        out = tmp_path / "looks.jsonl"
        made.run("probe", url=web.url("/"), out=str(out))
        [look] = read_checks(out)
        assert look.reachable
        assert (look.robots, look.crawl_delay) == ("rules", 0.01)
        assert [(way.kind, way.entries) for way in look.endpoints] == [("feed", 5)]
        assert [outcome for _, outcome in look.samples] == ["fetched"] * 5
        source = Source.model_validate(tomllib.loads(look.toml))
        assert (source.title, source.languages, source.feeds) == ("The Post", ("en",), (web.url("/feed"),))
        pages = [p for f in made.lake.glob("raw/*/*/*.warc.gz") for p in read_pages(f, root=made.lake)]
        assert len(pages) == 5


@pytest.mark.slow
def test_a_new_site_s_broken_feed_is_kept_for_what_it_gives_and_one_that_is_dead_is_named(tmp_path: Path) -> None:
    with OneWeb({path: html() for path in STORIES}) as web:
        kind = 'rel="alternate" type="application/rss+xml"'
        links = f'<link {kind} href="/feed"><link {kind} href="/gone"><title>Home | The Post</title>'
        web.pages["/"] = ("200 OK", {"Content-Type": "text/html"}, f"<html><head>{links}</head></html>".encode())
        status, headers, body = rss(*map(web.url, STORIES))
        web.pages["/feed"] = (status, headers, body.replace(b"<channel>", b"<channel><title>Fish & ships</title>"))
        made = Crawls(tmp_path, web.port)
        out = tmp_path / "looks.jsonl"
        log = made.run("probe", url=web.url("/"), out=str(out))
        [look] = read_checks(out)
        source = Source.model_validate(tomllib.loads(look.toml))
        assert source.feeds == (web.url("/feed"),)
        assert source.title == "The Post"
        issues = {way.url: (way.entries, way.issue) for way in look.endpoints}
        assert issues == {web.url("/feed"): (5, "malformed"), web.url("/gone"): (0, "http-404")}
        assert f"asking for {web.url('/feed')}" in log


@pytest.mark.slow
def test_a_dead_way_of_a_known_source_is_named_with_its_likely_cause(tmp_path: Path) -> None:
    with OneWeb({path: html() for path in STORIES}) as web:
        web.pages["/rss"] = rss(*map(web.url, STORIES))
        web.pages["/moved"] = html("<title>Please accept cookies</title>")
        made = Crawls(tmp_path, web.port)
        feeds = ", ".join(f'"{web.url(path)}"' for path in ("/rss", "/moved", "/gone"))
        web.write_source(made.sources, feeds=f"[{feeds}]")
        out = tmp_path / "looks.jsonl"
        made.run("probe", source="post", out=str(out))
        [look] = read_checks(out)
    assert look.reachable
    issues = {way.url.rpartition("/")[2]: (way.issue, way.likely_cause or "") for way in look.endpoints}
    assert issues["rss"] == (None, "")
    assert issues["moved"][0] == "html-in-place-of-a-listing"
    assert "sources add" in issues["moved"][1]
    assert issues["gone"][0] == "http-404"


@pytest.mark.slow
def test_a_site_that_is_not_there_is_told_as_such(tmp_path: Path) -> None:
    with OneWeb({}) as web:
        made = Crawls(tmp_path, web.port)
        out = tmp_path / "looks.jsonl"
        made.run("probe", url=web.url("/"), out=str(out))
        [look] = read_checks(out)
    assert not look.reachable
    assert look.error is not None
    assert "http-404" in look.error


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Home | The Harbour Post", "The Harbour Post"),
        ("The Harbour Post – News from the coast, every day", "The Harbour Post"),
        (": What is new in the harbour", "What is new in the harbour"),
        ("News from the coast - Harbour Post", "Harbour Post"),
        ("Startseite » Hafenpost", "Hafenpost"),
        ("Nord-West Blatt", "Nord-West Blatt"),
        ("", ""),
    ],
)
def test_a_site_s_name_is_told_from_its_slogan(title: str, name: str) -> None:
    assert site_name(title, "www.harbourpost.example") == name


def test_a_home_page_says_its_country_its_languages_and_its_list_of_posts() -> None:
    head = (
        '<meta property="og:locale" content="cy_GB"><title>T</title>'
        '<link rel="https://api.w.org/" href="https://post.co.uk/wp-json/">'
    )
    body = f'<html lang="en-GB"><head>{head}</head><body></body></html>'.encode()
    page = HomePage(Answer("https://post.co.uk/", 200, (), body, (), None, 0.0))
    assert page.languages == ("en", "cy")
    assert page.countries == ("gb",)
    assert page.apis == ("https://post.co.uk/wp-json/wp/v2/posts",)


def test_a_name_is_made_of_the_domain() -> None:
    assert provisional("https://www.harbour-post.co.uk/news").name == "harbour-post-co"
    assert provisional("https://www.harbour-post.co.uk/news").hosts == ("harbour-post.co.uk",)


def test_server_errors_have_one_cause() -> None:
    assert likely_cause("http-502", "https://post.example/") == "the server fails; check again later"
    assert likely_cause("unheard-of", "https://post.example/") is None
