"""The served part of the sample web: pages with their truth, lists that parse, hard pages, faults, the log."""

from __future__ import annotations

import gzip
import http.client
import io
import json
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import lxml.html
import pytest

from flows.sample import truth
from flows.sample.faults import Break
from flows.sample.hard import CHUNK, MEGABYTE
from flows.sample.server import SampleWeb
from flows.sample.truth import Truth
from flows.sample.world import load_world
from spiders.catalogue import load_catalogue

# A server for each group of tests, and pages that are slow on purpose.
pytestmark = pytest.mark.slow

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@dataclass
class Got:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def html(self) -> lxml.html.HtmlElement:
        return lxml.html.fromstring(self.body)


def get(url: str, **headers: str) -> Got:
    """One request to the loopback address, whatever the host is called."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=20)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers={"Host": parts.netloc} | headers)
        answer = connection.getresponse()
        return Got(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


@pytest.fixture(scope="module")
def web() -> Iterator[SampleWeb]:
    with SampleWeb() as running:
        yield running


@pytest.fixture(scope="module")
def known(web: SampleWeb) -> Truth:
    return truth.load(web.port)


@pytest.fixture(autouse=True)
def _no_faults(web: SampleWeb) -> Iterator[None]:
    yield
    web.faults.clear()


def _flat(text: str) -> str:
    return " ".join(text.split())


def test_every_article_page_holds_its_text_title_and_authors(known: Truth) -> None:
    healing = {url for url in known.articles if "/hard/" in url}
    for url in healing:
        get(url)  # some show their story at the second try, or after a wait, only
    pages = {url: get(article.url) for url, article in known.articles.items() if url not in healing}
    time.sleep(2.1)
    pages |= {url: get(known.articles[url].url) for url in healing}
    for url, article in known.articles.items():
        got = pages[url]
        assert got.status == 200, url
        encoding = "windows-1252" if "old-code" in url else "windows-1251" if article.language == "ru" else "utf-8"
        tree = lxml.html.document_fromstring(got.body.decode(encoding))
        scripts = [s.text for s in tree.iter("script") if s.get("type") == "application/ld+json"]
        told = [str(json.loads(s or "{}").get("articleBody", "")) for s in scripts]  # the text, where a script shows it
        text = _flat("".join([*(str(piece) for piece in tree.itertext()), *told]))
        for paragraph in article.text.split("\n\n"):
            for cell in paragraph.split(" | "):
                assert _flat(cell) in text, (url, cell)
        for said in (article.title, *article.authors):
            assert said in text, (url, said)


def test_every_listed_variant_shows_its_article_and_names_its_canonical_address(known: Truth) -> None:
    assert len(known.variants) >= 5
    for variant, url in known.variants.items():
        got = get(variant)
        assert got.status == 200, variant
        canonical = got.html.xpath("//link[@rel='canonical']/@href")[0]
        assert canonical == known.articles[url].url


def test_every_boilerplate_line_is_on_a_page_of_its_site(known: Truth) -> None:
    for source, lines in known.boilerplate.items():
        urls = [a.url for a in known.articles.values() if a.source == source]
        bodies = "".join(_flat(get(url).html.text_content()) for url in urls)
        assert [line for line in lines if line not in bodies] == [], source


def test_every_rejected_page_is_served(known: Truth) -> None:
    for url in known.rejected:
        assert get(url).status == 200, url


def _listed_urls(web: SampleWeb) -> dict[str, set[str]]:
    """The URLs in every feed, sitemap and section page, by the address of the list."""
    lists: dict[str, set[str]] = {}
    for site in load_world(web.day).sites.values():
        base = web.base(site.host)
        for path in filter(None, (site.discovery.rss, site.discovery.atom)):
            feed = feedparser.parse(io.BytesIO(get(base + path).body))
            assert not feed.bozo, path
            lists[base + path] = {entry.link.split("?utm_")[0] for entry in feed.entries}
        maps = [site.discovery.news_sitemap]
        if site.discovery.sitemap_index:
            index = ET.fromstring(get(base + site.discovery.sitemap_index).body)
            maps += [str(loc.text).removeprefix(base) for loc in index.iter(f"{SITEMAP}loc")]
        for path in filter(None, maps):
            body = get(base + path).body
            if path.endswith(".gz"):
                body = gzip.decompress(body)
            lists[base + path] = {str(loc.text) for loc in ET.fromstring(body).iter(f"{SITEMAP}loc")}
        for path in site.discovery.sections:
            lists[base + path] = set(get(base + path).html.xpath("//a/@href"))
    return lists


def test_the_lists_hold_what_the_truth_says_that_they_hold(web: SampleWeb, known: Truth) -> None:
    lists = _listed_urls(web)
    for article in known.articles.values():
        assert {where for where, urls in lists.items() if article.url in urls} == article.found_by, article.url
        assert article.found_by


def test_every_hard_page_and_variant_is_offered_by_a_list(web: SampleWeb, known: Truth) -> None:
    offered = {url.rstrip("/") for urls in _listed_urls(web).values() for url in urls}
    later = {url for url, words in known.outcomes.items() if words & {"moved", "redirect-loop"}}  # hops of a chain
    assert known.outcomes.keys() - later - offered == set()
    assert {variant.rstrip("/") for variant in known.variants} <= offered


def test_robots_txt_names_a_sitemap_index_with_packed_children(web: SampleWeb) -> None:
    base = web.base("the-harbor-post")
    robots = get(f"{base}/robots.txt").body.decode()
    assert f"Sitemap: {base}/sitemap.xml" in robots
    assert ".xml.gz</loc>" in get(f"{base}/sitemap.xml").body.decode()


def test_a_second_server_serves_the_same_bytes(web: SampleWeb, known: Truth) -> None:
    with SampleWeb() as other:
        for article in known.articles.values():
            if "/hard/" in article.url:
                continue
            again = get(article.url.replace(f":{web.port}", f":{other.port}")).body
            assert again.replace(str(other.port).encode(), b"PORT") == get(article.url).body.replace(
                str(web.port).encode(), b"PORT"
            )


def test_validators_answer_304_to_those_who_have_the_page(web: SampleWeb, known: Truth) -> None:
    url = next(a.url for a in known.articles.values() if a.source == "the-harbor-post")
    first = get(url)
    assert get(url, **{"If-None-Match": first.headers["etag"]}).status == 304
    assert get(url, **{"If-None-Match": '"other"'}).status == 200
    assert get(url, **{"If-Modified-Since": first.headers["last-modified"]}).status == 304
    assert get(url, **{"If-Modified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"}).status == 200
    assert web.log[-1].headers["if-modified-since"].startswith("Mon")


def test_gzip_is_sent_only_to_those_who_accept_it(known: Truth) -> None:
    url = next(a.url for a in known.articles.values() if a.source == "the-harbor-post")
    plain, packed = get(url), get(url, **{"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body


@pytest.mark.parametrize(
    ("path", "status"),
    [("not-found", 404), ("gone", 410), ("broken", 500), ("unavailable", 503), ("forbidden", 403)],
)
def test_errors_answer_with_their_status_every_time(web: SampleWeb, path: str, status: int) -> None:
    url = f"{web.base('rough-road')}/hard/{path}"
    assert [get(url).status, get(url).status] == [status, status]


def test_unavailable_once_and_too_many_heal_and_only_then() -> None:
    with SampleWeb() as fresh:
        once, many = (f"{fresh.base('rough-road')}/hard/{p}" for p in ("unavailable-once", "too-many"))
        assert [get(once).status, get(once).status] == [503, 200]
        refused = get(many)
        assert (refused.status, refused.headers["retry-after"]) == (429, "2")
        assert get(many).status == 429
        time.sleep(2.05)
        assert get(many).status == 200


def test_redirects_lead_where_the_truth_says(web: SampleWeb) -> None:
    base = web.base("rough-road")
    path, hops = "/hard/chain", []
    while (got := get(base + path)).status >= 300:
        path = got.headers["location"]
        hops.append(path)
    assert hops == ["/hard/chain/2", "/hard/chain/3", "/news/milestone"]
    assert get(f"{base}/hard/loop/2").headers["location"] == "/hard/loop"
    assert get(f"{base}/hard/inside").headers["location"] == "http://10.0.0.1/admin"
    assert str(web.port) in get(f"{base}/hard/elsewhere").headers["location"]


def test_charsets_lie_as_they_are_meant_to(web: SampleWeb) -> None:
    base = web.base("rough-road")
    header = get(f"{base}/hard/header-lies")
    assert header.headers["content-type"].endswith("iso-8859-1")
    assert "Café Élan" in header.body.decode("utf-8")
    meta = get(f"{base}/hard/meta-lies")
    assert b'charset="iso-8859-1"' in meta.body
    assert "Gâtée" in meta.body.decode("utf-8")
    with pytest.raises(UnicodeDecodeError):
        get(f"{base}/hard/old-code").body.decode("utf-8")


def test_what_is_no_page_is_served_as_one_or_as_itself(web: SampleWeb) -> None:
    base = web.base("rough-road")
    assert get(f"{base}/hard/leaflet").headers["content-type"] == "application/pdf"
    assert get(f"{base}/hard/picture").headers["content-type"].startswith("text/html")
    assert get(f"{base}/hard/empty").body == b""


def _stream(web: SampleWeb, path: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)
    connection.request("GET", path, headers={"Host": f"slow-road.localhost:{web.port}"})
    return connection.getresponse()


def test_the_bomb_is_small_on_the_wire_and_more_than_a_gigabyte_unpacked(web: SampleWeb) -> None:
    answer = _stream(web, "/hard/bomb")
    wire = answer.read()
    assert answer.headers["content-encoding"] == "gzip"
    assert len(wire) < 2 * MEGABYTE
    assert int.from_bytes(wire[-4:], "little") > 1 << 30  # what gzip's trailer says (RFC 1952, ISIZE)
    assert len(zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(wire[:CHUNK])) > 50 * MEGABYTE


def test_the_huge_page_has_thirty_megabytes(web: SampleWeb) -> None:
    answer, size = _stream(web, "/hard/thirty-megabytes"), 0
    while chunk := answer.read(MEGABYTE):
        size += len(chunk)
    assert size >= 30 * MEGABYTE


def test_the_drip_comes_byte_by_byte_and_does_not_hold_up_the_end() -> None:
    with SampleWeb() as short:
        answer = _stream(short, "/hard/drip")
        assert answer.read(31).endswith(b"<p>.")
        answer.close()


def test_the_log_tells_who_asked_for_what_and_when(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    with SampleWeb(log_file=file) as logged:
        get(f"{logged.base('metro-courier')}/robots.txt", **{"User-Agent": "tester/1"})
        get(f"{logged.base('nobody')}/x?y=1")
        first, second = logged.log
    assert (first.host, first.path, first.status, first.user_agent) == (
        "metro-courier.localhost",
        "/robots.txt",
        200,
        "tester/1",
    )
    assert (second.path, second.status) == ("/x?y=1", 404)
    assert second.monotonic >= first.monotonic
    assert [json.loads(line)["host"] for line in file.read_text().splitlines()] == [first.host, second.host]


def test_day_two_is_served_at_the_same_port_after_a_switch() -> None:
    with SampleWeb() as moving:
        new = [a for u, a in truth.load(moving.port, 2).articles.items() if u not in truth.load(moving.port).articles]
        assert {get(a.url).status for a in new} == {404}
        changed = next(a for a in truth.load(moving.port, 2).articles.values() if a.earlier_text)
        before = get(changed.url)
        moving.go_to_day(2)
        assert {get(a.url).status for a in new} == {200}
        after = get(changed.url, **{"If-None-Match": before.headers.get("etag", '"none"')})
        assert after.status == 200
        assert after.body != before.body


def test_the_catalogue_files_load_and_carry_the_port(web: SampleWeb, tmp_path: Path) -> None:
    web.write_sources(tmp_path)
    sources = load_catalogue(tmp_path)
    assert sources.keys() == load_world(1).sites.keys()
    assert all(f":{web.port}/" in source.home for source in sources.values())
    assert sources["slow-road"].politeness.timeout_seconds < 10
    assert sources["open-ledger"].feeds == ()


def test_bursts_end_and_other_hosts_do_not_notice(web: SampleWeb) -> None:
    rough, blog = f"{web.base('rough-road')}/news/milestone", f"{web.base('valley-notebook')}/"
    web.faults.burst("rough-road.localhost", 500, times=2)
    assert [get(rough).status for _ in range(3)] == [500, 500, 200]
    web.faults.too_many("rough-road.localhost", times=1)
    refused = get(rough)
    assert refused.status == 429
    assert "retry-after" not in refused.headers
    web.faults.always("rough-road.localhost", 502)
    assert get(blog).status == 200


def test_robots_txt_fails_alone(web: SampleWeb) -> None:
    web.faults.robots("rough-road.localhost")
    assert get(f"{web.base('rough-road')}/robots.txt").status == 503
    assert get(f"{web.base('rough-road')}/news/milestone").status == 200
    web.faults.clear()
    web.faults.always("rough-road.localhost", 500)
    assert get(f"{web.base('rough-road')}/robots.txt").status == 200


def test_random_failures_hit_the_same_pages_for_the_same_seed(web: SampleWeb, known: Truth) -> None:
    urls = [a.url for a in known.articles.values() if "/hard/" not in a.url]

    def failing(seed: int) -> set[str]:
        web.faults.clear()
        web.faults.random(0.1, seed)
        return {url for url in urls if get(url).status == 500}

    first = failing(1)
    assert 0.02 * len(urls) < len(first) < 0.25 * len(urls)
    assert failing(1) == first
    assert failing(2) != first


def test_connections_can_be_reset_or_broken_off_half_way(web: SampleWeb) -> None:
    url = f"{web.base('rough-road')}/news/milestone"
    web.faults.breaking("rough-road.localhost", Break.RESET, times=1)
    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
        get(url)
    assert web.log[-1].status == 0
    web.faults.breaking("rough-road.localhost", Break.HALF_BODY, times=1)
    with pytest.raises(http.client.IncompleteRead):
        get(url)
    assert get(url).status == 200


def test_latency_delays_the_answer(web: SampleWeb) -> None:
    web.faults.latency(0.2, "rough-road.localhost")
    before = time.monotonic()
    get(f"{web.base('rough-road')}/news/milestone")
    assert time.monotonic() - before >= 0.2


def test_it_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flows.sample.server", "--port", "0", "--day", "2", "--sources", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            assert get(line.split()[2]).status == 200
            assert load_catalogue(tmp_path)
        finally:
            process.terminate()
        assert process.wait(timeout=20) == 0
