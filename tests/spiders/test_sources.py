"""The shipped catalogue. No test crawls it."""

from __future__ import annotations

from spiders.catalogue import DEFAULT_DIR, load_catalogue


def test_every_file_is_valid_and_there_are_enough_of_them() -> None:
    catalogue = load_catalogue(DEFAULT_DIR)
    assert len(catalogue) >= 100
    assert len({language for source in catalogue.values() for language in source.languages}) >= 10


def test_only_openly_licensed_sources_are_on_by_default() -> None:
    enabled = [source for source in load_catalogue(DEFAULT_DIR).values() if source.enabled]
    assert enabled
    assert all(source.license == "public-domain" or source.license.startswith("CC-BY") for source in enabled)


def test_no_two_sources_fetch_the_same_hosts() -> None:
    owners: dict[str, str] = {}
    for name, source in load_catalogue(DEFAULT_DIR).items():
        for host in source.hosts:
            assert host not in owners, f"{host} is of both {owners[host]} and {name}"
            owners[host] = name
