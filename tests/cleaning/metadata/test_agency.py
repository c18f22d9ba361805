"""Agencies: whose report a text is, by what it credits."""

from __future__ import annotations

import tomllib

import pytest

from cleaning.metadata.agency import AGENCIES, find_agency

_DATA = tomllib.loads(AGENCIES.read_text(encoding="utf-8"))


def found(test: str) -> str | None:
    if test.startswith("author: "):
        return find_agency("The council met on Monday and put the vote off.", [test.removeprefix("author: ")])
    return find_agency(test)


@pytest.mark.parametrize("agency", _DATA["agency"], ids=lambda a: a["name"])
def test_each_agency_is_named_where_it_is_credited_and_not_where_it_is_mentioned(agency: dict[str, list[str]]) -> None:
    named = {test: found(test) for test in agency["must_name"]}
    assert named == dict.fromkeys(agency["must_name"], agency["name"])
    assert {test: found(test) for test in agency["must_not"]} == dict.fromkeys(agency["must_not"])


def test_the_first_of_two_agencies_in_a_dateline_is_named() -> None:
    assert find_agency("Berlin (AFP/dpa) - Die Regierung hat beschlossen.") == "AFP"


def test_a_dateline_counts_before_an_author_and_an_author_before_a_credit() -> None:
    text = "PARIS (AFP) - The vote was put off.\nSource: Reuters"
    assert find_agency(text, ["Associated Press"]) == "AFP"
    assert find_agency("The vote was put off.\nSource: Reuters", ["Associated Press"]) == "AP"


def test_a_credit_that_cleaning_took_out_of_the_page_counts() -> None:
    assert find_agency("Der Rat vertagt.", removed=["Foto: AFP", "Quelle: dpa"]) == "dpa"
    assert find_agency("Der Rat vertagt.", removed=["Foto: AFP"]) is None


def test_a_name_in_the_middle_of_a_report_is_no_credit() -> None:
    middle = "The firm moved to the city in 1990. It was bought - Reuters"
    text = "\n".join(["The council met on Monday."] * 6 + [middle] + ["It will meet again in May."] * 6)
    assert find_agency(text) is None


def test_a_paragraph_that_cleaning_took_out_credits_nobody() -> None:
    paragraph = "The council met on Monday and put the vote off. " * 6 + "Source: Reuters"
    assert find_agency("The vote was put off.", removed=[paragraph]) is None
    assert find_agency("The vote was put off.", removed=[paragraph[-60:]]) == "Reuters"
