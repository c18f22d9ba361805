"""Settings: environment variables ``NEWSMILL_…``, then ``newsmill.toml``, then defaults, each with its reason.

Every command and every flow reads them here, so that a setting means the same wherever it is used.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AliasChoices, Field, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError as UrlError

from spiders.catalogue import DEFAULT_DIR
from spiders.frontier.frontier import Frontier, default_path
from spiders.frontier.lake_identity import hold_to_lake

SETTINGS_FILE = "newsmill.toml"
# Names another settings file; empty: none is read. A worker's flow runs start in a scratch folder, and find it by this.
FILE_VARIABLE = "NEWSMILL_CONFIG"
PATHS = ("lake", "sources_dir")


class SettingsError(ValueError):
    """A setting that cannot be used; the message says which, where it is set, and what to write."""


def _also(name: str, old: str) -> AliasChoices:
    """A setting's environment variable, and its name before 0.1.0."""
    return AliasChoices(f"NEWSMILL_{name.upper()}", f"NEWSMILL_{old.upper()}")


def _beside(file: Path, value: object) -> object:
    return str(file.parent / value) if isinstance(value, str) else value


class _TomlSource(PydanticBaseSettingsSource):
    """The settings file. Its relative folders are relative to the file, wherever the command is run."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Nothing: the file is read as a whole by :meth:`__call__`."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """The file's settings by their names."""
        path = settings_file()
        if path is None:
            return {}
        read = read_settings_file(path)
        set_here = {variable.upper() for variable in os.environ}
        # Leave out what the environment sets, under either name: pydantic would take the two names for two values.
        left = {name: value for name, value in read.items() if set_here.isdisjoint(variables_of(name))}
        return {name: _beside(path, value) if name in PATHS else value for name, value in left.items()}


