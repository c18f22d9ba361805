"""The shipped catalogue. No test crawls it."""

from __future__ import annotations

import pytest

from spiders.catalogue import DEFAULT_DIR, Source, load_catalogue
from spiders.catalogue_check import check_catalogue


def test_every_file_is_valid_and_there_are_enough_of_them() -> None:
    catalogue = load_catalogue(DEFAULT_DIR)
    assert len(catalogue) >= 100
    assert len({language for source in catalogue.values() for language in source.languages}) >= 10


def test_only_openly_licensed_sources_are_on_by_default() -> None:
    enabled = [source for source in load_catalogue(DEFAULT_DIR).values() if source.enabled]
    assert enabled
    assert all(source.license == "public-domain" or source.license.startswith("CC-BY") for source in enabled)


def test_the_shipped_catalogue_as_a_whole_has_no_problem() -> None:
    assert [one for one in check_catalogue(load_catalogue(DEFAULT_DIR)) if one.is_problem] == []


def paper(name: str, **facts: object) -> Source:
    host = f"{name}.example"
    given = {"home": f"https://{host}/", "hosts": [host], "country": "de", "timezone": "Europe/Berlin"}
    return Source.model_validate({"name": name, "title": name, "languages": ["de"], **given, **facts})


@pytest.mark.parametrize(
    ("facts", "key", "is_problem", "said"),
    [
        ({"timezone": "America/New_York"}, "timezone", True, "Europe/Berlin"),
        ({"timezone": "UTC"}, "timezone", False, "no zone of its country"),
        ({"home": "https://elsewhere.example/"}, "home", True, "on no host"),
        ({"languages": []}, "languages", False, "none is named"),
        ({"languages": ["kl"]}, "languages", False, "kl is no language"),
    ],
)
def test_what_is_wrong_between_entries_is_found_without_the_network(
    facts: dict[str, object], key: str, is_problem: bool, said: str
) -> None:
    found = [one for one in check_catalogue({"b": paper("b"), "c": paper("c", **facts)}) if one.key == key]
    assert [one.is_problem for one in found] == [is_problem]
    assert said in found[0].detail


def test_a_catalogue_without_faults_has_no_findings() -> None:
    assert check_catalogue({"b": paper("b"), "c": paper("c")}) == []


def test_a_host_or_a_listing_of_two_sources_is_a_problem() -> None:
    wide = paper("b", hosts=["b.example", "c.example"], feeds=["https://b.example/f"])
    narrow = paper(
        "c", hosts=["news.c.example", "b.example"], home="https://news.c.example/", feeds=["https://b.example/f"]
    )
    found = check_catalogue({"b": wide, "c": narrow})
    assert {(one.source, one.key) for one in found} == {("b", "hosts"), ("c", "hosts"), ("c", "feeds")}
    assert any("news.c.example is also of c" in one.detail for one in found)
