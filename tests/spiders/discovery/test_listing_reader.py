"""Feeds, sitemaps and section pages, whole and broken."""

from __future__ import annotations

import gzip
import json
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.discovery.listing import Child, Fault, Listing, ListingEntry, Span, period_in, recent
from spiders.discovery.listing_reader import read_listing
from spiders.discovery.sections import ArticleLinks, read_section, shape
from spiders.discovery.sitemaps import MAX_BYTES, lists_no_posts, read_sitemap

URL = "https://post.example/list.xml"
WHEN = datetime(2026, 7, 20, 10, tzinfo=UTC)

RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Post</title>
<item><title>One &amp; only</title><link>https://post.example/one#c</link>
<pubDate>Mon, 20 Jul 2026 12:00:00 +0200</pubDate></item>
<item><title>Two</title><link>/two</link><pubDate>yesterday-ish</pubDate></item>
<item><title>Three</title><guid isPermaLink="true">https://post.example/three</guid></item>
</channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Post</title><link rel="next" href="/feed?page=2"/>
<entry><title>One</title><link href="https://post.example/one"/><published>2026-07-20T12:00:00+02:00</published>
<updated>2026-07-20T11:00:00Z</updated></entry></feed>"""
RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><item rdf:about="https://post.example/one"><title>One</title>
<link>https://post.example/one</link><dc:date>2026-07-20T10:00:00Z</dc:date></item></rdf:RDF>"""
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "next_url": "/feed.json?page=2",
        "items": [{"url": "/one", "title": "One", "date_published": "2026-07-20T12:00:00+02:00"}, {"id": "3"}, 7],
    }
).encode()
NEWS = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> https://post.example/one </loc><image:image><image:loc>https://post.example/one.jpg</image:loc></image:image>
<news:news><news:publication_date>2026-07-20T12:00:00+02:00</news:publication_date><news:title>One</news:title></news:news>
<lastmod>2026-07-20T11:00:00Z</lastmod></url></urlset>"""
INDEX = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>/sitemap-2026-07.xml</loc><lastmod>2026-07-20</lastmod></sitemap>
<sitemap><loc>/sitemap-2020-01.xml</loc></sitemap></sitemapindex>"""


@pytest.mark.parametrize("body", [RSS, ATOM, RDF, JSON_FEED, NEWS, gzip.compress(NEWS), gzip.compress(RSS)])
def test_every_form_gives_its_entries_with_their_dates(body: bytes) -> None:
    listing = read_listing(body, URL)
    assert listing.fault is None
    assert listing.entries[0].url == "https://post.example/one"
    assert listing.entries[0].published == WHEN


def test_relative_links_guids_and_wrong_dates_are_saved() -> None:
    entries = read_listing(RSS, URL).entries
    assert [entry.url for entry in entries] == [f"https://post.example/{name}" for name in ("one", "two", "three")]
    assert entries[0].title == "One & only"
    assert entries[1].published is None


def test_media_addresses_of_a_sitemap_are_not_taken_for_pages() -> None:
    assert [entry.url for entry in read_listing(NEWS, URL).entries] == ["https://post.example/one"]


def test_an_index_gives_its_sitemaps_and_paged_feeds_their_next_page() -> None:
    assert [child.url for child in read_listing(INDEX, URL).children] == [
        "https://post.example/sitemap-2026-07.xml",
        "https://post.example/sitemap-2020-01.xml",
    ]
    assert read_listing(ATOM, URL).next_page == "https://post.example/feed?page=2"
    assert read_listing(JSON_FEED, URL).next_page == "https://post.example/feed.json?page=2"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("wp-sitemap-posts-post-1.xml", False),
        ("wp-sitemap-posts-page-1.xml", True),
        ("wp-sitemap-taxonomies-post_tag-2.xml", True),
        ("wp-sitemap-users-1.xml", True),
        ("post-sitemap3.xml", False),
        ("post_tag-sitemap.xml", True),
        ("sitemap-authors.xml", True),
        ("sitemap-posts.xml", False),
        ("sitemap-2026-07.xml", False),
        ("sitemap-page-17.xml", False),
    ],
)
def test_sitemaps_of_tags_authors_and_pages_are_known_by_their_names(name: str, expected: bool) -> None:
    assert lists_no_posts(f"https://post.example/{name}") is expected


