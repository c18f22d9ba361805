"""One odd answer of one server never costs another URL, another source, or the terminal of whoever looks at it."""

from __future__ import annotations

import io
import json
import random
import tomllib
from pathlib import Path

import pytest
from sqlalchemy import select

from cleaning.records import Hints
from flows.cli.shared.terminal import PlainConsole, plain
from spiders.discovery.feeds import read_json_feed
from spiders.discovery.home_page import HomePage, provisional, source_toml
from spiders.fetching.fetcher import Answer
from spiders.fetching.robots import MAX_BYTES, RobotsFile, RobotsVerdict
from spiders.frontier.frontier import DiscoveredUrl, FinishedTask, Frontier, Outcome, Task
from spiders.frontier.outcomes import is_outcome, meaning
from spiders.frontier.tables import visits
from spiders.probe import read_checks
from tests.faults.conftest import Attack
from tests.spiders.crawling import Crawls
from tests.spiders.oneweb import OneWeb, html, rss

STATUS_LINES = [
    "HTTP/1.1 -200 OK",
    "HTTP/1.1 0 Nothing",
    "HTTP/1.1 99 Early",
    "HTTP/1.1 600 Late",
    "HTTP/1.1 999 Denied",
    "HTTP/1.1 2000 OK",
    "HTTP/1.1 +200 OK",
    "HTTP/1.1 2e2 OK",
    "HTTP/1.1 0200 OK",
    "HTTP/1.1 ２００ OK",
    "HTTP/1.1 2_0_0 OK",
    f"HTTP/1.1 {'9' * 5_000} OK",
    "HTTP/1.1  OK",
    "HTTP/1.1 \x1b]0;title\x07 OK",
    "HTTP/9.9 200 OK",
    "HTTP/1.1 200",
    "http/1.1 200 ok",
    "ICY 200 OK",
]


@pytest.mark.attack("status lines", "hostile input")
def test_every_status_line_ends_in_one_outcome_of_the_list(tmp_path: Path, attack: Attack) -> None:
    with OneWeb({"/good": html()}) as web:
        paths = [f"/odd/{n}" for n in range(len(STATUS_LINES))]
        for path, line in zip(paths, STATUS_LINES, strict=True):
            body = b"<html><p>Words.</p></html>"
            fields = f"Content-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
            web.raw[path] = f"{line}\r\n{fields}".encode() + body
        web.pages["/rss"] = rss(*map(web.url, ["/good", *paths]))
        made = Crawls(tmp_path, web.port)
        web.write_source(made.sources)
        made.run()
        frontier = made.frontier()
        got = frontier.outcomes()
    for path, line in zip(paths, STATUS_LINES, strict=True):
        with attack.case(line[:30]):
            assert is_outcome(got[web.url(path)]), got[web.url(path)]
            assert meaning(got[web.url(path)])
    assert got[web.url("/good")] == "fetched"
    # The server closes after each of these: a connection found stale counts as another kind of failure.
    assert got[web.url("/odd/0")] in ("bad-response", "retries-exhausted")


def offer(url: str) -> DiscoveredUrl:
    return DiscoveredUrl("post", url, url, "post.example", Hints())


def test_a_word_that_is_not_on_the_list_becomes_an_error_of_our_own(tmp_path: Path) -> None:
    frontier = Frontier(tmp_path / "f.sqlite")
    frontier.enqueue("r1", [offer("https://post.example/a")])
    [task] = frontier.claim(frontier.leases.begin("r1"), "post", "post.example", 9)
    frontier.finish("r1", [FinishedTask(task, "http--200", 1.0, "answered -200")])
    [failure] = frontier.failures()
    assert failure.outcome == Outcome.INTERNAL_ERROR
    assert "http--200" in (failure.detail or "")


def visit_moved(frontier: Frontier, run: str, task: Task, target: str) -> None:
    frontier.finish(run, [FinishedTask(task, Outcome.MOVED, 1.0, target)])