class Settings(BaseSettings):
    """What an operator may change; each is an environment variable, e.g. ``NEWSMILL_CRAWL_PROCESSES=4``."""

    model_config = SettingsConfigDict(env_prefix="NEWSMILL_", frozen=True, populate_by_name=True, extra="forbid")

    lake: Path = Field(default=Path("data"), description="Root folder of the lake.")
    sources_dir: Path = Field(default=DEFAULT_DIR, description="Folder of the catalogue; the shipped one if unset.")
    contact: str = Field(
        default="", description="E-mail address or page where publishers reach you; required to crawl public sites."
    )
    chromium: str = Field(
        default="", description="Browser for sources with javascript = true; searched under the usual names if unset."
    )
    frontier: str | None = Field(
        validation_alias=_also("frontier", "ledger"),
        default=None,
        description="SQLAlchemy URL of the frontier; a SQLite file in the lake when unset.",
    )
    allow: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Loopback addresses that crawls may reach (sample web): 127.0.0.1:8377, several with commas.",
    )
    crawl_processes: int = Field(
        default=2, ge=1, description="Crawl processes at once: each keeps one processor busy if sites respond fast."
    )
    sources_per_process: int = Field(
        default=25,
        ge=1,
        description="Sources per crawl process: a process costs 1.2 s and 90 MB, and its failure stops only these.",
    )
    crawl_hours: float = Field(
        default=6.0,
        gt=0,
        description="A crawl process is stopped after this time; the next run continues its queue.",
    )
    publish_workers: int | None = Field(
        default=None, ge=0, description="Cleaning processes; one per processor if unset."
    )
    batch_pages: int = Field(
        default=5_000,
        ge=1,
        description="Pages per commit: 10 kB each in memory, so 50 MB; losing a commit costs a minute.",
    )
    republish_days: int = Field(
        validation_alias=_also("republish_days", "look_back_days"),
        default=14,
        ge=1,
        description="The daily flow also publishes what was fetched on these days and not published.",
    )
    backfill_adoption_days: int = Field(
        validation_alias=_also("backfill_adoption_days", "adopt_days"),
        default=365,
        ge=1,
        description="The daily flow adopts articles this recent that a backfill of other days fetched.",
    )
    wave_days: int = Field(
        default=7,
        ge=1,
        description="Publication days that a backfill commits together; fewer read the sitemaps more often.",
    )
    duplicate_window_days: int = Field(
        default=90, ge=1, description="Near copies are searched among articles of this many days before and after."
    )

    @field_validator("allow", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        # '["127.0.0.1:8377"]' is how the variable was written before 0.1.0
        return tuple(filter(None, value.strip("[]").replace('"', "").split(","))) if isinstance(value, str) else value

    @field_validator("allow")
    @classmethod
    def _loopback(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value:
            from spiders.fetching.address_guard import Allowance  # noqa: PLC0415  it loads Scrapy: half a second

            Allowance.parse(",".join(value))
        return tuple(one.strip() for one in value)

    @field_validator("frontier")
    @classmethod
    def _absolute(cls, value: str | None) -> str | None:
        """A database URL whose SQLite file is the same from every folder: crawl processes run elsewhere."""
        if not value:
            return None
        try:
            url = make_url(value)
        except UrlError:
            raise ValueError("write a SQLAlchemy URL, such as postgresql+psycopg://user@host/newsmill") from None
        if url.drivername.startswith("sqlite") and url.database not in (None, "", ":memory:"):
            url = url.set(database=str(Path(url.database or "").absolute()))
        return url.render_as_string(hide_password=False)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The order of precedence: arguments, environment, settings file."""
        return init_settings, env_settings, _TomlSource(settings_cls)


def settings_file() -> Path | None:
    """The settings file in effect, as an absolute path; None if there is none.

    Raises:
        SettingsError: if NEWSMILL_CONFIG names a file that does not exist.
    """
    named = os.environ.get(FILE_VARIABLE)
    if named == "":
        return None
    path = Path(named or SETTINGS_FILE).absolute()
    if path.is_file():
        return path
    if named:
        raise SettingsError(f"{FILE_VARIABLE}: {named} is no file; correct it, or unset it")
    return None


def read_settings_file(path: Path) -> dict[str, Any]:
    """The settings in a file, not validated. Raises SettingsError if it is not TOML, and for unknown keys."""
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not TOML: {error}; correct that line") from None
    unknown = sorted(read.keys() - Settings.model_fields.keys())
    if unknown:
        raise SettingsError(f"{path}: {', '.join(unknown)}: no such setting; `newsmill config` lists them")
    return read


def read_settings() -> Settings:
    """The settings in effect. Raises SettingsError naming each setting that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        lines = []
        for one in error.errors():
            key = str(one["loc"][0]) if one["loc"] else "settings"
            name = key.removeprefix("NEWSMILL_").lower()
            where = origin(name) if name in Settings.model_fields else "the settings"
            lines.append(f"{name} = {one['input']!r} ({where}): {one['msg'].removeprefix('Value error, ')}")
        raise SettingsError("\n".join(lines)) from None


def origin(name: str, environment: Mapping[str, str] | None = None) -> str:
    """Where a setting's value comes from: the variable, the file, or ``default``."""
    given = os.environ if environment is None else environment
    set_here = {variable.upper(): variable for variable in given}
    for variable in variables_of(name):
        if variable in set_here:
            return f"environment: {variable}"
    path = settings_file()
    return str(path) if path is not None and name in read_settings_file(path) else "default"


def variables_of(name: str) -> tuple[str, ...]:
    """The environment variables that set a setting, the current name first."""
    alias = Settings.model_fields[name].validation_alias
    named = [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else []
    return tuple(named) or (f"NEWSMILL_{name.upper()}",)


@dataclass(frozen=True, slots=True)
class Project:
    """What a call works with: its settings, and where its lake and its catalogue lie.

    Attributes:
        settings: in effect.
        lake: root folder.
        sources_dir: the catalogue.
    """

    settings: Settings
    lake: Path
    sources_dir: Path

    @classmethod
    def of(cls, lake: str | None = None, sources_dir: str | None = None) -> Project:
        """That of the settings in effect, with another lake or catalogue where one is given.

        Raises:
            SettingsError: for a setting that cannot be used.
        """
        settings = read_settings()
        return cls(settings, Path(lake or settings.lake), Path(sources_dir or settings.sources_dir))

    @contextmanager
    def frontier(self) -> Iterator[Frontier]:
        """The frontier of the lake, open within. Raises WrongLakeError for another lake's."""
        frontier = open_frontier(self.lake, self.settings)
        try:
            yield frontier
        finally:
            frontier.close()


def open_frontier(lake: Path, settings: Settings | None = None) -> Frontier:
    """The frontier of a lake: at the URL that is set, or its own file. Raises WrongLakeError for another lake's."""
    frontier = Frontier((settings or read_settings()).frontier or default_path(lake))
    hold_to_lake(frontier.engine, lake)
    return frontier
