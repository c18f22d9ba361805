"""Catalogue files for the sample web, in the form that spiders/catalogue.py reads."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from flows.sample.content import Site, read_sites
from flows.sample.lists import absolute

# Loopback has nobody to be polite to, yet a delay visible in the log proves that it is observed.
DELAY_SECONDS = 0.02


def write_sources(folder: Path, port: int) -> list[Path]:
    """Write NAME.toml for every site into `folder` (created if missing); returns the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for site in read_sites().values():
        path = folder / f"{site.name}.toml"
        path.write_text(source_toml(site, port), encoding="utf-8")
        written.append(path)
    return written


def source_toml(site: Site, port: int) -> str:
    """One site's catalogue entry."""
    discovery = site.discovery

    def urls(paths: Iterable[str]) -> list[str]:
        return [absolute(site, port, path) for path in paths if path]

    values: dict[str, object] = {
        "name": site.name,
        "title": site.title,
        "home": absolute(site, port, "/"),
        "country": site.country,
        "languages": [site.language],
        "hosts": [site.host],
        "extra_hosts": list(site.extra_hosts),
        "license": "Apache-2.0",
        "enabled": True,
        "timezone": site.timezone,
        "site_names": [site.title],
        "feeds": urls((discovery.rss, discovery.atom)),
        "news_sitemaps": urls((discovery.news_sitemap,)),
        "sitemaps": [] if discovery.robots else urls((discovery.sitemap_index,)),
        "sections": urls(discovery.sections),
        "robots_sitemaps": discovery.robots,
    }
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    lines += ["", "[politeness]", f"delay_seconds = {DELAY_SECONDS}"]
    if site.timeout_seconds is not None:
        lines.append(f"timeout_seconds = {site.timeout_seconds}")
    return "\n".join(lines) + "\n"
