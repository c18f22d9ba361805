"""robots.txt is read as RFC 9309 says, whatever it holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from cleaning.rights.robots_groups import parse_robots, rule_in_force


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    rule_in_force(parse_robots(text).lines_for("newsmill"), "/a")


@given(st.lists(st.tuples(st.sampled_from(["Allow", "Disallow"]), st.text("/ab*", min_size=1, max_size=6)), max_size=5))
def test_the_rule_in_force_is_the_one_that_the_crawler_obeys(rules: list[tuple[str, str]]) -> None:
    text = "User-agent: *\n" + "".join(f"{name}: /{path}\n" for name, path in rules)
    rule = rule_in_force(parse_robots(text).lines_for("newsmill"), "/ab/a")
    assert (rule is None or rule.name == "allow") == Protego.parse(text).can_fetch("https://x.example/ab/a", "newsmill")
