"""Nothing is fetched from where nothing may be fetched; a listener proves that nothing came."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.catalogue import Source
from spiders.fetching.address_guard import Allowance, Refused, check_url, host_key, is_public, literal_address
from spiders.frontier.outcomes import Outcome
from tests.spiders.crawling import Crawls
from tests.spiders.oneweb import OneWeb

SOURCE = Source.model_validate(
    {"name": "post", "title": "Post", "home": "https://post.example/", "hosts": ["post.example", "post.localhost"]}
)
PORT = Allowance(frozenset({8377}))

PRIVATE = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "0x7f.1",
    "127.0.0.1.",
    "１２７.０.０.１",  # full-width digits
    "①②⑦.0.0.1",
    "0.0.0.0",
    "0",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.0.1",
    "192.168.1",
    "3232235521",  # 192.168.0.1
    "169.254.169.254",  # metadata of most clouds
    "2852039166",  # the same
    "0xa9fea9fe",  # the same
    "0251.0376.0251.0376",  # the same
    "100.64.0.1",
    "100.100.100.200",  # metadata of Alibaba's
    "168.63.129.16",  # Azure's wire server
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[0:0:0:0:0:0:0:1]",
    "[fe80::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",  # metadata of AWS over IPv6
    "[ff02::1]",
    "[2002:7f00:1::]",  # 6to4 of 127.0.0.1
    "[2002:a9fe:a9fe::]",
    "[64:ff9b::7f00:1]",  # NAT64 of 127.0.0.1
    "[64:ff9b::a00:1]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",  # Teredo of 127.0.0.1
    "[2001:db8::1]",
    "[100::1]",
]


@pytest.mark.parametrize("host", PRIVATE)
def test_an_address_that_is_not_public_is_blocked_however_it_is_spelt(host: str) -> None:
    with pytest.raises(Refused) as caught:
        check_url(f"http://{host}/", SOURCE, PORT)
    assert caught.value.outcome == Outcome.BLOCKED_ADDRESS


@pytest.mark.parametrize(
    ("url", "outcome"),
    [
        ("https://elsewhere.example/", Outcome.OFF_SITE),
        ("https://post.example.evil.example/", Outcome.OFF_SITE),
        ("https://notpost.example/", Outcome.OFF_SITE),
        ("http://8.8.8.8/", Outcome.OFF_SITE),
        ("http://134744072/", Outcome.OFF_SITE),  # 8.8.8.8
        ("https://[2606:4700::1111]/", Outcome.OFF_SITE),
        ("https://рost.example/", Outcome.OFF_SITE),  # a Cyrillic letter
        ("ftp://post.example/", Outcome.BAD_URL),
        ("file:///etc/passwd", Outcome.BAD_URL),
        ("gopher://post.example/", Outcome.BAD_URL),
        ("javascript:alert(1)", Outcome.BAD_URL),
        ("data:text/html,hello", Outcome.BAD_URL),
        ("//post.example/", Outcome.BAD_URL),
        ("/etc/passwd", Outcome.BAD_URL),
        ("https://user:pass@post.example/", Outcome.BAD_URL),
        ("https://post.example@evil.example/", Outcome.BAD_URL),
        ("https://post.example:22/", Outcome.BAD_URL),
        ("https://post.example:6379/", Outcome.BAD_URL),
        ("https://post.example:99999/", Outcome.BAD_URL),
        ("https://post.example:port/", Outcome.BAD_URL),
        ("https://post.example\\@evil.example/", Outcome.BAD_URL),
        ("https://post.example/a b", Outcome.BAD_URL),
        ("https://post.example/\r\nHost: evil", Outcome.BAD_URL),
        ("https://post.example/\x00", Outcome.BAD_URL),
        ("https://post%2eexample/", Outcome.BAD_URL),
        ("https://%31%32%37.0.0.1/", Outcome.BAD_URL),
        ("https://[::1/", Outcome.BAD_URL),
        ("https://[fe80::1%25eth0]/", Outcome.BLOCKED_ADDRESS),
        ("https:///path", Outcome.BAD_URL),
        ("https://post.example/" + "a" * 3_000, Outcome.BAD_URL),
        ("http://post.localhost/", Outcome.BLOCKED_ADDRESS),  # port 80 was not allowed
        ("http://post.localhost:9999/", Outcome.BLOCKED_ADDRESS),
        ("http://other.localhost:8377/", Outcome.OFF_SITE),
        ("http://localhost:8377/", Outcome.OFF_SITE),
    ],
)
def test_a_url_that_may_not_be_fetched_is_refused_by_name(url: str, outcome: Outcome) -> None:
    with pytest.raises(Refused) as caught:
        check_url(url, SOURCE, PORT)
    assert caught.value.outcome == outcome


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://post.example/a", "post.example"),
        ("https://WWW.post.example:443/a?b=c", "www.post.example"),
        ("http://post.example:80/", "post.example"),
        ("http://post.example.:443/", "post.example:443"),
        ("http://post.localhost:8377/", "post.localhost:8377"),
    ],
)
def test_a_url_of_the_source_passes_with_its_host_key(url: str, key: str) -> None:
    assert check_url(url, SOURCE, PORT) == key


def test_loopback_needs_an_explicit_allowance() -> None:
    with pytest.raises(Refused, match="allow=127"):
        check_url("http://post.localhost:8377/", SOURCE)


@pytest.mark.parametrize("text", ["8377", "0.0.0.0:80", "10.0.0.1:80", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000"])
def test_nothing_but_a_loopback_port_can_be_allowed(text: str) -> None:
    with pytest.raises(ValueError, match=r"127\.0\.0\.1:PORT"):
        Allowance.parse(text)


@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_every_spelling_of_an_ipv4_address_is_read_alike(number: int) -> None:
    address = ipaddress.IPv4Address(number)
    octets = str(address).split(".")
    spellings = [str(number), hex(number), "0" + oct(number)[2:], ".".join(hex(int(o)) for o in octets), str(address)]
    assert {literal_address(spelling) for spelling in spellings} == {address}
    mapped = ipaddress.IPv6Address(f"::ffff:{address}")
    assert is_public(mapped) <= is_public(address)


def test_names_are_no_literals() -> None:
    assert literal_address("post.example") is None
    assert literal_address("cafe.example") is None


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A port that notes everything that reaches it."""
    heard: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            heard.append(b"connected")
            connection.close()

    threading.Thread(target=listen, daemon=True).start()
    yield server.getsockname()[1], heard
    server.shutdown(socket.SHUT_RDWR)
    server.close()