def test_a_text_sitemap_is_read_line_by_line() -> None:
    listing = read_listing(b"https://post.example/one\nnonsense\nhttps://post.example/two\n", URL)
    assert [entry.url for entry in listing.entries] == ["https://post.example/one", "https://post.example/two"]


ROOTS = [b"urlset><url><loc>%s</loc></url></urlset", b"rss><channel><item><link>%s</link></item></channel></rss"]
BOMB = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%b">' % (97 + n, b"&%c;" % (96 + n) * 10) for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("body", "fault", "saved"),
    [
        (b"", Fault.EMPTY, 0),
        (b"   \n", Fault.EMPTY, 0),
        (b"<!doctype html><html><title>Cookies?</title><body>Accept all</body></html>", Fault.HTML, 0),
        (b"%PDF-1.4 ...", Fault.UNKNOWN, 0),
        (b"\x00\x01\x02\x03", Fault.UNKNOWN, 0),
        (RSS[: RSS.index(b"<item><title>Three")], Fault.MALFORMED, 2),
        (RSS.replace(b"One &amp; only", b"One & <only"), Fault.MALFORMED, 1),
        (NEWS[: NEWS.index(b"</urlset>")], Fault.MALFORMED, 1),
        (NEWS.replace(b"<lastmod>", b"<lastmod></wrong>"), Fault.MALFORMED, 1),
        (gzip.compress(NEWS * 1)[:-12], Fault.TRUNCATED, 1),
        (b"\x1f\x8b garbage", Fault.TRUNCATED, 0),
        (b"<urlset></urlset>", Fault.EMPTY, 0),
        (b"<rss><channel></channel></rss>", Fault.EMPTY, 0),
        (b'{"items": "none"}', Fault.EMPTY, 0),
        (b'{"items": [', Fault.MALFORMED, 0),
        (b"[" * 100_000, Fault.UNKNOWN, 0),
        (b'{"items":' + b"[" * 100_000, Fault.MALFORMED, 0),
    ],
)
def test_what_is_broken_gives_what_can_be_saved_and_a_named_fault(body: bytes, fault: Fault, saved: int) -> None:
    listing = read_listing(body, URL)
    assert listing.fault == fault
    assert len(listing.entries) >= saved


@pytest.mark.parametrize(
    "root", [b"urlset><url><loc>%s</loc></url></urlset", b"rss><channel><item><link>%s</link></item></channel></rss"]
)
def test_entity_bombs_do_not_go_off(root: bytes) -> None:
    body = BOMB + b"]><" + root % b"&l;" + b">"
    begun = time.process_time()
    listing = read_listing(body, URL)
    assert time.process_time() - begun < 5
    assert all(len(entry.url) < 10_000 for entry in listing.entries)


