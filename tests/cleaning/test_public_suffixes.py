"""Registered domains are those that tldextract finds in the same list, without loading it or the network."""

from __future__ import annotations

import subprocess
import sys

import pytest
import tldextract

from cleaning.public_suffixes import _lines, registered_domain

# one host per rule would take a second; every seventh has all kinds of them
RULES = sorted(line.lstrip("!*.") for line in _lines() if line and not line.startswith("//"))[::7]
HOSTS = [f"a.b.{rule}" for rule in RULES] + RULES
ODD = ["www.ck", "a.www.ck", "a.b.ck", "city.kawasaki.jp", "a.city.kawasaki.jp", "b.c.kawasaki.jp", "me.github.io"]
NO_DOMAINS = ["localhost", "a.b.localhost", "127.0.0.1", "[::1]", "com", "co.uk"]


@pytest.mark.parametrize("host", [*ODD, *NO_DOMAINS, "www.xn--55qx5d.cn", "a.b.xn--p1ai", "news.公司.cn"])
def test_an_odd_host_has_the_domain_that_tldextract_finds(host: str) -> None:
    assert registered_domain(host) == by_tldextract(host)


def test_every_kind_of_suffix_gives_the_domain_that_tldextract_finds() -> None:
    assert len(HOSTS) > 1_000
    assert {host: registered_domain(host) for host in HOSTS} == {host: by_tldextract(host) for host in HOSTS}


def test_registered_domain_knows_public_suffixes() -> None:
    assert registered_domain("news.example.co.uk") == "example.co.uk"
    assert registered_domain("a.b.localhost") == "b.localhost"


def test_it_loads_neither_tldextract_nor_requests() -> None:
    call = (
        "import sys; from cleaning.public_suffixes import registered_domain; "
        "print(registered_domain('a.b.co.uk'), {'tldextract', 'requests'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", call], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "b.co.uk set()"


EXTRACT = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def by_tldextract(host: str) -> str:
    found = EXTRACT(host)
    if found.suffix and found.domain:
        return f"{found.domain}.{found.suffix}"
    if found.suffix or found.ipv4 or found.ipv6:
        return host
    return ".".join(host.split(".")[-2:])
