"""The catalogue: one validated TOML file per publisher; errors name the file, the key and the remedy."""

from __future__ import annotations

import logging
import re
import tomllib
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from cleaning.public_suffixes import registered_domain
from cleaning.records import LayoutVersion, SourceFacts

logger = logging.getLogger(__name__)

# The shipped catalogue.
DEFAULT_DIR = Path(str(resources.files("spiders") / "sources"))

# Most news sites that set Crawl-delay ask for one second, and robots-aware crawlers such as Heritrix take it as the
# minimum.
DEFAULT_DELAY = 1.0
# The longest delay a setting may ask for; beyond it a day has too few requests to follow a newspaper.
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
        raise ValueError("write a full address that starts with https:// or http://")
    if parts.username or parts.password:
        raise ValueError("remove the user name and password from the address")
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
        raise ValueError(f"fix the regular expression: {error}") from error
    return value


def _zone(value: str) -> str:
    if value not in _ZONES:
        raise ValueError('write an IANA zone, such as "Europe/Berlin"')
    return value


def _country(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2}", value):
        raise ValueError('write the ISO 3166 code in lower case, such as "de", or "xx" for none')
    return value


# The keys that name listings.
LISTINGS = ("feeds", "sitemaps", "news_sitemaps", "apis", "sections")

