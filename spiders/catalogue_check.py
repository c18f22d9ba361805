"""What is wrong or doubtful in a catalogue as a whole, found without the network.

Each file by itself is validated as it is read (:mod:`spiders.catalogue`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from urllib.parse import urlsplit

from cleaning.language import identifiable, primary
from spiders.catalogue import LISTINGS, Source

NO_COUNTRY = "xx"


@dataclass(frozen=True, slots=True)
class CatalogueFinding:
    """Something in a source's entry; a problem costs articles or fetches them twice, a note is worth a look."""

    source: str
    key: str
    is_problem: bool
    detail: str


def check_catalogue(sources: Mapping[str, Source]) -> list[CatalogueFinding]:
    """All findings, by source."""
    found: list[CatalogueFinding] = []
    for source in sources.values():
        for check in (_home, _languages, _zone):
            found += check(source)
    found += _shared_hosts(sources.values())
    found += _shared_listings(sources.values())
    return sorted(found, key=lambda one: (one.source, one.key, one.detail))


def _problem(source: Source, key: str, detail: str) -> CatalogueFinding:
    return CatalogueFinding(source.name, key, True, detail)


def _note(source: Source, key: str, detail: str) -> CatalogueFinding:
    return CatalogueFinding(source.name, key, False, detail)


def _home(source: Source) -> Iterator[CatalogueFinding]:
    host = urlsplit(source.home).hostname or ""
    if not source.owns(host):
        yield _problem(
            source, "home", f"{host} is on no host of this source: robots.txt is read there; add it to hosts"
        )


def _languages(source: Source) -> Iterator[CatalogueFinding]:
    if not source.languages:
        yield _note(source, "languages", "none is named: no text is flagged other-language")
    known = identifiable()
    for language in source.languages:
        if primary(language) not in known:
            yield _note(source, "languages", f"{language} is no language that is told by a text itself: all get a flag")


def _zone(source: Source) -> Iterator[CatalogueFinding]:
    zones = zones_of(source.country)
    if source.country == NO_COUNTRY or not zones or source.timezone in zones:
        return
    alike = f"those of {source.country} are {', '.join(zones[:4])}"
    # UTC is the default, and what some agencies use.
    kind = _note if source.timezone == "UTC" else _problem
    yield kind(source, "timezone", f"{source.timezone} is no zone of its country; {alike}")


def _shared_hosts(sources: Iterable[Source]) -> Iterator[CatalogueFinding]:
    """Hosts that two sources own: what is there is fetched, and published, under both."""
    owners: dict[str, list[Source]] = {}
    for source in sources:
        for host in source.hosts:
            owners.setdefault(host, []).append(source)
    for host, others in owners.items():
        labels = host.split(".")
        above = [owner for n in range(len(labels)) for owner in owners.get(".".join(labels[n:]), ())]
        for other in others:
            for source in {one.name: one for one in above}.values():
                if source is not other:
                    yield _problem(source, "hosts", f"{host} is also of {other.name}; name narrower hosts")


def _shared_listings(sources: Iterable[Source]) -> Iterator[CatalogueFinding]:
    first: dict[str, str] = {}
    for source in sources:
        for key in LISTINGS:
            for url in getattr(source, key):
                if url in first:
                    yield _problem(source, key, f"{url} is named twice: also in {first[url]}")
                first.setdefault(url, f"{source.name}, {key}")


@cache
def zones_of(country: str) -> tuple[str, ...]:
    """The IANA zones of a country, by its ISO 3166 code in lower case; empty where the zone table does not name it.

    In the order of the table, which begins with the zone of most people.
    """
    table = resources.files("tzdata") / "zoneinfo" / "zone.tab"
    found = []
    for line in table.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            code, _, zone = line.split("\t")[:3]
            if code.lower() == country:
                found.append(zone)
    return tuple(found)