@pytest.mark.attack("redirect circles", "fault")
def test_a_circle_that_was_walked_in_pieces_is_a_loop_all_the_same(tmp_path: Path, attack: Attack) -> None:
    """Every order in which the hops of a circle can end, over runs, as kills leave them."""
    rng = random.Random(3)
    for number in range(30):
        size = 2 + number % 4
        with attack.case(number):
            frontier = Frontier(tmp_path / f"{number}.sqlite")
            names = [f"https://post.example/{n}" for n in range(size)]
            frontier.enqueue("r0", [offer(url) for url in [*names, "https://post.example/in"]])
            lease = frontier.leases.begin("r0")
            tasks = {task.url: task for task in frontier.claim(lease, "post", "post.example", 99)}
            order = rng.sample(range(size), size)
            for turn in order:
                visit_moved(frontier, f"r{turn}", tasks[names[turn]], names[(turn + 1) % size])
            visit_moved(frontier, "r9", tasks["https://post.example/in"], names[0])
            got = frontier.outcomes()
            assert {got[name] for name in names} == {"redirect-loop"}
            assert got["https://post.example/in"] == "moved"  # to a URL that has an outcome of its own
            with frontier.engine.connect() as db:
                told = [row.outcome for row in db.execute(select(visits.c.outcome))]
            assert sorted(told) == ["moved", *["redirect-loop"] * size]


def test_two_listed_pages_that_point_at_each_other_are_a_loop(tmp_path: Path) -> None:
    with OneWeb({"/a": ("302 Found", {"Location": "/b"}, b""), "/b": ("302 Found", {"Location": "/a"}, b"")}) as web:
        web.pages["/rss"] = rss(web.url("/a"), web.url("/b"))
        made = Crawls(tmp_path, web.port)
        web.write_source(made.sources)
        made.run()
        assert set(made.frontier().outcomes().values()) == {"redirect-loop"}


ADDRESSES = [
    "http://[",
    "http://[::1",
    "http://[v1.x]/",
    "http://]/",
    "https://post.example:99999999/",
    "https://post.example:-1/a",
    "https://post.example:٣/a",
    "http://\u2100.example/",
    "javascript:alert(1)",
    "http://" + "a" * 5_000,
    "http://post.localhost%00.evil.example/",
    "//[",
]


@pytest.mark.attack("addresses in listings", "hostile input")
def test_an_address_that_is_none_costs_no_source_its_check(tmp_path: Path, attack: Attack) -> None:
    locs = "".join(f"<url><loc>{address}</loc></url>" for address in ADDRESSES)
    sitemap = f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{locs}</urlset>'
    links = "".join(f'<a href="{address}">A headline of five words here</a>' for address in ADDRESSES)
    with OneWeb({"/good": html()}) as web:
        web.pages["/rss"] = rss(web.url("/good"), *ADDRESSES)
        web.pages["/map.xml"] = ("200 OK", {"Content-Type": "application/xml"}, sitemap.encode())
        web.pages["/desk"] = html(links)
        made = Crawls(tmp_path, web.port)
        web.write_source(made.sources, sitemaps=f'["{web.url("/map.xml")}"]', sections=f'["{web.url("/desk")}"]')
        out = tmp_path / "looks.jsonl"
        made.run("probe", out=str(out), lake=str(tmp_path / "probe"))
        [look] = read_checks(out)
        made.run()
        outcomes = made.frontier().outcomes()
    assert look.reachable
    assert look.error is None
    assert outcomes[web.url("/good")] == "fetched"
    for address in ADDRESSES:
        with attack.case(address[:40]):
            told = [outcome for url, outcome in outcomes.items() if url in (address, address.strip())]
            assert all(outcome in ("bad-url", "off-site", "blocked-address") for outcome in told), told


STEERING = [
    "\x1b]0;owned\x07",
    "\x1b[2J",
    "\x9b31m",
    "\x9d0;owned\x9c",
    "\u202egnp.exe",
    "\x08\x08\x08",
    "\r\rnewsmill: ok",
    "\x00",
]


@pytest.mark.attack("texts on the terminal", "hostile input")
def test_no_text_of_others_steers_the_terminal(attack: Attack) -> None:
    from rich.table import Table

    for text in STEERING:
        with attack.case(repr(text)):
            file = io.StringIO()
            console = PlainConsole(file=file, force_terminal=True, width=100)
            table = Table(title=text)
            table.add_column("c")
            table.add_row(f"a{text}b")
            console.print(table)
            console.rule(text)
            console.print(f"[bold]{text}[/]", soft_wrap=True)
            told = file.getvalue()
            for mark in set(text) & set("\x07\x08\x9b\x9c\x9d\u202e\x00\r"):
                assert mark not in told
            assert "\x1b]" not in told
            assert "\x1b[2J" not in told
            assert plain(text) == plain(plain(text))


