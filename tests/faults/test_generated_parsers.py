"""Generated attacks on what is parsed: each document ends in a result with a named fault, or in a named refusal."""

from __future__ import annotations

import gzip
import json
import math
import time
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cleaning.boilerplate.rules import load_rules
from cleaning.pipeline import clean
from cleaning.records import Article, RawPage, Reason, Rejection, SourceFacts
from flows.cli.shared.terminal import plain
from spiders.catalogue import CatalogueError, load_source, read_catalogue
from spiders.discovery.home_page import HomePage, provisional, source_toml
from spiders.discovery.listing import Fault, Listing
from spiders.discovery.listing_reader import read_listing
from spiders.discovery.sections import ArticleLinks, read_section
from spiders.fetching.fetcher import Answer
from spiders.fetching.robots import RobotsFile, RobotsVerdict
from tests.faults.conftest import Attack
from tests.faults.mutations import CASES, PIECES, cases, mutated
from tests.faults.test_archives_of_others import GOOD, record, taken
from tests.flows.archive import story

BASE = "https://post.example/"
# Seconds of CPU for a document of a few kilobytes, on any machine: a hundred times what the slowest takes.
COSTLY = 5.0
DAYS = [f"2026-07-{day:02d}T0{day % 9}:00:00Z" for day in range(1, 9)]
FEED = (
    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
    "<title>The Post</title>"
    + "".join(
        f"<item><title>Headline &amp; {n}</title><link>{BASE}{n}</link><dc:creator>Ada Quill</dc:creator>"
        f"<pubDate>Mon, 20 Jul 2026 0{n}:00:00 +0200</pubDate><category>Harbour</category></item>"
        for n in range(8)
    )
    + "</channel></rss>"
).encode()
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>The Post</title>'
    + "".join(
        f'<entry><title>Headline {n}</title><link rel="alternate" href="{BASE}{n}"/><id>urn:{n}</id>'
        f"<updated>{day}</updated><author><name>Ada Quill</name></author></entry>"
        for n, day in enumerate(DAYS)
    )
    + "</feed>"
).encode()
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [
            {"id": str(n), "url": f"{BASE}{n}", "title": "A headline", "date_published": day, "tags": ["a"]}
            for n, day in enumerate(DAYS)
        ],
    }
).encode()
SITEMAP = (
    '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
    + "".join(
        f"<url><loc>{BASE}{n}</loc><lastmod>{day}</lastmod><news:news><news:publication_date>{day}"
        f"</news:publication_date><news:title>A headline</news:title></news:news></url>"
        for n, day in enumerate(DAYS)
    )
    + "</urlset>"
).encode()
INDEX = (
    '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    + "".join(f"<sitemap><loc>{BASE}map-{n}.xml</loc><lastmod>{day}</lastmod></sitemap>" for n, day in enumerate(DAYS))
    + "</sitemapindex>"
).encode()


def within(seconds: float, act: Callable[[], object]) -> object:
    """The result of something that may not take longer, in CPU time."""
    begun = time.process_time()
    made = act()
    assert time.process_time() - begun < seconds
    return made


def check_listing(listing: object) -> None:
    """What every listing keeps, whatever it was read from."""
    assert isinstance(listing, Listing)
    assert listing.fault is None or listing.fault in Fault
    for entry in listing.entries:
        entry.url.encode()
        assert entry.published is None or entry.published.tzinfo is not None
        entry.hints("feed")
    for child in listing.children:
        child.url.encode()
    assert listing.newest() is None or listing.dates()


@pytest.mark.attack("feeds, generated", "hostile input")
def test_every_feed_gives_a_listing_or_a_named_fault(attack: Attack) -> None:
    for number, rng in cases("feeds"):
        body = mutated(rng, (FEED, ATOM, JSON_FEED)[number % 3])
        with attack.case(body[:300]):
            check_listing(within(COSTLY, lambda body=body: read_listing(body, f"{BASE}rss")))  # type: ignore[misc]


