"""`newsmill failures`: the URLs that were not fetched, with reasons; and a way to retry them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from flows.cli.shared.console import JsonOption, LakeOption, UsageError, err, need_lake, out, print_json
from flows.cli.shared.terminal import plain

if TYPE_CHECKING:
    from spiders.frontier.frontier import Failure


def failures(
    *,
    lake: LakeOption,
    source: Annotated[str | None, typer.Option("--source", "-s", help="Only this source.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Only this outcome, e.g. http-404 or timeout.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Show at most this many.")] = 200,
    retry: Annotated[bool, typer.Option("--retry", help="Put them all back into the next run's queue.")] = False,
    tsv: Annotated[bool, typer.Option("--tsv", help="Tab-separated, for a pipe.")] = False,
    json: JsonOption = False,
) -> None:
    """List the URLs whose last visit failed, latest first; each has exactly one outcome, with its detail."""
    from flows.config import open_frontier, read_settings
    from spiders.frontier.frontier import default_path
    from spiders.frontier.outcomes import MEANING, meaning

    if reason is not None and reason not in MEANING and not reason.startswith("http-"):
        raise UsageError(f"{reason} is not an outcome; use one of:  {', '.join(MEANING)} and http-NNN")
    settings = read_settings()
    if settings.frontier is None and not default_path(need_lake(lake)).is_file():
        raise UsageError(f"{lake}: nothing was crawled into this lake; name another with --lake, or: newsmill run")
    frontier = open_frontier(lake, settings)
    try:
        if retry:
            count = frontier.retry(source, reason)
            err.print(f"{count} URLs are back in the queue; the next `newsmill run` fetches them")
            return
        found = frontier.failures(source, reason, limit)
    finally:
        frontier.close()
    if json:
        print_json([_as_json(f) for f in found])
        return
    if tsv:
        for f in found:
            fields = (f.source, f.outcome, f.url, f.detail or "")
            typer.echo("\t".join(plain(field.replace("\t", " ").replace("\n", " ")) for field in fields))
        return
    table = Table(title=f"{len(found)} failures", title_justify="left")
    for column in ("source", "outcome", "when (UTC)", "next try", "url", "detail"):
        table.add_column(column, overflow="fold")
    for f in found:
        again = "only with --retry" if f.due_at is None else _minute(f.due_at)
        table.add_row(f.source, f.outcome, _minute(f.ended_at), again, escape(f.url), escape(f.detail or ""))
    out.print(table)
    for outcome in sorted({f.outcome for f in found}):
        out.print(f"[bold]{outcome}[/]  {meaning(outcome)}")


def _as_json(f: Failure) -> dict[str, object]:
    return {
        "source": f.source,
        "outcome": f.outcome,
        "url": f.url,
        "detail": f.detail,
        "ended_at": datetime.fromtimestamp(f.ended_at, tz=UTC),
        "due_at": None if f.due_at is None else datetime.fromtimestamp(f.due_at, tz=UTC),
    }


def _minute(moment: float) -> str:
    return datetime.fromtimestamp(moment, tz=UTC).strftime("%Y-%m-%d %H:%M")
