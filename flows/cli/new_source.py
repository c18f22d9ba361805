"""What `newsmill sources add` shows of a site, so that an operator can judge it before the entry is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from flows.cli.shared.console import out

if TYPE_CHECKING:
    from cleaning.records import Article
    from flows.crawling.new_source import NewSource
    from flows.crawling.probe import Probed

# Enough of a text to see whether it begins where the article begins.
FIRST_WORDS = 30


def show_new_source(probed: Probed, new: NewSource) -> None:
    """Print what lists its articles, its newest articles, what is doubtful, and the entry."""
    look, source = probed.look, new.source
    out().rule(escape(source.title))
    ways = Table(title="what lists its articles", title_justify="left")
    for column in ("way", "address", "entries", "back to (UTC)", "newest (UTC)", "issue"):
        ways.add_column(column, justify="right" if column == "entries" else "left", overflow="fold")
    for way in look.endpoints:
        oldest = f"{way.oldest:%Y-%m-%d}" if way.oldest else "no dates"
        newest = f"{way.newest:%Y-%m-%d %H:%M}" if way.newest else ""
        issue = f"{way.issue}: {way.likely_cause or way.detail or ''}" if way.issue else ""
        ways.add_row(way.kind, escape(way.url), str(way.entries), oldest, newest, escape(issue))
    out().print(ways)
    out().print(f"robots.txt: {escape(look.robots)}; Crawl-delay {look.crawl_delay:g} s")
    if probed.samples:
        out().print(_articles(probed.samples))
    for line in probed.rejected:
        out().print(f"[dim]not an article: {escape(line)}[/]")
    languages = ", ".join(f"{language} ({n} of {len(probed.samples)} articles)" for language, n in new.languages)
    out().print(f"languages: {languages or 'no article states one'}; a text in another one gets a flag")
    out().print(f"time zone: {source.timezone}, {escape(new.zone)}")
    if probed.samples:
        lacking = ", ".join(new.lacking) or "no field"
        out().print(f"missing in all {len(probed.samples)} articles: {lacking}")
    out().rule(f"{look.name}.toml")
    out().print(new.toml, highlight=False, markup=False)


def _articles(samples: tuple[Article, ...]) -> Table:
    table = Table(title="its newest articles, as they would be cleaned", title_justify="left", show_lines=True)
    for column in ("published (UTC)", "title", "authors", "section", "tags", "lang", "words", "begins"):
        table.add_column(column, justify="right" if column == "words" else "left", overflow="fold")
    for one in samples:
        table.add_row(
            f"{one.published_at:%Y-%m-%d %H:%M}" if one.published_at else "",
            escape(one.title),
            escape(", ".join(one.authors)),
            escape(one.section or ""),
            escape(", ".join(one.tags)),
            one.language or "",
            str(one.word_count),
            escape(" ".join(one.text.split()[:FIRST_WORDS])),
        )
    return table
