"""What a site states about rights and robots costs time linear in its length, however it is written."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from cleaning.records import RawPage, Statement
from cleaning.rights.page_signals import Declared, license_links, robots_directives
from cleaning.rights.reader import read_signals
from cleaning.rights.site_signals import ROBOTS
from cleaning.rights.vocabulary import vocabulary
from spiders.fetching.opt_out import reservation
from spiders.fetching.robots import KEPT_BYTES, RobotsCache, RobotsFile, RobotsVerdict
from tests.faults.conftest import Attack

URL = "https://post.example/2026/07/20/" + "a" * 1_900
ORIGIN = "https://post.example"
# Each took from 7 s to minutes; now all but the last take less than a tenth of this.
CPU_SECONDS = 3.0
HEADER = 200_000


def rules(text: str) -> RobotsFile:
    return RobotsFile(ORIGIN, RobotsVerdict.RULES, 0.0, text.encode())


def robots(agents: int, paths: int) -> str:
    """As many crawlers before as many rules: each is one of the other's."""
    names = "".join(f"User-agent: a{number}\n" for number in range(agents))
    return names + "".join(f"Disallow: /{number:x}\n" for number in range(paths)) + "User-agent: *\nDisallow: /no\n"


def answer(header: str, value: str) -> Callable[[], object]:
    return lambda: reservation(URL, [(header.encode(), value.encode())], b"", ())


def trainers() -> object:
    head = "".join(f"User-agent: {agent}\n" for agent in sorted(vocabulary().training))
    text = head + "".join(f"Disallow: /*{number:x}$\n" for number in range(25_000))
    return rules(text).allows(URL), reservation(URL, [], b"", (Statement(ROBOTS, "x", NOW, text),))


NOW = datetime(2026, 7, 20, tzinfo=UTC)
COSTLY: dict[str, Callable[[], object]] = {
    "X-Robots-Tag": answer("X-Robots-Tag", "noai," * (HEADER // 5)),
    "X-Robots-Tag with names": answer("X-Robots-Tag", "a: noai," * (HEADER // 8)),
    "Link": answer("Link", "<" * HEADER),
    "Link with parameters": answer("Link", "<a>;" * (HEADER // 4)),
    "Link without an end": answer("Link", '<a>;b="' * (HEADER // 7)),
    "Content-Usage": answer("Content-Usage", "train-ai=n," * (HEADER // 11)),
    "meta tags without an end": lambda: reservation(URL, [], b"<meta " * 12_000, ()),
    "crawlers times rules": lambda: rules(robots(2_000, 8_000)).allows(URL),
    "crawlers named with stars": lambda: rules(
        "".join(f"User-agent: n{'*' * n}\n" for n in range(600)) + robots(1, 8_000)
    ),
    "rules for every trainer": trainers,
}


@pytest.mark.attack("statements about rights that take long", "hostile input")
def test_no_statement_takes_long(attack: Attack) -> None:
    for name, read in COSTLY.items():
        with attack.case(name):
            begun = time.process_time()
            read()
            assert time.process_time() - begun < CPU_SECONDS, name


def test_a_directive_counts_once_however_often_it_is_repeated() -> None:
    assert len(list(robots_directives("noai, noai, gptbot: noai", None, "header", "x"))) == 1
    assert license_links('<<a>; rel="license", <https://a.example/b>; rel=license') == [
        ("a", ""),
        ("https://a.example/b", ""),
    ]


@pytest.mark.parametrize("name", ["User-agent: ", "useragent:", "USER AGENT: ", "User-agent ", "user agent "])
def test_the_groups_for_us_and_for_all_decide_as_before(name: str) -> None:
    others = f"{name}GPTBot\n{name}other/2.0\nDisallow: /\n\n"
    for_all = rules(f"{others}{name}*\nDisallow: /private\n{name}zbot\nAllow: /\n")
    assert for_all.allows(f"{ORIGIN}/a")
    assert not for_all.allows(f"{ORIGIN}/private/a")
    for_us = rules(f"{others}{name}*\nDisallow: /\n\n{name}GPTBot\n{name}Newsmill # us\nDisallow: /x\nCrawl-delay: 7\n")
    assert for_us.allows(f"{ORIGIN}/a")
    assert not for_us.allows(f"{ORIGIN}/x")
    assert for_us.crawl_delay == 7
    assert not rules(f"{name}news*\nDisallow: /\n{name}n\nAllow: /\n").allows(f"{ORIGIN}/a")


def test_the_parsed_files_of_many_subdomains_are_bounded_and_none_unreachable_is_forgotten() -> None:
    cache, size = RobotsCache(), 500_000
    cache.put(RobotsFile("https://down.example", RobotsVerdict.UNREACHABLE, 0.0))
    for number in range(3 * KEPT_BYTES // size):
        cache.put(RobotsFile(f"https://s{number}.example", RobotsVerdict.RULES, 0.0, b"#" * size))
    kept = [n for n in range(3 * KEPT_BYTES // size) if cache.get(f"https://s{n}.example")]
    assert len(kept) == KEPT_BYTES // size
    assert kept[-1] == 3 * KEPT_BYTES // size - 1
    assert cache.get("https://down.example")


def test_the_signals_of_a_page_say_what_they_said() -> None:
    text = "User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\n\nUser-agent: CCBot\nAllow: /2026/\n"
    page = RawPage(f"{ORIGIN}/2026/a", "", b"", NOW, "", "", 0, statements=(Statement(ROBOTS, "x", NOW, text),))
    [signal] = [one for one in read_signals(page, Declared()) if one.name == "robots-disallow-training"]
    assert signal.text == "User-agent: gptbot, Disallow: /"
