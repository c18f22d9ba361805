"""Settings of the flows: a default each, with its reason; environment variables ``NEWSMILL_…`` change them."""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from spiders.catalogue import DEFAULT_DIR
from spiders.frontier.frontier import Frontier, default_path


def _also(name: str, old: str) -> AliasChoices:
    """A setting's environment variable, and the one that it had before 0.1.0."""
    return AliasChoices(f"NEWSMILL_{name.upper()}", f"NEWSMILL_{old.upper()}")


class Settings(BaseSettings):
    """What an operator may change; each is an environment variable, e.g. ``NEWSMILL_CRAWL_PROCESSES=4``."""

    model_config = SettingsConfigDict(env_prefix="NEWSMILL_", frozen=True, populate_by_name=True)

    lake: Path = Field(default=Path("data"), description="Root folder of the lake.")
    sources_dir: Path = Field(default=DEFAULT_DIR, description="Folder of the catalogue.")
    frontier: str | None = Field(
        validation_alias=_also("frontier", "ledger"),
        default=None,
        description="SQLAlchemy URL of the frontier; a SQLite file in the lake when unset.",
    )
    allow: tuple[str, ...] = Field(
        default=(),
        description="Loopback addresses that crawls may reach (sample web): NEWSMILL_ALLOW='[\"127.0.0.1:8377\"]'.",
    )
    crawl_processes: int = Field(
        default=2, ge=1, description="Crawl processes at once: each keeps one processor busy when sites answer fast."
    )
    sources_per_process: int = Field(
        default=25,
        ge=1,
        description="Sources of one crawl process: it costs 1.2 s and 90 MB, and a fault of it stops only these.",
    )
    crawl_hours: float = Field(
        default=6.0,
        gt=0,
        description="A crawl process is stopped after so long; its queue stays, and the next run goes on with it.",
    )
    publish_workers: int | None = Field(
        default=None, ge=0, description="Cleaning processes; one less than the processors when unset."
    )
    batch_pages: int = Field(
        default=5_000,
        ge=1,
        description="Pages of one commit: 10 kB each while held, so 50 MB; one that dies costs a minute.",
    )
    republish_days: int = Field(
        validation_alias=_also("republish_days", "look_back_days"),
        default=14,
        ge=1,
        description="The daily flow also publishes what these days fetched and nobody published.",
    )
    backfill_adoption_days: int = Field(
        validation_alias=_also("backfill_adoption_days", "adopt_days"),
        default=365,
        ge=1,
        description="The daily flow takes in what a backfill of other days fetched, if so recent.",
    )
    wave_days: int = Field(
        default=7,
        ge=1,
        description="Days of publication that a backfill commits together; fewer read the sitemaps more often.",
    )
    duplicate_window_days: int = Field(
        default=90, ge=1, description="Near copies are looked for among articles of so many days before and after."
    )


def open_frontier(lake: Path, settings: Settings | None = None) -> Frontier:
    """The frontier of a lake: at the URL that is set, or its own file."""
    return Frontier((settings or Settings()).frontier or default_path(lake))
