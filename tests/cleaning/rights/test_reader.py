"""Every signal and their combinations are decided as their specifications say, each with its evidence."""

from __future__ import annotations

import hashlib
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cleaning.boilerplate.rules import load_rules
from cleaning.pipeline import clean
from cleaning.records import Article, Hints, SourceFacts, Statement
from tests.cleaning.pages import FETCHED, article_html, page

CASES = tomllib.loads((Path(__file__).parent / "cases.toml").read_text(encoding="utf-8"))["case"]
URL = "https://post.example/news/ferry.html"
READ = FETCHED - timedelta(hours=3)
RULES = load_rules()


def statements(case: dict[str, Any]) -> tuple[Statement, ...]:
    found = []
    if "robots" in case:
        found.append(Statement("robots.txt", "https://post.example/robots.txt", READ, case["robots"]))
    if "tdmrep" in case:
        found.append(Statement("tdmrep.json", "https://post.example/.well-known/tdmrep.json", READ, case["tdmrep"]))
    found += [Statement("rsl", url, READ, text) for url, text in case.get("rsl", {}).items()]
    return tuple(found)


def fetched(case: dict[str, Any]) -> Any:
    html = article_html(head=case.get("head", ""), tail=case.get("body", "")).replace(
        '"isAccessibleForFree": true', '"x": 1'
    )
    return page(
        html,
        case.get("url", URL),
        status=case.get("status", 200),
        headers=tuple((name, value) for name, value in case.get("headers", ())),
        statements=statements(case),
        hints=Hints(license=case.get("feed")),
    )


def test_there_are_sixty_cases_and_their_names_differ() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_decision_is_right_and_says_by_what(case: dict[str, Any]) -> None:
    cleaned = clean(fetched(case), SourceFacts("example"), RULES)
    reserving = [f"{signal.name}@{signal.where}" for signal in cleaned.signals if signal.forbids]
    assert sorted(reserving) == sorted(case["evidence"])
    left = [use for use in ("search", "research", "train") if not any(use in s.forbids for s in cleaned.signals)]
    assert left == case["allowed"]
    if case.get("status", 200) == 200:
        assert isinstance(cleaned.result, Article)
        assert list(cleaned.result.rights or ()) == case["allowed"]
        assert cleaned.result.training_opt_out == ("train" not in case["allowed"])
        assert cleaned.result.license == case.get("license")


def test_a_signal_carries_its_place_its_time_its_text_and_the_hash_of_the_whole() -> None:
    text = "User-agent: *\nContent-Signal: ai-train=no\n"
    (signal,) = clean(fetched({"robots": text}), SourceFacts("example"), RULES).signals
    assert (signal.where, signal.url, signal.seen_at) == ("robots.txt", "https://post.example/robots.txt", READ)
    assert signal.text == "content-signal: ai-train=no"
    assert signal.text_hash == hashlib.sha256(signal.text.encode()).hexdigest()[:32]


def test_the_rule_of_robots_txt_that_lets_us_in_is_evidence_too() -> None:
    signals = clean(fetched({"robots": "User-agent: *\nAllow: /news/\n"}), SourceFacts("example"), RULES).signals
    assert [(signal.name, signal.text, signal.forbids) for signal in signals] == [("robots-allow", "Allow: /news/", ())]


def test_what_a_page_says_twice_is_one_signal() -> None:
    twice = '<meta name="robots" content="noai"><meta name="robots" content="noai">'
    assert [s.name for s in clean(fetched({"head": twice}), SourceFacts("example"), RULES).signals] == ["noai"]


def test_terms_at_an_address_that_is_none_are_passed_over() -> None:
    case = {"robots": "User-agent: *\nAllow: /news/\nLicense: http://[\nLicense: /terms.xml\n"}
    signals = clean(fetched(case), SourceFacts("example"), RULES).signals
    assert [signal.text for signal in signals] == ["Allow: /news/", "https://post.example/terms.xml"]


def test_the_catalogues_licence_goes_before_the_pages() -> None:
    case = {"head": '<link rel="license" href="https://creativecommons.org/licenses/by-sa/4.0/">'}
    result = clean(fetched(case), SourceFacts("example", license="CC-BY-4.0"), RULES).result
    assert isinstance(result, Article)
    assert result.license == "CC-BY-4.0"
