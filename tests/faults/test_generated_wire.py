"""Generated attacks on the crawl: addresses, redirects and answers; each ends in one outcome, none is reached."""

from __future__ import annotations

import gzip
import zlib
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from spiders.frontier.outcomes import KEPT, Outcome, is_outcome
from tests.faults.conftest import Attack
from tests.faults.mutations import CASES, cases, mutated, private_url
from tests.spiders.crawling import Crawls
from tests.spiders.oneweb import OneWeb, html, rss

# A host that breaks its answers eight times in a row is left for the rest of a run: each gets fewer.
ANSWERS_PER_HOST = 5
SECRET = "/latest/meta-data/secret"


def allowed(text: str) -> str:
    """A header's value as a server can send it: one line of UTF-8."""
    return text.replace("\r", "").replace("\n", "")


@pytest.mark.attack("redirects, generated", "hostile input")
def test_no_redirect_reaches_a_private_address_and_each_has_one_outcome(tmp_path: Path, attack: Attack) -> None:
    with OneWeb({SECRET: html()}) as other, OneWeb({"/good": html(), SECRET: html()}) as web:
        paths = [f"/away/{number}" for number, _ in cases("redirects")]
        for path, (_, rng) in zip(paths, cases("redirects"), strict=True):
            target = allowed(private_url(rng, (other.port, web.port), SECRET))
            status = rng.choice((301, 302, 303, 307, 308))
            web.raw[path] = f"HTTP/1.1 {status} Away\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
        web.pages["/rss"] = rss(*map(web.url, ["/good", *paths]))
        made = Crawls(tmp_path, web.port)
        web.write_source(made.sources, politeness="delay_seconds = 0\ntimeout_seconds = 30\nconcurrency = 8\n")
        made.run()
        got = made.frontier().outcomes()
    assert other.log == []
    assert got[web.url("/good")] == "fetched"
    for path in paths:
        with attack.case(web.raw[path]):
            ended = got[web.url(path)]
            assert is_outcome(ended)
            # A relative target, such as "http:/evil/", is a page of the own host.
            assert ended not in KEPT or web.paths().count(path) == 1
    assert SECRET not in web.paths()


@pytest.mark.attack("names, generated", "hostile input")
def test_no_listed_address_reaches_a_private_one_and_each_has_one_outcome(tmp_path: Path, attack: Attack) -> None:
    with OneWeb({SECRET: html()}) as other, OneWeb({"/good": html(), SECRET: html()}) as web:
        addresses = [private_url(rng, (other.port, web.port), f"{SECRET}?{n}") for n, rng in cases("names")]
        web.pages["/rss"] = rss(*[address.replace("&", "&amp;") for address in addresses], web.url("/good"))
        made = Crawls(tmp_path, web.port)
        web.write_source(made.sources)
        made.run()
        got = made.frontier().outcomes()
        assert other.log == []
        assert not [path for path in web.paths() if path.startswith(SECRET)]
    assert got[web.url("/good")] == "fetched"
    refused = {Outcome.BAD_URL, Outcome.OFF_SITE, Outcome.BLOCKED_ADDRESS}
    for number, address in enumerate(addresses):
        with attack.case(address):
            ended = [outcome for url, outcome in got.items() if url.endswith((f"?{number}", f"?{number}\t"))]
            assert set(ended) <= refused | {"http-404"}, ended
            assert len(ended) <= 2  # one listed address, as it is and made absolute


BODY = b"<!doctype html><html><body><p>Words of a page.</p></body></html>"
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
WHOLE = (
    PAGE + b'Content-Length: %d\r\nETag: "a"\r\n\r\n' % len(BODY) + BODY,
    PAGE + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n",
    b"HTTP/1.1 301 Moved\r\nLocation: /good\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 4\r\n\r\nbusy",
    *(
        PAGE + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (coding, len(packed)) + packed
        for coding, packed in ((b"gzip", gzip.compress(BODY)), (b"deflate", zlib.compress(BODY)), (b"br", BODY))
    ),
)


@pytest.mark.attack("answers on the wire, generated", "hostile input")
def test_whatever_a_server_answers_has_one_outcome_and_costs_no_other_host(tmp_path: Path, attack: Attack) -> None:
    chance = Random("wire")
    with OneWeb({"/good": html()}) as web:
        hosts = [f"h{number}.localhost" for number in range(-(-CASES // ANSWERS_PER_HOST))]
        odd = {}
        for number, rng in cases("wire"):
            url = f"http://{hosts[number // ANSWERS_PER_HOST]}:{web.port}/odd/{number}"
            odd[url] = web.raw[f"/odd/{number}"] = mutated(rng, chance.choice(WHOLE))
        good = [f"http://{host}:{web.port}/good/{host}" for host in hosts]
        web.pages |= {f"/good/{host}": html() for host in hosts}
        web.pages["/rss"] = rss(*odd, *good)
        made = Crawls(tmp_path, web.port)
        names = ", ".join(f'"{host}"' for host in ["post.localhost", *hosts])
        web.write_source(
            made.sources, hosts=f"[{names}]", politeness="delay_seconds = 0\ntimeout_seconds = 20\nconcurrency = 4\n"
        )
        made.run()
        got = made.frontier().outcomes()
    for url, answer in odd.items():
        with attack.case(answer[:200]):
            assert is_outcome(got[url]), got.get(url)
            assert got[url] != Outcome.INTERNAL_ERROR
    # A 503 among the odd ones may ask for a wait; whatever it is, the good page of each host is not lost.
    assert Counter(got[url] for url in good) == {"fetched": len(good)}