@pytest.mark.attack("titles of sites", "hostile input")
def test_any_title_makes_a_catalogue_file_that_loads(attack: Attack) -> None:
    titles = [*STEERING, 'a"b', "a\\b", '"""', "\u2028", "\ud7ff", "𝔱", "{}", "# x", "\\u0000", "'" * 3, "\x7f"]
    for title in titles:
        with attack.case(repr(title)):
            page = f"<html><head><title>The {title} Post</title></head><body></body></html>".encode()
            home = HomePage(Answer("https://post.example/", 200, (), page, (), None, 0.0))
            assert home.title is not None
            assert home.title.isprintable() or "\u2028" in title
            source = provisional("https://post.example/").model_copy(update={"title": home.title})
            assert tomllib.loads(source_toml(source, "2026-07-20"))["title"] == home.title
            raw = source.model_copy(update={"title": title})
            assert tomllib.loads(source_toml(raw, "2026-07-20"))["title"] == title


@pytest.mark.attack("json feeds", "hostile input")
def test_what_a_json_feed_says_can_be_stored(tmp_path: Path, attack: Attack) -> None:
    odd = ["\ud800", "\udfff\ud800", "\x00", "a\x00b", "\x1b[0m"]
    for text in odd:
        with attack.case(repr(text)):
            items = [{"url": f"https://post.example/{text}", "title": text}, {"url": "https://post.example/good"}]
            listing = read_json_feed(json.dumps({"items": items}).encode(), "https://post.example/")
            frontier = Frontier(tmp_path / f"{odd.index(text)}.sqlite")
            frontier.enqueue(
                "r1", [DiscoveredUrl("post", e.url, e.url, "post.example", e.hints("feed")) for e in listing.entries]
            )
            assert frontier.counts()["post"].pending == 2


def test_a_long_robots_txt_is_read_to_its_first_500_kib(tmp_path: Path) -> None:
    head = b"User-agent: *\nDisallow: /secret\n"
    rules = head + b"# filler\n" * 300_000 + b"Disallow: /late\n"
    for number, (fields, body) in enumerate([({}, rules), ({"Content-Encoding": "gzip"}, None)]):
        import gzip

        with OneWeb({"/late": html(), "/secret": html()}) as web:
            web.pages["/robots.txt"] = (
                "200 OK",
                {"Content-Type": "text/plain", **fields},
                body or gzip.compress(rules),
            )
            web.pages["/rss"] = rss(web.url("/late"), web.url("/secret"))
            made = Crawls(tmp_path / str(number), web.port)
            web.write_source(made.sources)
            made.run()
            got = made.frontier().outcomes()
            assert got == {web.url("/late"): "fetched", web.url("/secret"): "robots"}
            asked = next(headers for _, path, headers in web.log if path == "/robots.txt")
            assert asked["accept-encoding"] == "identity"
    assert len(rules) > 4 * MAX_BYTES


@pytest.mark.attack("crawl delays", "hostile input")
def test_a_crawl_delay_is_obeyed_or_the_host_is_left_out(tmp_path: Path, attack: Attack) -> None:
    for told, seconds in (
        ("nan", 0.0),
        ("-5", 0.0),
        ("45", 45.0),
        ("119.5", 119.5),
        ("1e300", 1e300),
    ):
        with attack.case(told):
            body = f"User-agent: *\nCrawl-delay: {told}\n".encode()
            assert RobotsFile("o", RobotsVerdict.RULES, 0.0, body).crawl_delay == seconds
    with OneWeb({"/a": html(), "/robots.txt": ("200 OK", {}, b"User-agent: *\nCrawl-delay: 121\n")}) as web:
        web.pages["/rss"] = rss(web.url("/a"))
        made = Crawls(tmp_path, web.port)
        web.write_source(made.sources)
        log = made.run()
        assert "crawl-delay" in log
        assert "121 s between requests" in log
        assert set(web.paths()) == {"/robots.txt"}