@pytest.mark.parametrize(
    "root", [b"urlset><url><loc>%s</loc></url></urlset", b"rss><channel><item><link>%s</link></item></channel></rss"]
)
def test_external_entities_are_never_resolved(root: bytes, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("https://post.example/TOP-SECRET")
    head = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file://%s">]><' % bytes(secret)
    listing = read_listing(head + root % b"&x;" + b">", URL)
    assert not any("SECRET" in entry.url for entry in listing.entries)


def test_a_body_that_names_a_file_is_no_file(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_bytes(RSS)
    assert not read_listing(str(path).encode(), URL).entries


def test_a_packed_sitemap_that_grows_beyond_the_protocol_s_limit_is_read_up_to_it() -> None:
    entry = b"<url><loc>https://post.example/%07d</loc></url>" + b" " * 4_000
    rows = b"".join(entry % n for n in range(MAX_BYTES // len(entry % 0) + 500))
    listing = read_sitemap(gzip.compress(b"<urlset>" + rows + b"</urlset>", 1), URL)
    assert listing.fault == Fault.TOO_LARGE
    assert len(listing.entries) > 12_000


@given(st.binary(max_size=2_000))
def test_nothing_that_a_server_sends_raises(body: bytes) -> None:
    for prefix in (b"", b"<rss>", b"<urlset>", b"{", b"\x1f\x8b\x08"):
        read_listing(prefix + body, URL)
    read_section(body, URL, ArticleLinks())


@pytest.mark.parametrize(
    ("url", "period"),
    [
        ("/sitemap-2020-07.xml", (date(2020, 7, 1), date(2020, 7, 31))),
        ("/sitemap_202007.xml.gz", (date(2020, 7, 1), date(2020, 7, 31))),
        ("/2020/07/15/story", (date(2020, 7, 15), date(2020, 7, 15))),
        ("/sitemap-20200715.xml", (date(2020, 7, 15), date(2020, 7, 15))),
        ("/sitemap?yyyy=2020&mm=12", (date(2020, 1, 1), date(2020, 12, 31))),
        ("/sitemap-2020.xml", (date(2020, 1, 1), date(2020, 12, 31))),
        ("/sitemap-2020-02-31.xml", None),
        ("/sitemap-12.xml", None),
        ("/article-123456789", None),
    ],
)
def test_the_period_that_an_address_names_is_read(url: str, period: tuple[date, date] | None) -> None:
    assert period_in(url) == period


def test_a_backfill_reads_only_sitemaps_that_may_list_its_days() -> None:
    span = Span(date(2020, 7, 10), date(2020, 7, 12))
    assert span.may_list(Child("/sitemap-2020-07.xml"))
    assert not span.may_list(Child("/sitemap-2020-08.xml"))
    assert not span.may_list(Child("/sitemap-1.xml", datetime(2019, 1, 1, tzinfo=UTC)))
    assert span.may_list(Child("/sitemap-1.xml", datetime(2026, 1, 1, tzinfo=UTC)))
    assert span.may_list(Child("/sitemap-1.xml"))


def test_a_backfill_offers_what_may_be_of_its_days() -> None:
    span = Span(date(2020, 7, 10), date(2020, 7, 12))
    assert span.may_hold(ListingEntry("/a", published=datetime(2020, 7, 12, 23, tzinfo=UTC)))
    assert not span.may_hold(ListingEntry("/a", published=datetime(2020, 7, 14, tzinfo=UTC)))
    assert not span.may_hold(ListingEntry("/2020/06/01/a", modified=datetime(2026, 1, 1, tzinfo=UTC)))
    assert not span.may_hold(ListingEntry("/a", modified=datetime(2020, 7, 1, tzinfo=UTC)))
    assert span.may_hold(ListingEntry("/a", modified=datetime(2026, 1, 1, tzinfo=UTC)))
    assert span.may_hold(ListingEntry("/a"))


def test_recent_is_counted_from_the_newest_that_a_site_lists() -> None:
    listing = Listing(children=(Child("/sitemap-2019-05.xml"), Child("/sitemap-2019-03.xml")))
    span = recent(listing, 30, date(2026, 7, 20))
    assert span == Span(date(2019, 5, 1))
    assert recent(Listing(entries=(ListingEntry("/a"),)), 30, date(2026, 7, 20)) is None


PAGE = b"""<html><head><link rel="next" href="?page=2"></head><body><base href="/news/">
<a href="/2026/07/20/harbour-wall-to-rise-again">Harbour <b>wall</b></a>
<a href="/2026/07/20/harbour-wall-to-rise-again"></a>
<a href="sport">Sport</a><a href="/tag/harbour-wall-and-the-sea">tag</a><a href="/about-us-and-our-team">About</a>
<a href="javascript:void(0)">x</a>
<a href="http://[bad">bad</a><a href="/img/2026/07/20/a-b-c-d.jpg">pic</a></body></html>"""


def test_section_links_are_judged_by_what_the_site_s_feeds_taught() -> None:
    judge = ArticleLinks.learn([f"https://post.example/2026/07/{day:02d}/some-story-of-the-day" for day in range(1, 9)])
    listing = read_section(PAGE, "https://post.example/news/", judge)
    assert [entry.url for entry in listing.entries] == ["https://post.example/2026/07/20/harbour-wall-to-rise-again"]
    assert listing.entries[0].title == "Harbour wall"
    assert listing.next_page == "https://post.example/news/?page=2"


@pytest.mark.parametrize(
    ("path", "is_article"),
    [
        ("/2026/07/20/harbour-wall", True),
        ("/news/harbour-wall-to-rise-again", True),
        ("/article123456.html", True),
        ("/politik/haushalt-2026-a-1234567.html", True),
        ("/sport", False),
        ("/", False),
        ("/tag/harbour-wall-to-rise-again", False),
        ("/author/ann-marie-van-der-berg", False),
        ("/video/2026/07/20/harbour-wall", False),
        ("/a/photo-of-the-harbour-wall-12345.jpg", False),
    ],
)
def test_without_lessons_a_general_judgement_stands(path: str, is_article: bool) -> None:
    assert ArticleLinks().is_article(f"https://post.example{path}") is is_article


def test_few_examples_teach_nothing() -> None:
    assert ArticleLinks.learn(["https://post.example/a/b"] * 4).shapes == frozenset()
    assert shape("https://post.example/2026/07/20/harbour-wall-to-rise-again.html") == "/Y/D/D/S.html"


def test_an_archived_feed_leads_to_the_document_before_it() -> None:
    body = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><link rel="prev-archive" href="/2026/06.atom"/>'
        b'<entry><link href="/a"/></entry></feed>'
    )
    listing = read_listing(body, "https://post.example/feed")
    assert (listing.next_page, listing.next_is_guess) == ("https://post.example/2026/06.atom", False)


def test_wordpress_s_list_of_posts_is_read_and_a_broken_one_is_named() -> None:
    post = b'{"link":"https://post.example/a","date_gmt":"2026-07-01T09:00:00","title":{"rendered":"A &amp;  title"}}'
    listing = read_listing(b"[" + post + b',{"title":1},7]', "https://post.example/wp-json/wp/v2/posts")
    assert [(e.url, e.title, e.published) for e in listing.entries] == [
        ("https://post.example/a", "A & title", datetime(2026, 7, 1, 9, tzinfo=UTC))
    ]
    assert listing.next_page is None
    assert read_listing(b"[" + post, "https://post.example/").fault == Fault.MALFORMED
    assert read_listing(b"[]", "https://post.example/").fault == Fault.EMPTY


def test_a_section_page_leads_to_its_next_page_also_where_only_the_number_says_so() -> None:
    links = '<a href="/news/page/2/">2</a><a href="/news/page/3/">3</a><a href="/a-story-of-the-harbour">A story</a>'
    listing = read_section(f"<html><body>{links}</body></html>".encode(), "https://post.example/news/", ArticleLinks())
    assert listing.next_page == "https://post.example/news/page/2/"


def test_of_few_known_articles_the_folder_is_learned() -> None:
    judge = ArticleLinks.learn(["https://post.example/blog/tides/", "https://post.example/blog/new-crane/"])
    assert judge.is_article("https://post.example/blog/ferry/")
    assert not judge.is_article("https://post.example/about-us/")
    assert not judge.is_article("https://post.example/blog/page/2/")
    known = [f"https://post.example/news/2026/07/0{n}/a-story-of-the-harbour" for n in range(1, 8)]
    assert not ArticleLinks.learn(known).is_article("https://post.example/news/2026/07/sport")


def test_where_nothing_is_known_the_folder_that_headlines_lead_to_is_that_of_the_articles() -> None:
    headlines = "".join(f'<h2><a href="/blog/p{n}/">The ferry is late again</a></h2>' for n in range(3))
    menu = '<a href="/shop/one/">Shop</a><a href="/shop/two/">More</a><a href="/blog/">Blog</a>'
    listing = read_section(
        f"<html><body>{menu}{headlines}</body></html>".encode(), "https://post.example/blog/", ArticleLinks()
    )
    assert [entry.url.rpartition("blog")[2] for entry in listing.entries] == ["/p0/", "/p1/", "/p2/"]


@pytest.mark.parametrize(
    "number", ["x110000", "xD800", "xDFFF", "9999999999", "9" * 5_000, "x" + "f" * 5_000, "0", "00065"]
)
def test_a_reference_to_no_character_costs_a_feed_that_character_alone(number: str) -> None:
    item = f"<item><title>A &#{number}; b</title><link>https://post.example/1</link></item>"
    feed = f"<rss version='2.0'><channel>{item}</channel></rss>"
    [entry] = read_listing(feed.encode(), "https://post.example/rss").entries
    assert entry.url == "https://post.example/1"
    assert entry.title is not None
    entry.title.encode()


def test_a_parser_that_raises_is_a_fault_of_that_listing(monkeypatch: pytest.MonkeyPatch) -> None:
    def raises(body: bytes, url: str) -> Listing:
        raise KeyError("title")

    monkeypatch.setattr("spiders.discovery.listing_reader.read_feed", raises)
    read = read_listing(b"<rss><channel/></rss>", "https://post.example/rss")
    assert (read.fault, read.detail) == (Fault.MALFORMED, "KeyError: 'title'")
