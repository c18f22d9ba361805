"""A crawl reads what a site says about its pages, once a day, and keeps it with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import update

from spiders.archive.warc_reader import read_pages
from spiders.frontier.tables import statements
from tests.spiders.crawling import Crawls
from tests.spiders.oneweb import OneWeb, Page

pytestmark = pytest.mark.slow  # each crawls

HTML = {"Content-Type": "text/html"}
TDMREP = "/.well-known/tdmrep.json"


def rss(web: OneWeb, *paths: str) -> Page:
    items = "".join(f"<item><title>{path}</title><link>{web.url(path)}</link></item>" for path in paths)
    body = f"<rss version='2.0'><channel>{items}</channel></rss>"
    return "200 OK", {"Content-Type": "application/rss+xml"}, body.encode()


def site(web: OneWeb, *paths: str) -> None:
    web.pages["/rss"] = rss(web, *paths)
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
        for answer, path, kept in (("500 Oops", "/b", True), ("404 Not Found", "/c", False)):
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
        (failure,) = made.frontier().failures()
        assert failure.outcome == "http-402"
        assert "USD 0.01" in (failure.detail or "")
