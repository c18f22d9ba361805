"""A crawl reads what a site says about its pages, once a day, and keeps it with them."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import update

from spiders.archive.warc_reader import read_pages
from spiders.frontier.bookkeeping.erasure import archived_of, rows_of
from spiders.frontier.tables import statements
from tests.spiders.crawling import Crawls
from tests.spiders.oneweb import OneWeb, rss

pytestmark = pytest.mark.slow  # each crawls

HTML = {"Content-Type": "text/html"}
TDMREP = "/.well-known/tdmrep.json"


def site(web: OneWeb, *paths: str) -> None:
    web.pages["/rss"] = rss(*map(web.url, paths))
    for path in paths:
        web.pages[path] = ("200 OK", HTML, f"<html><body><p>This is {path}.</p></body></html>".encode())
    robots = f"License: {web.url('/license.xml')}\nUser-agent: *\nContent-Signal: ai-train=no\nAllow: /\n"
    web.pages["/robots.txt"] = ("200 OK", {"Content-Type": "text/plain"}, robots.encode())
    web.pages["/license.xml"] = ("200 OK", {}, b'<rsl xmlns="https://rslstandard.org/rsl"/>')
    rules = [{"location": "/", "tdm-reservation": 1}]
    web.pages[TDMREP] = ("200 OK", {"Content-Type": "application/json"}, json.dumps(rules).encode())


def archived(made: Crawls) -> list[tuple[str, list[str]]]:
    files = sorted(made.lake.glob("raw/*/*/*.warc.gz"))
    return [
        (page.url.rsplit("/", 1)[1], [s.kind for s in page.statements])
        for file in files
        for page in read_pages(file, root=made.lake)
    ]


def test_statements_are_asked_for_once_and_archived_with_every_page(tmp_path: Path) -> None:
    with OneWeb({}) as web:
        site(web, "/a", "/b")
        made = Crawls(tmp_path, web.port)
        web.write_source(made.sources)
        made.run()
        assert sorted(archived(made)) == [(name, ["robots.txt", "tdmrep.json", "rsl"]) for name in ("a", "b")]
        site(web, "/a", "/b", "/c")
        made.run(revisit="all")
        assert web.paths().count(TDMREP) == web.paths().count("/license.xml") == 1
        assert ("c", ["robots.txt", "tdmrep.json", "rsl"]) in archived(made)


def test_a_statement_that_fails_leaves_the_copy_of_yesterday_in_force_and_one_that_is_gone_does_not(
    tmp_path: Path,
) -> None:
    with OneWeb({}) as web:
        site(web, "/a")
        made = Crawls(tmp_path, web.port)
        web.write_source(made.sources)
        made.run()
        yesterday = update(statements).values(checked_at=statements.c.checked_at - 100_000)
        answers = ("500 Oops", "/b", True), ("429 Too Many Requests", "/d", True), ("404 Not Found", "/c", False)
        for answer, path, kept in answers:
            with made.frontier().engine.begin() as db:
                db.execute(yesterday)
            site(web, path)
            web.pages[TDMREP] = (answer, {}, b"")
            made.run(revisit="all")
            kinds = dict(archived(made))[path[1:]]
            assert ("tdmrep.json" in kinds) is kept
            assert "rsl" in kinds


def test_a_clock_that_was_wrong_costs_no_page(tmp_path: Path) -> None:
    with OneWeb({}) as web:
        site(web, "/a")
        made = Crawls(tmp_path, web.port)
        web.write_source(made.sources)
        made.run()
        with made.frontier().engine.begin() as db:
            db.execute(update(statements).values(fetched_at=float("inf")))
        site(web, "/b")
        made.run(revisit="all")
        assert ("b", ["robots.txt", "tdmrep.json", "rsl"]) in archived(made)


def test_a_page_for_sale_is_archived_with_its_price(tmp_path: Path) -> None:
    with OneWeb({}) as web:
        site(web, "/a")
        web.pages["/a"] = ("402 Payment Required", {**HTML, "Crawler-Price": "USD 0.01"}, b"pay")
        made = Crawls(tmp_path, web.port)
        web.write_source(made.sources)
        made.run()
        (file,) = made.lake.glob("raw/*/*/*.warc.gz")
        (page,) = read_pages(file, root=made.lake)
        assert (page.status, page.headers) == (402, (("crawler-price", "USD 0.01"),))
        frontier = made.frontier()
        (failure,) = frontier.failures()
        assert failure.outcome == "http-402"
        assert "USD 0.01" in (failure.detail or "")
        rows = rows_of(frontier.engine, [web.url("/a")], [])
        assert archived_of(frontier.engine, rows) == {(page.raw_file, page.raw_offset)}, "an erasure has to find it"


def test_terms_and_lists_of_posts_are_asked_for_like_any_page_or_not_at_all(tmp_path: Path) -> None:
    """By robots.txt, at the host's pace, and never at an address that is not the source's own."""
    with OneWeb({}) as other, OneWeb({}) as web:
        site(web, "/a")
        elsewhere = f"http://127.0.0.1:{other.port}/terms.xml"
        closed = ("/closed.xml", "/wp-json/", "/*paged=")
        lines = [f"License: {web.url('/closed.xml')}", f"License: {elsewhere}", f"License: {web.url('/license.xml')}"]
        lines += ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
        web.pages["/robots.txt"] = ("200 OK", {"Content-Type": "text/plain"}, "\n".join(lines).encode())
        web.pages[TDMREP] = ("302 Found", {"Location": elsewhere}, b"")
        status, headers, body = web.pages["/rss"]
        wordpress = b"<channel><generator>https://wordpress.org/?v=6.1</generator>"
        web.pages["/rss"] = (status, headers, body.replace(b"<channel>", wordpress))
        made = Crawls(tmp_path, web.port)
        apis = f'["{web.url("/wp-json/wp/v2/posts")}"]'
        web.write_source(made.sources, apis=apis, politeness="delay_seconds = 0.3\ntimeout_seconds = 30\n")
        made.run()
    assert other.log == []
    assert sorted(web.paths()) == sorted(["/robots.txt", "/rss", "/a", TDMREP, "/license.xml"])
    times = [at for at, _, _ in web.log]
    assert min(later - earlier for earlier, later in pairwise(times)) > 0.25
