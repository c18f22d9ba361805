"""robots.txt is read as RFC 9309 says, whatever it holds."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from cleaning.rights.robots_groups import matches, parse_robots, rule_in_force

PATTERN = st.text("/ab*$%é", max_size=12).map(lambda text: "/" + text)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/", "/anything", True),
        ("/fish", "/fish.html", True),
        ("/fish", "/Fish", False),
        ("/fish*", "/fishheads/yummy.html?id=1", True),
        ("/*.php$", "/folder/file.php", True),
        ("/*.php$", "/file.php?x=1", False),
        ("/fish*.php", "/fishheads/catfish.php?id=1", True),
        ("/a$", "/a", True),
        ("/a$", "/ab", False),
        ("*", "/", True),
        ("/*/x$", "/x", False),
    ],
)
def test_a_pattern_matches_as_the_standard_shows(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected


def test_a_hostile_pattern_costs_no_time() -> None:
    began = time.process_time()
    matches("/" + "a*" * 20_000 + "$", "/" + "a" * 50_000 + "b")
    assert time.process_time() - began < 2


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    rule_in_force(parse_robots(text).lines_for("newsmill"), "/a")


@given(st.lists(st.tuples(st.sampled_from(["Allow", "Disallow"]), st.text("/ab*", min_size=1, max_size=6)), max_size=5))
def test_the_rule_in_force_is_the_one_that_the_crawler_obeys(rules: list[tuple[str, str]]) -> None:
    text = "User-agent: *\n" + "".join(f"{name}: /{path}\n" for name, path in rules)
    rule = rule_in_force(parse_robots(text).lines_for("newsmill"), "/ab/a")
    assert (rule is None or rule.name == "allow") == Protego.parse(text).can_fetch("https://x.example/ab/a", "newsmill")
