"""What the sampled articles of a new site say of it: languages, time zone, and the fields that its pages lack."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from cleaning.records import Article
from spiders.catalogue import Source
from spiders.catalogue_check import zones_of
from spiders.discovery.home_page import source_toml

# What a reader of the data asks for; a field that all sampled articles lack is named.
FIELDS = ("published_at", "authors", "section", "tags", "description", "image_url")


@dataclass(frozen=True, slots=True)
class NewSource:
    """A catalogue entry as it is proposed, and how its doubtful facts came about.

    Attributes:
        source: the entry.
        toml: its file.
        languages: of the sampled articles, the most frequent first, each with their number.
        zone: how the time zone was found, or that it was not.
        lacking: fields that no sampled article has.
    """

    source: Source
    toml: str
    languages: tuple[tuple[str, int], ...]
    zone: str
    lacking: tuple[str, ...]


def propose(toml: str, articles: Sequence[Article], day: date) -> NewSource:
    """Complete the entry that a probe wrote by what its articles say.

    Args:
        toml: the entry, as of the site's home page and listings.
        articles: the sampled ones, cleaned.
        day: when the site was looked at.
    """
    source = Source.model_validate(tomllib.loads(toml))
    counted = Counter(article.language for article in articles if article.language)
    languages = tuple(counted.most_common())
    every = dict.fromkeys([*(language for language, _ in languages), *(() if languages else source.languages)])
    zone, said = _zone(source, articles)
    source = source.model_copy(update={"languages": tuple(every), "timezone": zone})
    lacking = tuple(name for name in FIELDS if articles and not any(getattr(one, name) for one in articles))
    return NewSource(source, source_toml(source, day.isoformat()), languages, said, lacking)


def _zone(source: Source, articles: Sequence[Article]) -> tuple[str, str]:
    """The zone of the site's country that has the offsets which its articles state."""
    stated = [
        (article.published_at, article.published_offset)
        for article in articles
        if article.published_at is not None and article.published_offset is not None
    ]
    zones = zones_of(source.country)
    if not stated:
        if len(zones) == 1:
            return zones[0], f"the only zone of its country, {source.country}"
        return source.timezone, "not known, no article states an offset: set timezone where its pages give local times"
    fitting = [zone for zone in zones if all(_offset(zone, at) == minutes for at, minutes in stated)]
    if fitting:
        return fitting[0], f"by the offsets that {len(stated)} articles state"
    offsets = ", ".join(sorted({f"{minutes / 60:+g} h" for _, minutes in stated}))
    why = f"which is no zone of {source.country}" if zones else "and its country is not known: set country and timezone"
    return source.timezone, f"not known: its articles state {offsets}, {why}"


def _offset(zone: str, at: datetime) -> int:
    shift = at.astimezone(UTC).astimezone(ZoneInfo(zone)).utcoffset()
    assert shift is not None  # of an aware datetime
    return int(shift.total_seconds() // 60)