@pytest.mark.slow
def test_nothing_reaches_a_forbidden_address_by_feed_redirect_or_dns(
    tmp_path: Path, listener: tuple[int, list[bytes]]
) -> None:
    """One feed lists every hostile form with the listener's port; one page redirects to each of them."""
    port, heard = listener
    hostile = [f"http://{host}:{port}/secret" for host in PRIVATE]
    hostile += [f"http://localhost:{port}/", f"http://post.localhost:{port}/", f"http://rebound.post.example:{port}/"]
    pages = {f"/to/{number}": ("302 Found", {"Location": url}, b"") for number, url in enumerate(hostile)}
    with OneWeb(pages) as web:
        items = "".join(f"<item><link>{url}</link></item>" for url in [*hostile, *map(web.url, pages)])
        web.pages["/rss"] = (
            "200 OK",
            {"Content-Type": "application/rss+xml"},
            f"<rss><channel>{items}</channel></rss>".encode(),
        )
        made = Crawls(tmp_path, web.port)
        web.write_source(made.sources)
        made.run()
        outcomes = made.frontier().outcomes()
    assert not heard
    refused = {Outcome.BLOCKED_ADDRESS, Outcome.OFF_SITE, Outcome.BAD_URL}
    assert {outcomes[url] for url in hostile if url in outcomes} <= refused
    assert {outcomes[web.url(path)] for path in pages} <= refused
    assert sum(outcomes[web.url(path)] == Outcome.BLOCKED_ADDRESS for path in pages) >= len(PRIVATE)


def test_the_resolver_refuses_what_dns_answers_and_connects_to_what_it_checked() -> None:
    """DNS that changes its answer: what was checked is what is connected to, and every new answer is checked anew."""
    from scrapy.resolver import dnscache
    from twisted.internet import defer
    from twisted.internet.base import ThreadedResolver

    from spiders.fetching.guarded_resolver import GuardedResolver

    answers = iter(["93.184.216.34", "127.0.0.1"])
    resolver = GuardedResolver(reactor=None, cache_size=0, timeout=1.0)  # type: ignore[arg-type]
    original = ThreadedResolver.getHostByName
    ThreadedResolver.getHostByName = lambda *_: defer.succeed(next(answers))  # type: ignore[method-assign]
    dnscache.clear()
    try:
        told: list[object] = []
        for _ in range(2):
            resolver.getHostByName("rebound.example").addBoth(told.append)
    finally:
        ThreadedResolver.getHostByName = original  # type: ignore[method-assign]
    assert told[0] == "93.184.216.34"
    assert isinstance(told[1].value, Refused)  # type: ignore[attr-defined]
    assert "rebound.example" in resolver.refused


def test_host_key_leaves_out_the_scheme_s_own_port() -> None:
    from urllib.parse import urlsplit

    assert host_key(urlsplit("https://a.example:443/")) == "a.example"
    assert host_key(urlsplit("https://a.example:8443/")) == "a.example:8443"
