"""The catalogue: one TOML file a publisher, validated; errors name the file, the key and the remedy."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from cleaning.records import LayoutVersion, SourceFacts

# The shipped catalogue.
DEFAULT_DIR = Path(str(resources.files("spiders") / "sources"))

# One second is what Crawl-delay asks for where it is set at all by most news sites, and what robots-aware
# crawlers such as Heritrix take for the least wait.
DEFAULT_DELAY = 1.0
# The longest wait that a setting may ask for; above it a day has too few requests to follow a newspaper.
MAX_DELAY = 300.0
# The largest article page measured in public news corpora is about 5 MB with inlined images.
DEFAULT_MAX_BYTES = 10_000_000

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_ZONES = frozenset(available_timezones())


class CatalogueError(ValueError):
    """A catalogue file that cannot be used; the message says what to change."""


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("write a whole address, beginning with https:// or http://")
    if parts.username or parts.password:
        raise ValueError("take the user name and password out of the address")
    return value


def _host(value: str) -> str:
    if not _HOST.fullmatch(value):
        raise ValueError("write a bare host in lower case, such as example.org: no scheme, port, path or IP address")
    return value


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError('write the primary subtag of BCP 47 in lower case, such as "en" or "de"')
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"mend the regular expression: {error}") from error
    return value


def _zone(value: str) -> str:
    if value not in _ZONES:
        raise ValueError('write an IANA zone, such as "Europe/Berlin"')
    return value


def _country(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2}", value):
        raise ValueError('write the ISO 3166 code in lower case, such as "de", or "xx" for none')
    return value


Url = Annotated[str, AfterValidator(_url)]
Host = Annotated[str, AfterValidator(_host)]
Language = Annotated[str, AfterValidator(_language)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Zone = Annotated[str, AfterValidator(_zone)]
Country = Annotated[str, AfterValidator(_country)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Politeness(_Table):
    """How gently the source is asked."""

    delay_seconds: float = Field(
        default=DEFAULT_DELAY, ge=0, le=MAX_DELAY
    )  # from the end of a response to the next request
    concurrency: int = Field(default=1, ge=1, le=16)  # requests at once to one host
    timeout_seconds: float = Field(default=30.0, gt=0, le=600)  # for one response, from connecting to its last byte
    obey_tdm: bool = False  # leave out pages that reserve archiving or mining, instead of only recording it


class Limits(_Table):
    """Bounds of one run."""

    max_bytes: int = Field(default=DEFAULT_MAX_BYTES, ge=1_000, le=100_000_000)  # of one page, unpacked
    max_urls: int | None = Field(default=None, ge=1)  # article URLs fetched in a run; the rest wait for the next
    # The daily crawl takes from sitemaps what is no older than this, counted from the newest that they list.
    sitemap_days: int = Field(default=30, ge=1)


class Expect(_Table):
    """What the source yields while it is well; less is reported."""

    articles_per_day_min: int | None = Field(default=None, ge=0)


class LayoutVersionTable(_Table):
    """Facts of a layout, valid for pages published from ``start`` up to but not including ``end``."""

    start: date | None = None
    end: date | None = None
    body: tuple[str, ...] = ()
    prune: tuple[str, ...] = ()


class Source(_Table):
    """One publisher: spiders/sources/NAME.toml."""

    name: str
    title: str = Field(min_length=1)
    home: Url
    country: Country = "xx"
    languages: tuple[Language, ...] = ()
    hosts: tuple[Host, ...] = Field(min_length=1)  # these and their subdomains
    extra_hosts: tuple[Host, ...] = ()  # where its articles may redirect to, or feeds live
    license: str = Field("unknown", min_length=1)  # SPDX id, "public-domain" or "unknown"
    enabled: bool = False
    timezone: Zone = "UTC"
    site_names: tuple[str, ...] = ()
    feeds: tuple[Url, ...] = ()
    sitemaps: tuple[Url, ...] = ()
    news_sitemaps: tuple[Url, ...] = ()
    sections: tuple[Url, ...] = ()  # pages of links; {yyyy}, {mm}, {dd} make one a date archive
    robots_sitemaps: bool = True
    include: tuple[Pattern, ...] = ()  # on the URL's path and query; none includes all
    exclude: tuple[Pattern, ...] = ()
    javascript: bool = False
    politeness: Politeness = Politeness()
    limits: Limits = Limits()
    expect: Expect = Expect()
    eras: tuple[LayoutVersionTable, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not _NAME.fullmatch(self.name):
            raise ValueError("name: write lower-case letters, digits and single hyphens, such as the-harbor-post")
        if not (self.feeds or self.sitemaps or self.news_sitemaps or self.sections or self.robots_sitemaps):
            raise ValueError("feeds: give at least one feed, sitemap, news sitemap or section page to discover by")
        for key in ("feeds", "sitemaps", "news_sitemaps", "sections"):
            for url in getattr(self, key):
                if not self.owns(urlsplit(url).hostname or ""):
                    raise ValueError(f"{key}: {url} is on no host of this source; add its host to hosts or extra_hosts")
        return self

    def owns(self, host: str) -> bool:
        """Whether a host may be fetched for this source: one of its hosts, or a subdomain of one."""
        host = host.lower().rstrip(".")
        return any(host == own or host.endswith("." + own) for own in (*self.hosts, *self.extra_hosts))

    def wants(self, path: str) -> bool:
        """Whether the include and exclude patterns let a URL's path (with its query) through."""
        if any(re.search(pattern, path) for pattern in self.exclude):
            return False
        return not self.include or any(re.search(pattern, path) for pattern in self.include)

    def zone(self) -> ZoneInfo:
        """The publisher's time zone, for dates without one."""
        return ZoneInfo(self.timezone)

    def facts(self) -> SourceFacts:
        """The part that cleaning may know."""
        return SourceFacts(
            name=self.name,
            languages=self.languages,
            timezone=self.timezone,
            site_names=self.site_names,
            eras=tuple(LayoutVersion(era.start, era.end, era.body, era.prune) for era in self.eras),
        )


