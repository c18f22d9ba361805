"""The spider's arguments, validated at the edge; each error says what to write instead."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from spiders.catalogue import DEFAULT_DIR, Source, select
from spiders.discovery.listing import Span
from spiders.fetching.address_guard import Allowance, is_local_name

# Run ids become file names, so nothing in them may lead out of their folder.
_RUN_ID = r"[0-9A-Za-z][0-9A-Za-z._-]{0,99}"


def _names(value: object) -> object:
    return tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value


def _allowance(value: object) -> object:
    return Allowance.parse(value) if isinstance(value, str) else value


class ArgumentError(ValueError):
    """A spider argument that cannot be used."""


class Arguments(BaseModel):
    """``-a name=value`` of ``scrapy crawl news``."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    source: Annotated[tuple[str, ...], BeforeValidator(_names)] = ()  # names; empty means every enabled source
    lake: Path = Path("data")
    run_id: str = Field(pattern=f"^{_RUN_ID}$")
    start: date | None = None  # first publication day; makes the run a backfill
    end: date | None = None  # last publication day, inclusive
    sources_dir: Path = DEFAULT_DIR
    allow: Annotated[Allowance, BeforeValidator(_allowance)] = Allowance()
    frontier: str | None = None  # a SQLAlchemy URL; defaults to LAKE/state/ledger.sqlite
    revisit: Literal["due", "all"] = "due"  # "all": revisit every page that was ever read

    @model_validator(mode="after")
    def _span_is_whole(self) -> Self:
        if self.end is not None and self.start is None:
            raise ValueError("end needs start: -a start=YYYY-MM-DD -a end=YYYY-MM-DD")
        if self.start is not None and self.end is not None and self.end < self.start:
            raise ValueError(f"end {self.end} is before start {self.start}; swap them")
        return self

    @classmethod
    def parse(cls, given: dict[str, str]) -> Self:
        """Parse the arguments. Raises ArgumentError naming the argument and the remedy."""
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            lines = [
                f"{'.'.join(map(str, one['loc'])) or 'arguments'}: {one['msg'].removeprefix('Value error, ')}"
                for one in error.errors()
            ]
            raise ArgumentError("\n".join(lines)) from error

    @property
    def span(self) -> Span | None:
        """The range of publication dates of a backfill."""
        return Span(self.start, self.end) if self.start else None

    def sources(self) -> dict[str, Source]:
        """The catalogue entries to crawl: those named, or the enabled ones. Raises CatalogueError if there is none."""
        return select(self.sources_dir, self.source)


def user_agent(product: str, contact: str, sources: dict[str, Source]) -> str:
    """The user agent string; it must let a publisher reach a person. Raises ArgumentError if there is no contact.

    Only sources that are entirely on loopback may be crawled without one.
    """
    contact = contact.strip()
    if re.search(r"[\x00-\x1f\x7f()]", contact):
        raise ArgumentError("NEWSMILL_CONTACT: write a plain e-mail address or URL")
    if contact:
        return f"{product} (+{contact})"
    public = [name for name, s in sources.items() if not all(map(is_local_name, (*s.hosts, *s.extra_hosts)))]
    if public:
        raise ArgumentError(
            f"{', '.join(public[:3])}: set NEWSMILL_CONTACT to an e-mail address or a page about your crawler, "
            "so that publishers can reach you"
        )
    return product