@pytest.mark.attack("sitemaps, generated", "hostile input")
def test_every_sitemap_gives_a_listing_or_a_named_fault(attack: Attack) -> None:
    for number, rng in cases("sitemaps"):
        body = mutated(rng, (SITEMAP, INDEX)[number % 2])
        if rng.random() < 0.2:
            body = mutated(rng, gzip.compress(body))
        with attack.case(body[:300]):
            check_listing(within(COSTLY, lambda body=body: read_listing(body, f"{BASE}map.xml")))  # type: ignore[misc]


LINES = (
    "User-agent: newsmill", "User-agent: *", "Disallow: /", "Disallow: /secret", "Allow: /", "Allow: /secret$",
    "Crawl-delay: 5", "Sitemap: https://post.example/map.xml", "Request-rate: 1/10", "Host: post.example", "# comment",
    "Disallow: /*.php$", "Disallow: /a*b*c*d*e*f*g*", "Visit-time: 0600-0845", "Disallow:",
    "Clean-param: s /forum*", "Noindex: /x",
)  # fmt: skip


@pytest.mark.attack("robots.txt, generated", "hostile input")
def test_every_robots_txt_gives_rules_that_answer(attack: Attack) -> None:
    urls = [f"{BASE}{path}" for path in ("", "secret", "a/b", "%ff", "a" * 1_900, "x?y=*&$", "a" + "b" * 60)]
    for _, rng in cases("robots"):
        body = mutated(rng, "\n".join(rng.choices(LINES, k=rng.randrange(1, 40))).encode())
        with attack.case(body[:300]):

            def ask(body: bytes = body) -> None:
                file = RobotsFile(BASE, RobotsVerdict.RULES, 0.0, body)
                assert all(isinstance(file.allows(url), bool) for url in urls)
                assert file.crawl_delay >= 0.0
                assert not math.isnan(file.crawl_delay)
                assert all(isinstance(address, str) for address in file.sitemaps)

            within(COSTLY, ask)


@pytest.mark.attack("robots.txt, generated", "hostile input")
def test_no_line_that_is_none_of_the_protocol_lifts_a_ban(attack: Attack) -> None:
    words = (
        "Disalow: /",
        "Noindex: /secret",
        "<html>",
        "X-Allow: /secret",
        "Crawl-delay: x",
        "Sitemap:",
        ": /",
        "=",
        "#",
    )
    for _, rng in cases("bans"):
        noise = [rng.choice(words) + rng.choice(PIECES).decode("latin-1")[:200] for _ in range(rng.randrange(12))]
        noise = [line.replace("\n", " ").replace("\r", " ").replace("\x85", " ") for line in noise]
        body = "\n".join(["User-agent: *", *noise, "Disallow: /secret", *noise]).encode("latin-1", "replace")
        with attack.case(body[:300]):
            file = RobotsFile(BASE, RobotsVerdict.RULES, 0.0, body)
            assert not file.allows(f"{BASE}secret/page")


PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The harbour reopens - The Post</title>'
    '<script type="application/ld+json">{"@type":"NewsArticle","headline":"The harbour reopens",'
    '"datePublished":"2026-07-20T08:15:00+02:00","author":{"@type":"Person","name":"Ada Quill"}}</script>'
    '<meta property="og:title" content="The harbour reopens"><link rel="canonical" href="https://post.example/harbour">'
    "</head><body><nav><a href='/a'>News</a><a href='/b'>Sport</a></nav><article><h1>The harbour reopens</h1>"
    "<p class='byline'>By Ada Quill</p><time datetime='2026-07-20'>20 July 2026</time>"
    + "".join(f"<p>{part}</p>" for part in story(1))
    + "<p>Read more: <a href='/2026/07/19/fish'>Fish return</a></p></article><footer>© The Post</footer></body></html>"
).encode()