def load_source(path: Path) -> Source:
    """The source a TOML file describes. Raises CatalogueError, naming file, key and remedy."""
    try:
        source = Source.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: no TOML: {error}; mend that line") from error
    except ValidationError as error:
        raise CatalogueError("\n".join(_complaint(path, one) for one in error.errors())) from error
    if source.name != path.stem:
        raise CatalogueError(f'{path}: name: is "{source.name}"; name the file {source.name}.toml, or change the name')
    return source


def load_catalogue(directory: Path = DEFAULT_DIR) -> dict[str, Source]:
    """All sources of a folder by name. Raises CatalogueError that lists every fault of every file."""
    sources: dict[str, Source] = {}
    faults: list[str] = []
    if not directory.is_dir():
        raise CatalogueError(
            f"{directory}: no such folder; name the catalogue with --sources-dir or the setting sources_dir, "
            "or make one with: newsmill init"
        )
    for path in sorted(directory.glob("*.toml")):
        try:
            sources[path.stem] = load_source(path)
        except CatalogueError as error:
            faults.append(str(error))
    if faults:
        raise CatalogueError("\n".join(faults))
    if not sources:
        raise CatalogueError(f"{directory}: holds no source; add one with: newsmill sources add URL")
    return sources


def _complaint(path: Path, error: ErrorDetails) -> str:
    key = ".".join(str(part) for part in error["loc"])
    message = error["msg"].removeprefix("Value error, ")
    remedies = {
        "missing": "is missing; add it",
        "extra_forbidden": "is no key of a source; take it out, or mind its spelling",
    }
    said = remedies.get(error["type"], message)
    return f"{path}: {key}: {said}" if key else f"{path}: {said}"


def select(catalogue: Path, names: Sequence[str] | None) -> dict[str, Source]:
    """The sources that were asked for; those that are enabled when none was.

    Raises:
        CatalogueError: for a name that the catalogue lacks, and when none is enabled.
    """
    every = load_catalogue(catalogue)
    unknown = sorted(set(names or ()) - every.keys())
    if unknown:
        raise CatalogueError(
            f"{', '.join(unknown)}: no such source in {catalogue}; see them with: newsmill sources list"
        )
    chosen = {n: s for n, s in every.items() if (n in names if names else s.enabled)}
    if not chosen:
        raise CatalogueError(f"no source in {catalogue} is enabled; set enabled = true in one, or name sources")
    return chosen
