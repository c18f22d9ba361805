"""`newsmill erase`: removes articles, and everything that holds their text, for good; previews first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from flows.cli.shared.console import JsonOption, LakeOption, UsageError, err, need_lake, out, print_json

if TYPE_CHECKING:
    from flows.erasure.plan import ErasePlan

SHOWN = 200


def erase(
    keys: Annotated[list[str] | None, typer.Argument(help="article_ids, or URLs in any of their variants.")] = None,
    author: Annotated[str | None, typer.Option("--author", help="Every article that credits this name.")] = None,
    rewrites: Annotated[bool, typer.Option("--rewrites", help="Also possible rewrites of them.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="For the log; write no name there.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Erase. Without it nothing is changed.")] = False,
    *,
    lake: LakeOption,
    json: JsonOption = False,
) -> None:
    """Show what holds a text, and with --yes erase it: rows, revisions, copies, index, raw records, frontier, logs.

    It does not come back by a crawl, a backfill or a rebuild. Each erasure is logged in state/erasures.jsonl.
    """
    from flows.config import open_frontier
    from flows.erasure.erase import erase as act
    from flows.erasure.erase import finish_pending
    from flows.erasure.plan import plan_erasure
    from flows.lake.store import Lake

    if not keys and not author:
        raise UsageError("name what to erase: an article_id, a URL, or --author NAME")
    need_lake(lake)
    frontier = open_frontier(lake)
    try:
        store = Lake(lake)
        if yes and finish_pending(store, frontier.engine):
            err().print("finished an erasure that had been killed")
        plan = plan_erasure(store, frontier.engine, keys or [], author=author, with_rewrites=rewrites)
        if not json:
            _print(plan)
        report = act(store, frontier.engine, plan, reason=reason) if yes else None
    finally:
        frontier.close()
    if json:
        print_json({**_as_json(plan), "erased": report})
    if report is None:
        err().print("nothing was changed; say --yes to erase this")
        return
    rows = sum(report.tables.values())
    err().print(
        f"erased {report.articles} articles: {rows:,} rows, {report.records} raw records with their requests, "
        f"{report.frontier} rows of the frontier, {report.log_places} places in logs"
    )
    for left in report.left:
        err().print(f"[red]not erased:[/] {escape(left)}")
    if report.left:
        raise typer.Exit(1)


def _as_json(plan: ErasePlan) -> dict[str, object]:
    return {
        "texts": plan.rows,
        "tables": {name: rows for name, rows in plan.tables.items() if rows},
        "raw_records": len(plan.records),
        "frontier_rows": len(plan.frontier),
        "possible_rewrites": plan.rewrites,
    }


def _print(plan: ErasePlan) -> None:
    table = Table(title=f"{len(plan.rows)} texts", title_justify="left")
    for column in ("table", "source", "article_id", "title", "url", "why"):
        table.add_column(column, overflow="fold")
    for row in plan.rows[:SHOWN]:
        table.add_row(
            *(escape(cell) for cell in (row.table, row.source, row.article_id, row.title, row.url, row.because))
        )
    out().print(table)
    if len(plan.rows) > SHOWN:
        out().print(f"… and {len(plan.rows) - SHOWN} more")
    counts = ", ".join(f"{name} {rows:,}" for name, rows in plan.tables.most_common() if rows)
    out().print(f"rows: {counts}; raw records: {len(plan.records)}; rows of the frontier: {len(plan.frontier)}")
    if plan.rewrites:
        out().print(f"possible rewrites, which stay unless you say --rewrites: {', '.join(sorted(plan.rewrites))}")
