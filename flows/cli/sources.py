"""`newsmill sources`: the catalogue: what is in it, whether it works, and a new entry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from flows.cli.console import DEFAULT_SOURCES, SourcesDirOption, UsageError, err, out

if TYPE_CHECKING:
    from spiders.catalogue import Source

app = typer.Typer(help="List, check and add sources.", no_args_is_help=True)

AllowOption = Annotated[
    str | None,
    typer.Option("--allow", help="Loopback address and port that may be fetched: 127.0.0.1:8377."),
]


@app.command("list")
def list_sources(
    sources_dir: SourcesDirOption = DEFAULT_SOURCES,
    enabled: Annotated[bool, typer.Option("--enabled", help="Only those that `newsmill run` crawls.")] = False,
    language: Annotated[str | None, typer.Option("--language", help="Only this language, e.g. de.")] = None,
) -> None:
    """List the catalogue: a publisher a line."""
    sources = [
        s
        for s in _catalogue(sources_dir)
        if (s.enabled or not enabled) and (language is None or language in s.languages)
    ]
    table = Table(title=f"{len(sources)} sources in {sources_dir}", title_justify="left")
    for column in ("name", "title", "languages", "country", "licence", "on", "discovered by"):
        table.add_column(column, overflow="fold")
    for s in sources:
        endpoints = {"feeds": s.feeds, "sitemaps": s.sitemaps, "news sitemaps": s.news_sitemaps, "sections": s.sections}
        told = ", ".join(f"{len(urls)} {name}" for name, urls in endpoints.items() if urls)
        if s.robots_sitemaps:
            told = f"{told}, robots.txt" if told else "robots.txt"
        table.add_row(
            s.name, escape(s.title), " ".join(s.languages), s.country, s.license, "yes" if s.enabled else "", told
        )
    out.print(table)


@app.command("check")
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Sources to ask; none: validate only.")] = None,
    sources_dir: SourcesDirOption = DEFAULT_SOURCES,
    every: Annotated[bool, typer.Option("--all", help="Ask all enabled sources over the network.")] = False,
    allow: AllowOption = None,
) -> None:
    """Validate the catalogue; with names or --all also ask each site whether it answers and what it lists."""
    sources = {s.name: s for s in _catalogue(sources_dir)}
    out.print(f"{len(sources)} sources are valid, {sum(s.enabled for s in sources.values())} of them on")
    unknown = [n for n in names or [] if n not in sources]
    if unknown:
        raise UsageError(f"{', '.join(unknown)}: not in {sources_dir}; `newsmill sources list` shows what is")
    chosen = [sources[n] for n in names or []] or [s for s in sources.values() if every and s.enabled]
    if not chosen:
        return
    from flows.crawling.probe import ProbeError, probe_sources

    try:
        probed = probe_sources(chosen, sources_dir, allow)
    except ProbeError as error:
        raise UsageError(str(error)) from None
    table = Table(title="asked just now", title_justify="left")
    for column in ("source", "reachable", "robots.txt", "newest article (UTC)", "sample", "ways that died"):
        table.add_column(column, overflow="fold")
    ill = 0
    for one in probed:
        look = one.look
        dead = [
            f"{way.url}: {way.issue}: {way.likely_cause or way.detail or ''}" for way in look.endpoints if way.issue
        ]
        well = look.reachable and not look.error and not dead and bool(one.samples)
        ill += not well
        table.add_row(
            look.name,
            "yes" if look.reachable else look.error or "no",
            look.robots,
            f"{look.newest:%Y-%m-%d %H:%M}" if look.newest else "none",
            f"{len(one.samples)} of {len(look.samples)} are articles",
            escape("\n".join(dead)) or "none",
        )
    out.print(table)
    if ill:
        raise typer.Exit(1)


@app.command("add")
def add(
    url: Annotated[str, typer.Argument(help="The site's home page.")],
    sources_dir: SourcesDirOption = DEFAULT_SOURCES,
    allow: AllowOption = None,
    force: Annotated[bool, typer.Option("--force", help="Write over an entry of that name.")] = False,
) -> None:
    """Probe a site, write its TOML with what was found, and show three articles as they would be cleaned."""
    from flows.crawling.probe import ProbeError, probe_site, save_source

    try:
        probed = probe_site(url, allow)
    except ProbeError as error:
        raise UsageError(str(error)) from None
    look = probed.look
    if look.error or not any(way.entries for way in look.endpoints):
        raise UsageError(f"{url}: {look.error or 'no feed, sitemap or section page that lists articles was found'}")
    table = Table(title="what it offers", title_justify="left")
    for column in ("way", "address", "entries", "newest (UTC)", "issue"):
        table.add_column(column, overflow="fold")
    for way in look.endpoints:
        newest = f"{way.newest:%Y-%m-%d %H:%M}" if way.newest else ""
        table.add_row(way.kind, way.url, str(way.entries), newest, way.issue or "")
    out.print(table)
    out.print(f"robots.txt: {look.robots}; Crawl-delay {look.crawl_delay:g} s")
    for sample in probed.samples:
        out.rule(escape(sample.title))
        out.print(escape(sample.text), soft_wrap=True)
    for line in probed.rejected:
        out.print(f"[dim]no article: {escape(line)}[/]")
    out.rule(f"{look.name}.toml")
    out.print(look.toml, highlight=False, markup=False)
    try:
        path = save_source(look.toml, look.name, sources_dir, force=force)
    except FileExistsError as error:
        raise UsageError(str(error)) from None
    err.print(f"wrote {path}; it is off until you set enabled = true")


def _catalogue(folder: Path) -> list[Source]:
    from spiders.catalogue import CatalogueError, load_catalogue

    try:
        return list(load_catalogue(folder).values())
    except CatalogueError as error:
        raise UsageError(str(error)) from None
