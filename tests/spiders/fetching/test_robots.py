"""robots.txt by RFC 9309."""

from __future__ import annotations

from pathlib import Path

import pytest

from spiders.fetching.robots import CACHE_SECONDS, MAX_BYTES, RobotsFile, RobotsStore, RobotsVerdict, verdict_of
from spiders.frontier.frontier import Frontier

ORIGIN = "https://post.example"


def rules(text: str) -> RobotsFile:
    return RobotsFile(ORIGIN, RobotsVerdict.RULES, 0.0, text.encode(), 200)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, RobotsVerdict.RULES),
        (204, RobotsVerdict.RULES),
        (301, RobotsVerdict.ALLOW),  # the end of more than five redirects (2.3.1.2)
        (401, RobotsVerdict.ALLOW),
        (403, RobotsVerdict.ALLOW),
        (404, RobotsVerdict.ALLOW),
        (410, RobotsVerdict.ALLOW),
        (429, RobotsVerdict.UNREACHABLE),
        (500, RobotsVerdict.UNREACHABLE),
        (503, RobotsVerdict.UNREACHABLE),
    ],
)
def test_a_status_means_what_the_standard_says(status: int, verdict: RobotsVerdict) -> None:
    assert verdict_of(status) is verdict


def test_the_longest_rule_wins_and_our_own_group_goes_before_all() -> None:
    file = rules("User-agent: *\nDisallow: /\n\nUser-agent: newsmill\nDisallow: /private/\nAllow: /private/open\n")
    assert file.allows(f"{ORIGIN}/news/a")
    assert not file.allows(f"{ORIGIN}/private/a")
    assert file.allows(f"{ORIGIN}/private/open")


def test_wildcards_and_ends_are_understood() -> None:
    file = rules("User-agent: *\nDisallow: /*?print=\nDisallow: /*.pdf$\n")
    assert not file.allows(f"{ORIGIN}/a?print=1")
    assert not file.allows(f"{ORIGIN}/a.pdf")
    assert file.allows(f"{ORIGIN}/a.pdf?x=1")


def test_unreachable_forbids_and_no_file_allows() -> None:
    assert not RobotsFile(ORIGIN, RobotsVerdict.UNREACHABLE, 0.0).allows(f"{ORIGIN}/a")
    assert RobotsFile(ORIGIN, RobotsVerdict.ALLOW, 0.0).allows(f"{ORIGIN}/a")


@pytest.mark.parametrize(
    ("line", "delay"), [("Crawl-delay: 5", 5.0), ("Crawl-delay: 0.5", 0.5), ("Crawl-delay: 600", 600.0), ("", 0.0)]
)
def test_crawl_delay_is_what_the_file_asks_for(line: str, delay: float) -> None:
    assert rules(f"User-agent: *\nDisallow: /x\n{line}\n").crawl_delay == delay


def test_only_the_first_500_kib_count_up_to_the_last_whole_line() -> None:
    filler = "# " + "x" * 97 + "\n"
    text = "User-agent: *\nDisallow: /early\n" + filler * (MAX_BYTES // len(filler)) + "Disallow: /late\n"
    file = rules(text)
    assert not file.allows(f"{ORIGIN}/early")
    assert file.allows(f"{ORIGIN}/late")


def test_rubbish_is_no_rule() -> None:
    assert rules("<html><body>\x00 Not a robots file </body></html>").allows(f"{ORIGIN}/a")
    assert RobotsFile(ORIGIN, RobotsVerdict.RULES, 0.0, b"\xff\xfe\x00U\x00s").allows(f"{ORIGIN}/a")


def test_a_copy_is_kept_for_a_day_and_unreachable_is_asked_again(tmp_path: Path) -> None:
    store = RobotsStore(Frontier(tmp_path / "ledger.sqlite").engine)
    assert store.load(ORIGIN) is None
    store.save(rules("User-agent: *\nDisallow: /a\nSitemap: https://post.example/s.xml\n"))
    kept = store.load(ORIGIN)
    assert kept is not None
    assert kept.sitemaps == ("https://post.example/s.xml",)
    assert kept.is_fresh(CACHE_SECONDS - 1)
    assert not kept.is_fresh(CACHE_SECONDS + 1)
    assert not RobotsFile(ORIGIN, RobotsVerdict.UNREACHABLE, 0.0).is_fresh(1.0)


def test_terms_are_named_after_license_and_an_address_that_is_none_costs_no_page() -> None:
    body = b"License: /a.xml\nLicense: http://[bad\nLicense: https://post.example/b.xml\nUser-agent: *\nAllow: /\n"
    file = RobotsFile("https://post.example", RobotsVerdict.RULES, 0.0, body)
    assert file.licenses == ("https://post.example/a.xml", "https://post.example/b.xml")
    assert RobotsFile("https://post.example", RobotsVerdict.ALLOW, 0.0, body).licenses == ()
