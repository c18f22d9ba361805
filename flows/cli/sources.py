"""`newsmill sources`: lists the catalogue, checks whether its sources work, and adds new ones."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer
from rich.markup import escape
from rich.table import Table

from flows.cli.shared.console import AllowOption, JsonOption, SourcesDirOption, UsageError, err, out, print_json

if TYPE_CHECKING:
    from flows.crawling.probe import Probed
    from spiders.catalogue import Source

app = typer.Typer(help="List, check and add sources.", no_args_is_help=True)


@app.command("list")
def list_sources(
    *,
    sources_dir: SourcesDirOption,
    enabled: Annotated[bool, typer.Option("--enabled", help="Only those that `newsmill run` crawls.")] = False,
    language: Annotated[str | None, typer.Option("--language", help="Only this language, e.g. de.")] = None,
    json: JsonOption = False,
) -> None:
    """List the catalogue: one publisher per line."""
    sources = [
        s
        for s in _catalogue(sources_dir)[0]
        if (s.enabled or not enabled) and (language is None or language in s.languages)
    ]
    if json:
        print_json([s.model_dump(mode="json") for s in sources])
        return
    table = Table(title=f"{len(sources)} sources in {sources_dir}", title_justify="left")
    for column in ("name", "title", "languages", "country", "licence", "on", "discovered by"):
        table.add_column(column, overflow="fold")
    for s in sources:
        endpoints = {"feeds": s.feeds, "sitemaps": s.sitemaps, "news sitemaps": s.news_sitemaps, "sections": s.sections}
        listed = ", ".join(f"{len(urls)} {name}" for name, urls in endpoints.items() if urls)
        if s.robots_sitemaps:
            listed = f"{listed}, robots.txt" if listed else "robots.txt"
        table.add_row(
            s.name, escape(s.title), " ".join(s.languages), s.country, s.license, "yes" if s.enabled else "", listed
        )
    out().print(table)


@app.command("check")
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Sources to check online; none: validate only.")] = None,
    *,
    sources_dir: SourcesDirOption,
    every: Annotated[bool, typer.Option("--all", help="Check all enabled sources over the network.")] = False,
    allow: AllowOption,
    json: JsonOption = False,
) -> None:
    """Validate the catalogue: each file, and languages, zones, hosts and listings of all; needs no network.

    With names or --all also check online whether each site responds and what it lists.
    """
    from spiders.catalogue_check import check_catalogue

    valid, broken = _catalogue(sources_dir)
    sources = {s.name: s for s in valid}
    on = sum(s.enabled for s in valid)
    findings = [one for one in check_catalogue(sources) if not names or one.source in names]
    broken += sum(one.is_problem for one in findings)
    if not json:
        out().print(f"{len(sources)} sources are valid, {on} of them enabled")
        for finding in findings:
            kind = "[bold red]problem[/]" if finding.is_problem else "[yellow]note[/]"
            out().print(f"{kind} {finding.source}: {finding.key}: {escape(finding.detail)}")
    unknown = [n for n in names or [] if n not in sources]
    if unknown:
        raise UsageError(f"{', '.join(unknown)}: not in {sources_dir}; `newsmill sources list` shows what is")
    chosen = [sources[n] for n in names or []] or [s for s in sources.values() if every and s.enabled]
    if not chosen:
        if json:
            print_json({"valid": len(sources), "broken": broken, "enabled": on, "findings": findings, "checked": []})
        if broken:
            raise typer.Exit(1)
        return
    from flows.crawling.probe import probe_sources

    probed = probe_sources(chosen, sources_dir, allow)
    if json:
        checked = [_as_json(one) for one in probed]
        counts = {"valid": len(sources), "broken": broken, "enabled": on}
        print_json({**counts, "findings": findings, "checked": checked})
        if broken or not all(_is_well(one) for one in probed):
            raise typer.Exit(1)
        return
    table = Table(title="checked just now", title_justify="left")
    for column in ("source", "reachable", "robots.txt", "newest article (UTC)", "sample", "dead endpoints"):
        table.add_column(column, overflow="fold")
    failing = 0
    for one in probed:
        look = one.look
        dead = [
            f"{way.url}: {way.issue}: {way.likely_cause or way.detail or ''}" for way in look.endpoints if way.issue
        ]
        failing += not _is_well(one)
        table.add_row(
            look.name,
            "yes" if look.reachable else escape(look.error or "no"),
            escape(look.robots),
            f"{look.newest:%Y-%m-%d %H:%M}" if look.newest else "none",
            f"{len(one.samples)} of {len(look.samples)} are articles",
            escape("\n".join(dead)) or "none",
        )
    out().print(table)
    if failing or broken:
        raise typer.Exit(1)


@app.command("add")
def add(
    url: Annotated[str, typer.Argument(help="The site's home page.")],
    *,
    sources_dir: SourcesDirOption,
    allow: AllowOption,
    json: JsonOption = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing entry of that name.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write the entry without asking.")] = False,
) -> None:
    """Look at a site: what lists its articles and how far back, and its newest articles as they would be cleaned.

    Asks before it writes the entry; in a pipe or with --json it writes without asking. The entry is disabled.
    """
    from flows.cli.new_source import show_new_source
    from flows.crawling.new_source import propose
    from flows.crawling.probe import probe_site

    _refuse_no_address(url)
    _refuse_shipped(sources_dir)
    with err().status(f"looking at {url}") as status:
        probed = probe_site(url, allow, lambda asked: status.update(f"asking for {escape(asked)}"))
    look = probed.look
    if look.error or not any(way.entries for way in look.endpoints):
        raise UsageError(f"{url}: {look.error or 'no feed, sitemap or section page that lists articles was found'}")
    new = propose(look.toml, probed.samples, datetime.now(UTC).date())
    if json:
        facts = {"languages": [language for language, _ in new.languages], "zone": new.zone, "lacking": new.lacking}
        print_json(_as_json(probed) | facts | {"toml": new.toml})
    else:
        show_new_source(probed, new)
        if not yes and sys.stdin.isatty() and out().is_terminal:
            typer.confirm(f"write {sources_dir / look.name}.toml?", default=True, abort=True)
    _save(new.toml, look.name, sources_dir, force)


def _save(toml: str, name: str, sources_dir: Path, force: bool) -> None:
    from flows.crawling.probe import save_source

    try:
        path = save_source(toml, name, sources_dir, force=force)
    except FileExistsError as error:
        raise UsageError(str(error)) from None
    err().print(f"wrote {path}; it is disabled until you set enabled = true")


def _refuse_no_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        guess = f", e.g. https://{url}" if "." in url and "://" not in url else ""
        raise UsageError(f"{url} is not an address: write the site's home page with https:// or http://{guess}")


def _refuse_shipped(folder: Path) -> None:
    """An installation's catalogue is replaced by the next update; only a checkout's can be added to."""
    from spiders.catalogue import DEFAULT_DIR

    if folder.resolve() == DEFAULT_DIR.resolve() and not (DEFAULT_DIR.parents[1] / "pyproject.toml").is_file():
        raise UsageError(
            "the shipped catalogue is part of the installation: make a folder of your own with `newsmill init`, "
            "or name one with --sources-dir"
        )


def _is_well(one: Probed) -> bool:
    look = one.look
    died = any(endpoint.issue for endpoint in look.endpoints)
    return look.reachable and not look.error and not died and bool(one.samples)


def _as_json(one: Probed) -> dict[str, object]:
    articles = [
        {
            "url": a.url,
            "title": a.title,
            "authors": list(a.authors),
            "published_at": a.published_at,
            "section": a.section,
            "tags": list(a.tags),
            "language": a.language,
            "text": a.text,
        }
        for a in one.samples
    ]
    look = one.look.model_dump(mode="json", exclude={"toml"})
    return {**look, "well": _is_well(one), "articles": articles, "rejected": list(one.rejected)}


def _catalogue(folder: Path) -> tuple[list[Source], int]:
    """The catalogue's sources, and the number of files that are none; each of these is named."""
    from spiders.catalogue import CatalogueError, read_catalogue

    sources, faults = read_catalogue(folder)
    listed_faults = "\n".join(faults.values())
    if not sources:
        raise CatalogueError(listed_faults or f"{folder}: contains no source; add one with: newsmill sources add URL")
    if listed_faults:
        err().print(f"left out:\n{listed_faults}", style="red", markup=False, highlight=False, soft_wrap=True)
    return list(sources.values()), len(faults)
