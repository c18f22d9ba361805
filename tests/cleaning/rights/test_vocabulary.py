"""The list of signals tests itself: each entry reserves what its examples say, and nothing by those it must spare."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any

import pytest

from cleaning.rights.page_signals import robots_directives
from cleaning.rights.preferences import forbidden
from cleaning.rights.rsl import forbidden_by_terms
from cleaning.rights.vocabulary import vocabulary

LIST = tomllib.loads((resources.files("cleaning") / "rights" / "signals.toml").read_text(encoding="utf-8"))


def terms(usage: str) -> str:
    return f'<license><prohibits type="usage">{usage}</prohibits></license>'


@pytest.mark.parametrize("entry", LIST["directive"], ids=lambda entry: entry["name"])
def test_a_directive_is_found_in_its_examples_and_only_there(entry: dict[str, Any]) -> None:
    for value in entry["must_forbid"]:
        found = [one for one in robots_directives(value, None, "header", value) if one.name == entry["name"]]
        assert found, value
        assert {use.value for use in found[0].forbids} == set(entry["forbids"]), value
    for value in entry["must_spare"]:
        assert not [one for one in robots_directives(value, None, "header", value) if one.name == entry["name"]], value


@pytest.mark.parametrize("entry", LIST["label"], ids=lambda entry: f"{entry['standard']} {entry['name']}")
def test_a_label_reserves_what_it_covers(entry: dict[str, Any]) -> None:
    def reserved(value: str) -> set[str]:
        if entry["standard"] == "rsl":
            return {use.value for use in forbidden_by_terms(terms(value), "https://post.example/") or ()}
        return {use.value for use in forbidden(entry["standard"], value)}

    for value in entry["must_forbid"]:
        assert reserved(value) == set(entry["covers"]), value
    for value in entry["must_spare"]:
        assert reserved(value) == set(), value


def test_every_entry_says_why() -> None:
    for kind in ("directive", "label", "statement"):
        assert all(entry["why"].strip() for entry in LIST[kind])
    assert vocabulary().own == "newsmill"
