"""What a server sends to be parsed costs its own process seconds, and the crawl nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cleaning.attributes import ATTRIBUTES_MAX, bounded_attributes
from cleaning.boilerplate.rules import load_rules
from cleaning.page import PageError, parse
from spiders.discovery import listing_worker
from spiders.discovery.listing import Fault, Listing
from spiders.discovery.listing_worker import ListingParser
from spiders.discovery.sections import ArticleLinks, read_section
from tests.faults.conftest import Attack
from tests.spiders.crawling import Crawls
from tests.spiders.oneweb import OneWeb, html, rss

LINK = b'<a href="/2026/07/20/a-headline-of-many-words">A headline</a>'


def many(form: bytes, count: int = 45_000) -> bytes:
    return b" ".join(form % number for number in range(count))


TAGS = {
    "attributes without values": b"<p " + many(b"a%d") + b">",
    "attributes with values": b"<p " + many(b"a%d=1") + b">",
    "quoted values": b"<p " + many(b'a%d="1 > 2"') + b">",
    "single quotes": b"<p " + many(b"a%d='1'") + b">",
    "slashes between": b"<p/" + many(b"a%d=1").replace(b" ", b"/") + b">",
    "the same name": b"<p " + b"a=1 " * 45_000 + b">",
    "a tag without end": b"<p " + many(b"a%d=1"),
    "one long value": b'<img src="data:image/png;base64,' + b"A" * 400_000 + b'">',
    "one value without end": b'<p a="' + b"x" * 400_000,
    "values that hold <": b"<p " + many(b'a%d="<"') + b">",
    "values that hold >": b"<p " + many(b"a%d='>'") + b">",
    "a value that holds a tag": b'<p x="<b>" ' + many(b"a%d") + b">",
    "a bare value that holds <": b"<p x=< " + many(b"a%d") + b">",
    "a name that holds <": b"<p < " + many(b"a%d") + b">",
    "stray quotes and equals": b'<p x" y=">" == \'' + many(b"a%d=") + b">",
    "nothing between": b"<p " + many(b'a%d="<"').replace(b" ", b"") + b">",
    "tags in the values of tags": (b'<a b="' * 60 + b">") * 1_500,
    "bare tags in the values of tags": (b"<a b=" * 480 + b">") * 200,
    "quotes that pair otherwise": b"<a b='<c d=\"" * 40_000,
    "a tag in a script before": b"<script>x='<a b=\"'</script><p " + many(b"a%d") + b">",
    "a tag in a comment before": b'<!-- <a b=" --><p ' + many(b"a%d") + b">",
    "nothing but spaces": b"<p " + b" " * 400_000 + b">",
    "nothing but quotes": b"<p " + b'"' * 100_000 + b">",
    "nothing but equals": b"<p " + b"=" * 100_000 + b">",
}


@pytest.mark.attack("tags of pages", "hostile input")
def test_a_page_costs_its_length_whatever_its_tags(attack: Attack) -> None:
    for name, tag in TAGS.items():
        for body in (b"<html><body>" + LINK + tag + b"words</p></body></html>", b"<html " + tag[3:] + LINK):
            with attack.case(name):
                begun = time.process_time()
                try:
                    parse(body, "text/html")
                except PageError as error:
                    assert error.reason
                read_section(body, "https://post.example/", ArticleLinks())
                assert time.process_time() - begun < 4


def test_tags_that_pages_have_are_left_as_they_are() -> None:
    most = b"<p " + many(b'data-%d="1"', ATTRIBUTES_MAX) + b">"
    for page in (most, b"<p>" + b"word " * 9_000, b"<script>" + b"a=1 " * 9_000 + b"</script>", TAGS["one long value"]):
        assert bounded_attributes(page) == page
    cut = bounded_attributes(b"<p " + many(b"a%d=1") + b">words")
    assert cut.count(b"=") == ATTRIBUTES_MAX
    assert cut.endswith(b">words")
    assert load_rules()


def forever(*_: object) -> Listing:
    while True:
        pass


def greedy(*_: object) -> Listing:
    taken = [bytes(50_000_000) for _ in range(200)]
    return Listing(detail=str(len(taken)))


def dies(*_: object) -> Listing:
    import os

    os._exit(9)


@pytest.fixture
def parser() -> Iterator[ListingParser]:
    made = ListingParser(seconds=4.0)
    yield made
    made.close()


@pytest.mark.attack("parsers that do not end", "fault")
def test_a_parser_that_does_not_end_is_ended_and_the_next_listing_is_read(
    parser: ListingParser, attack: Attack
) -> None:
    feed = rss("https://post.example/a")[2]

    async def ask() -> None:
        first = await parser.listing(feed, "https://post.example/rss")
        assert [entry.url for entry in first.entries] == ["https://post.example/a"]
        for stuck in (forever, greedy, dies):
            with attack.case(stuck.__name__):
                ticks, running = 0, asyncio.create_task(parser._run(stuck, b"", ""))
                while not running.done():
                    ticks += 1
                    await asyncio.sleep(0.05)
                assert running.result().fault is Fault.TOO_COSTLY
                assert ticks >= 1  # the crawl went on meanwhile
                again = await parser.listing(feed, "https://post.example/rss")
                assert [entry.url for entry in again.entries] == ["https://post.example/a"]

    asyncio.run(ask())


def test_a_crawl_goes_on_beside_a_listing_that_takes_all_its_time(tmp_path: Path) -> None:
    nested = b"<rss version='2.0'><channel>" + b"<item>" * 300_000 + b"</channel></rss>"
    with OneWeb({"/a": html(), "/deep": ("200 OK", {"Content-Type": "application/rss+xml"}, nested)}) as web:
        web.pages["/rss"] = rss(web.url("/a"))
        made = Crawls(tmp_path, web.port)
        web.write_source(made.sources, feeds=f'["{web.url("/deep")}", "{web.url("/rss")}"]')
        made.run()
        assert made.frontier().outcomes()[web.url("/a")] == "fetched"
    assert listing_worker.SECONDS < 30