Url = Annotated[str, AfterValidator(_url)]
Host = Annotated[str, AfterValidator(_host)]
Language = Annotated[str, AfterValidator(_language)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Zone = Annotated[str, AfterValidator(_zone)]
Country = Annotated[str, AfterValidator(_country)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Politeness(_Table):
    """How gently requests are made to the source."""

    delay_seconds: float = Field(
        default=DEFAULT_DELAY, ge=0, le=MAX_DELAY
    )  # seconds from the end of a response to the next request
    concurrency: int = Field(default=1, ge=1, le=16)  # concurrent requests to one host
    timeout_seconds: float = Field(default=30.0, gt=0, le=600)  # one response, from connecting to its last byte
    obey_tdm: bool = False  # skip pages that reserve archiving or mining, instead of only recording it


class Limits(_Table):
    """Limits of one run."""

    max_bytes: int = Field(default=DEFAULT_MAX_BYTES, ge=1_000, le=100_000_000)  # bytes of one page, decompressed
    max_urls: int | None = Field(default=None, ge=1)  # article URLs fetched in a run; the rest wait for the next
    # The daily crawl takes sitemap entries no older than this, counted from the newest entry they list.
    sitemap_days: int = Field(default=30, ge=1)
    # Pages of a feed, section or list of posts that the daily crawl reads, each only if the one before had news.
    listing_pages: int = Field(default=3, ge=1, le=500)
    # Pages of one that it reads the first time, back to the days of sitemap_days where entries have dates: 20 pages of
    # 10 to 20 entries are a month of most sections, and 20 requests.
    first_listing_pages: int = Field(default=20, ge=1, le=500)


class Expect(_Table):
    """What a healthy source yields; anything below is reported."""

    articles_per_day_min: int | None = Field(default=None, ge=0)
    empty_fields: tuple[str, ...] = ()  # columns that its pages do not have; otherwise reported as empty


class LayoutVersionTable(_Table):
    """Facts about a layout, valid for pages published from ``start`` up to but not including ``end``."""

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
    languages: tuple[Language, ...] = ()  # a text in another one gets the flag other-language
    reject_other_languages: bool = False  # such a text is rejected instead
    hosts: tuple[Host, ...] = Field(min_length=1)  # these and their subdomains
    extra_hosts: tuple[Host, ...] = ()  # where its articles may redirect to, or where its feeds live
    license: str = Field("unknown", min_length=1)  # SPDX id, "public-domain" or "unknown"
    enabled: bool = False
    timezone: Zone = "UTC"
    site_names: tuple[str, ...] = ()
    low_confidence: float | None = Field(default=None, ge=0, le=1)  # text_confidence below which articles are flagged
    feeds: tuple[Url, ...] = ()
    sitemaps: tuple[Url, ...] = ()
    news_sitemaps: tuple[Url, ...] = ()
    apis: tuple[Url, ...] = ()  # lists of posts for programs: WordPress's …/wp-json/wp/v2/posts
    sections: tuple[Url, ...] = ()  # pages of links; {yyyy}, {mm}, {dd} turn one into a date archive
    robots_sitemaps: bool = True
    include: tuple[Pattern, ...] = ()  # matched on the URL's path and query; empty includes all
    exclude: tuple[Pattern, ...] = ()
    javascript: bool = False
    # Share of its articles older than a week that are visited again, each time their age has doubled: what finds late
    # corrections and withdrawals that no listing tells of. A twentieth costs a quarter of a request per article in its
    # first year.
    revisit_share: float = Field(default=0.05, ge=0, le=1)
    politeness: Politeness = Politeness()
    limits: Limits = Limits()
    expect: Expect = Expect()
    eras: tuple[LayoutVersionTable, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not _NAME.fullmatch(self.name):
            raise ValueError("name: write lower-case letters, digits and single hyphens, such as the-harbor-post")
        if not (any(getattr(self, key) for key in LISTINGS) or self.robots_sitemaps):
            raise ValueError("feeds: give at least one feed, sitemap, news sitemap or section page to discover by")
        for key in LISTINGS:
            for url in getattr(self, key):
                if not self.owns(urlsplit(url).hostname or ""):
                    raise ValueError(f"{key}: {url} is on no host of this source; add its host to hosts or extra_hosts")
        return self

    def owns(self, host: str) -> bool:
        """Whether a host may be fetched for this source: one of its hosts, or a subdomain of one."""
        host = host.lower().rstrip(".")
        return any(host == own or host.endswith("." + own) for own in (*self.hosts, *self.extra_hosts))

    def wants(self, url: str) -> bool:
        """Whether the include and exclude patterns accept a URL: they look at its path with its query."""
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        if any(re.search(pattern, path) for pattern in self.exclude):
            return False
        return not self.include or any(re.search(pattern, path) for pattern in self.include)

    def zone(self) -> ZoneInfo:
        """The publisher's time zone, for dates without one."""
        return ZoneInfo(self.timezone)

    def facts(self) -> SourceFacts:
        """The part of the entry that cleaning may use."""
        return SourceFacts(
            name=self.name,
            languages=self.languages,
            reject_other_languages=self.reject_other_languages,
            timezone=self.timezone,
            site_names=self.site_names,
            eras=tuple(LayoutVersion(era.start, era.end, era.body, era.prune) for era in self.eras),
            low_confidence=self.low_confidence,
            license=self.license,
        )


def load_source(path: Path) -> Source:
    """The source that a TOML file describes. Raises CatalogueError naming the file, key and remedy."""
    try:
        source = Source.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise CatalogueError(f"{path}: cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise CatalogueError("\n".join(_complaint(path, one) for one in error.errors())) from error
    except (ValueError, RecursionError) as error:  # no TOML, no UTF-8, a number of thousands of digits
        raise CatalogueError(f"{path}: not valid TOML: {error}; fix that line") from error
    if source.name != path.stem:
        raise CatalogueError(f'{path}: name: is "{source.name}"; name the file {source.name}.toml, or change the name')
    return source


def read_catalogue(directory: Path = DEFAULT_DIR) -> tuple[dict[str, Source], dict[str, str]]:
    """All sources of a folder by name, and what is wrong with the files that are none."""
    sources: dict[str, Source] = {}
    faults: dict[str, str] = {}
    if not directory.is_dir():
        raise CatalogueError(
            f"{directory}: no such folder; name the catalogue with --sources-dir or the setting sources_dir, "
            "or make one with: newsmill init"
        )
    for path in sorted(directory.glob("*.toml")):
        try:
            sources[path.stem] = load_source(path)
        except CatalogueError as error:
            faults[path.stem] = str(error)
    return sources, faults


def load_catalogue(directory: Path = DEFAULT_DIR) -> dict[str, Source]:
    """All sources of a folder by name. A file that is broken costs its own source, and is named in the log.

    Raises CatalogueError where there is no source, with every fault of every file.
    """
    sources, faults = read_catalogue(directory)
    if not sources:
        told = "\n".join(faults.values())
        raise CatalogueError(told or f"{directory}: contains no source; add one with: newsmill sources add URL")
    for fault in faults.values():
        logger.warning("left out: %s", fault)
    return sources


@lru_cache(maxsize=4096)
def unlisted_name(url: str) -> str | None:
    """The source of a page whose host no entry of the catalogue names: its registered domain, as a name.

    ``the-post-co-uk`` for ``https://news.the-post.co.uk/1``. None where there is no host name.
    """
    domain = _domain_of(url)
    return None if domain is None else "-".join(re.findall(r"[a-z0-9]+", domain))


def unlisted_source(url: str) -> Source | None:
    """A source with the default facts for a page that no entry of the catalogue names; None without a host name."""
    name, domain = unlisted_name(url), _domain_of(url)
    if name is None or domain is None:
        return None
    return Source(name=name, title=domain, home=f"https://{domain}/", hosts=(domain,), license="unknown")


def _domain_of(url: str) -> str | None:
    """The registered domain of a URL; None where its host is no name."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return None
    domain = registered_domain(host)
    return domain if _HOST.fullmatch(domain) else None


def _complaint(path: Path, error: ErrorDetails) -> str:
    key = ".".join(str(part) for part in error["loc"])
    message = error["msg"].removeprefix("Value error, ")
    remedies = {
        "missing": "is missing; add it",
        "extra_forbidden": "is not a key of a source; remove it, or check its spelling",
    }
    said = remedies.get(error["type"], message)
    return f"{path}: {key}: {said}" if key else f"{path}: {said}"


def select(catalogue: Path, names: Sequence[str] | None) -> dict[str, Source]:
    """The requested sources, or the enabled ones if none was requested.

    Raises:
        CatalogueError: for a name that the catalogue lacks or whose file is broken, and when none is enabled.
    """
    every = load_catalogue(catalogue)
    unknown = sorted(set(names or ()) - every.keys())
    for name in unknown:
        if (catalogue / f"{name}.toml").exists():
            load_source(catalogue / f"{name}.toml")
    if unknown:
        raise CatalogueError(
            f"{', '.join(unknown)}: no such source in {catalogue}; see them with: newsmill sources list"
        )
    chosen = {n: s for n, s in every.items() if (n in names if names else s.enabled)}
    if not chosen:
        raise CatalogueError(f"no source in {catalogue} is enabled; set enabled = true in one, or name sources")
    return chosen