@pytest.mark.attack("pages, generated", "hostile input")
def test_every_page_is_an_article_or_has_one_reason_why_not(attack: Attack) -> None:
    rules, facts = load_rules(), SourceFacts(name="post")
    articles = 0
    for number, rng in cases("pages"):
        body = mutated(rng, PAGE)
        types = (
            "text/html",
            "text/html; charset=utf-8",
            "text/html; charset=utf-16",
            "application/xhtml+xml",
            "",
            "\0",
        )
        page = RawPage(
            source="post",
            url=f"{BASE}{number}",
            status=200,
            content_type=rng.choice(types),
            body=body,
            fetched_at=datetime(2026, 7, 21, tzinfo=UTC),
            run_id="r",
            raw_file="raw/source=post/date=2026-07-21/r-00000.warc.gz",
            raw_offset=number,
        )
        with attack.case(body[:300]):
            made = within(COSTLY, lambda page=page: clean(page, facts, rules).result)  # type: ignore[misc]
            assert isinstance(made, Article | Rejection)
            assert isinstance(made, Article) or made.reason in Reason
            articles += isinstance(made, Article)
            check_listing(within(COSTLY, lambda body=body: read_section(body, BASE, ArticleLinks())))  # type: ignore[misc]
    assert articles


# Records of one archive: more would make a lost one harder to find.
RECORDS = 40


@pytest.mark.attack("archive records, generated", "hostile input")
def test_every_record_of_an_archive_is_taken_or_counted_and_no_good_one_lost(tmp_path: Path, attack: Attack) -> None:
    numbered = list(cases("records"))
    for first in range(0, CASES, RECORDS):
        group = numbered[first : first + RECORDS]
        members = [gzip.compress(record(f"/good/{n}")) for n in range(GOOD)]
        for number, rng in group:
            bad = mutated(rng, record(f"/odd/{number}", fields=rng.choice(("", "Transfer-Encoding: chunked\r\n"))))
            packed = gzip.compress(bad)
            members.insert(rng.randrange(len(members)), mutated(rng, packed) if rng.random() < 0.3 else packed)
        progress = taken(tmp_path / str(first), b"".join(members))
        for number, _ in group:
            with attack.case((first, number)):
                assert progress.done
                assert progress.taken >= GOOD
                assert progress.taken + progress.left_out.total() == progress.records
                assert "internal-error" not in progress.left_out, progress.left_out


WHOLE_TOML = (
    'name = "odd"\ntitle = "The Post"\nhome = "https://odd.example/"\nhosts = ["odd.example"]\nenabled = true\n'
    'feeds = ["https://odd.example/rss"]\nlanguages = ["en"]\ntimezone = "Europe/Berlin"\n'
    "[politeness]\ndelay_seconds = 2.5\nconcurrency = 2\n[limits]\nmax_bytes = 5_000_000\n"
)


@pytest.mark.attack("catalogue files, generated", "hostile input")
def test_every_catalogue_file_loads_or_is_named_and_costs_no_other_source(tmp_path: Path, attack: Attack) -> None:
    good = WHOLE_TOML.replace("odd", "harbor")
    (tmp_path / "harbor.toml").write_text(good)
    file = tmp_path / "odd.toml"
    for _, rng in cases("toml"):
        body = mutated(rng, WHOLE_TOML.encode())
        file.write_bytes(body)
        with attack.case(body[:300]):
            sources, faults = read_catalogue(tmp_path)
            assert "harbor" in sources
            assert len(sources) + len(faults) == 2
            try:
                load_source(file)
            except CatalogueError as error:
                assert "odd.toml" in str(error)


@pytest.mark.attack("titles, generated", "hostile input")
def test_every_title_makes_a_catalogue_file_that_loads_and_steers_no_terminal(attack: Attack) -> None:
    for _, rng in cases("titles"):
        title = mutated(rng, b"The Harbour Post 2026").decode(rng.choice(("utf-8", "latin-1", "utf-16-le")), "replace")
        with attack.case(title[:100]):
            page = f"<html><head><title>{title}</title></head><body></body></html>".encode("utf-8", "replace")
            home = HomePage(Answer(BASE, 200, (), page, (), None, 0.0))
            found = provisional(BASE).model_copy(update={"title": home.title or "none"})
            assert tomllib.loads(source_toml(found, "2026-07-20"))["title"] == (home.title or "none")
            raw = found.model_copy(update={"title": title or "none"})
            assert tomllib.loads(source_toml(raw, "2026-07-20"))["title"] == (title or "none")
            told = plain(title)
            assert not set(told) & {chr(code) for code in (*range(9), 11, 12, *range(14, 32), 127, *range(128, 160))}
            assert "\u202e" not in told
