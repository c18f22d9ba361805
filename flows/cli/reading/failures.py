"""`newsmill failures`: the URLs, listings and robots.txt files that were not read, with reasons; and a way to retry."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from flows.cli.shared.console import (
    JsonOption,
    LakeOption,
    SourcesDirOption,
    UsageError,
    err,
    out,
    print_json,
)
from flows.cli.shared.frontier_access import need_frontier
from flows.cli.shared.terminal import plain

if TYPE_CHECKING:
    from flows.reports.listing_failures import ListingFailure
    from spiders.frontier.frontier import Failure

# What the JSON and the tab-separated lines call a page, beside the kinds of listings and robots.txt.
PAGE = "page"


def failures(
    *,
    lake: LakeOption,
    sources_dir: SourcesDirOption,
    source: Annotated[str | None, typer.Option("--source", "-s", help="Only this source.")] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Only this outcome or fault, e.g. http-404, timeout or malformed.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Show at most this many pages.")] = 200,
    retry: Annotated[bool, typer.Option("--retry", help="Ask for all of them again in the next run.")] = False,
    tsv: Annotated[bool, typer.Option("--tsv", help="Tab-separated, for a pipe.")] = False,
    json: JsonOption = False,
) -> None:
    """List what could not be read, latest first: listings and robots.txt files, then pages, each with its reason."""
    from flows.reports.listing_failures import listing_failures
    from spiders.catalogue import read_catalogue
    from spiders.discovery.endpoints import Endpoints
    from spiders.discovery.listing import Fault
    from spiders.frontier.outcomes import MEANING, meaning

    faults = [str(fault) for fault in Fault]
    if reason is not None and reason not in (*MEANING, *faults) and not reason.startswith("http-"):
        raise UsageError(f"{reason} is not an outcome; use one of:  {', '.join([*MEANING, *faults])} and http-NNN")
    known = read_catalogue(sources_dir)[0].values()
    with need_frontier(lake) as frontier:
        if retry:
            count, listings = frontier.retry(source, reason), Endpoints(frontier.engine).retry(source, reason)
            err().print(
                f"{count} URLs are back in the queue, {listings} listings are due; the next `newsmill run` has them"
            )
            return
        unread = listing_failures(frontier, known, source, reason)
        found = frontier.failures(source, reason, limit)
    rows = [*map(_listing_as_json, unread), *map(_as_json, found)]
    if json:
        print_json(rows)
        return
    if tsv:
        for row in rows:
            fields = (str(row[name] or "") for name in ("source", "outcome", "url", "detail", "what"))
            typer.echo("\t".join(plain(field.replace("\t", " ").replace("\n", " ")) for field in fields))
        return
    if unread:
        _print_listings(unread)
    table = Table(title=f"{len(found)} failures", title_justify="left")
    for column in ("source", "outcome", "when (UTC)", "next try", "url", "detail"):
        table.add_column(column, overflow="fold")
    for f in found:
        again = "only with --retry" if f.due_at is None else _minute(f.due_at)
        table.add_row(f.source, f.outcome, _minute(f.ended_at), again, escape(f.url), escape(f.detail or ""))
    out().print(table)
    for outcome in sorted({f.outcome for f in found}):
        out().print(f"[bold]{outcome}[/]  {meaning(outcome)}")


def _print_listings(unread: list[ListingFailure]) -> None:
    table = Table(title=f"{len(unread)} listings and robots.txt files", title_justify="left")
    for column in ("source", "what", "fault", "when (UTC)", "next try", "url", "detail"):
        table.add_column(column, overflow="fold")
    for one in unread:
        again = "with the next request" if one.due_at is None else _minute(one.due_at)
        when = _minute(one.ended_at)
        table.add_row(one.source, one.what, one.outcome, when, again, escape(one.url), escape(one.detail or ""))
    out().print(table)


def _as_json(f: Failure) -> dict[str, object]:
    return _fields(PAGE, f.source, f.outcome, f.url, f.detail, f.ended_at, f.due_at)


def _listing_as_json(one: ListingFailure) -> dict[str, object]:
    return _fields(one.what, one.source, one.outcome, one.url, one.detail, one.ended_at, one.due_at)


def _fields(
    what: str, source: str, outcome: str, url: str, detail: str | None, ended_at: float, due_at: float | None
) -> dict[str, object]:
    return {
        "what": what,
        "source": source,
        "outcome": outcome,
        "url": url,
        "detail": detail,
        "ended_at": datetime.fromtimestamp(ended_at, tz=UTC),
        "due_at": None if due_at is None else datetime.fromtimestamp(due_at, tz=UTC),
    }


def _minute(moment: float) -> str:
    return datetime.fromtimestamp(moment, tz=UTC).strftime("%Y-%m-%d %H:%M")
