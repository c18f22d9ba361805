"""The machine: versions of the dependencies, settings, the contact, the catalogue, free space."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from flows.config import Settings, SettingsError, read_settings, variables_of
from flows.doctor.findings import Finding, ok, problem, warning
from flows.serving.environment import MARK
from spiders.catalogue import CatalogueError, load_catalogue

# A commit takes 50 MB and a crawl's WARC files some GB a day: below the first figure a night's crawl may not fit, below
# the second not even the next commit.
WANTED_BYTES = 5 * 2**30
NEEDED_BYTES = 500 * 2**20


def check_versions() -> Iterator[Finding]:
    """Compare installed dependencies with this release's requirements; missing extras are not reported."""
    wrong = []
    for line in metadata.requires("newsmill") or []:
        requirement = Requirement(line)
        if requirement.marker is not None and "extra" in str(requirement.marker):
            continue
        try:
            installed = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(installed, prereleases=True):
            wrong.append(f"{requirement.name} {installed}, wanted {requirement.specifier}")
    if wrong:
        yield problem("versions", "; ".join(wrong), "install newsmill again, with its lock: make install")
    else:
        yield ok("versions", f"newsmill {metadata.version('newsmill')} and its dependencies")


def check_settings() -> Iterator[Finding]:
    """Whether settings can be read and are spelt correctly, and publishers can reach the operator."""
    known = {name for setting in Settings.model_fields for name in variables_of(setting)} | {MARK, "NEWSMILL_CONFIG"}
    unknown = sorted(name for name in os.environ if name.startswith("NEWSMILL_") and name not in known)
    if unknown:
        yield warning("settings", f"unknown: {', '.join(unknown)}", "correct the names; newsmill config lists them")
    try:
        settings = read_settings()
    except SettingsError as error:
        yield problem("settings", str(error), "correct it")
        return
    if not unknown:
        yield ok("settings", "read")
    if settings.contact:
        yield ok("contact", settings.contact)
    else:
        yield warning(
            "contact", "not set: no public site is crawled", "set NEWSMILL_CONTACT, or contact in newsmill.toml"
        )


def check_catalogue(folder: Path) -> Iterator[Finding]:
    """Whether the sources can be read."""
    try:
        sources = load_catalogue(folder)
    except (CatalogueError, OSError) as error:
        yield problem("catalogue", str(error), "correct that file")
        return
    enabled = sum(source.enabled for source in sources.values())
    yield ok("catalogue", f"{len(sources)} sources, {enabled} of them enabled")


def check_disk(lake: Path) -> Iterator[Finding]:
    """Free space on the lake's disk."""
    free = shutil.disk_usage(lake).free
    detail = f"{free / 2**30:.1f} GB free at {lake}"
    remedy = "free some space; raw/ can be moved to cold storage by date"
    if free < NEEDED_BYTES:
        yield problem("disk", detail, remedy)
    elif free < WANTED_BYTES:
        yield warning("disk", detail, remedy)
    else:
        yield ok("disk", detail)
