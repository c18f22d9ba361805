"""`newsmill export`: rows of the lake as one file, for a stated use, with a receipt of what was left out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from flows.cli.shared.console import JsonOption, LakeOption, SourceOption, err, need_lake, print_json
from flows.cli.shared.days import parse_range


def export(
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")],
    format: Annotated[
        str | None,
        typer.Option("--format", "-f", help="jsonl, csv, parquet, duckdb or xlsx.", show_default="by the file's name"),
    ] = None,
    table: Annotated[str, typer.Option("--table", help="Table of the lake.")] = "articles",
    start: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day, inclusive.")] = None,
    source: SourceOption = None,
    columns: Annotated[
        str | None, typer.Option("--columns", help="Column names, separated by commas.", show_default="all")
    ] = None,
    use: Annotated[
        str | None,
        typer.Option("--for", help="search, research or train-ai: leave out what its publisher reserved."),
    ] = None,
    *,
    lake: LakeOption,
    json: JsonOption = False,
) -> None:
    """Write rows as one file, with FILE.dictionary.md and FILE.licence.md beside it.

    * `newsmill export -o july.csv --from 2026-07-01 --to 2026-07-31 --columns title,url,text`
    * `newsmill export -o corpus.parquet --for train-ai`
    """
    from flows.exporting.export import export as write
    from flows.exporting.selection import Selection, sources_without_license
    from flows.lake.store import Lake

    first, last = parse_range(start, end)
    names = tuple(name.strip() for name in (columns or "").split(",") if name.strip())
    selection = Selection(table, first, last, tuple(source or ()), names, use)
    need_lake(lake)
    kind = format or out.suffix.lstrip(".").lower()
    with err().status("exporting"):
        done = write(Lake(lake), selection, out, kind)
    if json:
        receipt = done.receipt
        print_json(
            {
                "files": done.files,
                "rows": receipt.rows,
                "left_out": receipt.left_out,
                "licenses": receipt.licenses,
                "changed_cells": done.notes,
            }
        )
        return
    err().print(f"{done.receipt.rows:,} rows of {table} in {escape(str(out))}, with dictionary and licence beside it")
    if use is not None:
        total = done.receipt.left_out.total()
        err().print(f"left out for {use}: {total:,}")
        for reason, rows in done.receipt.left_out.most_common():
            err().print(f"  {rows:,}  {escape(reason)}")
    for note, cells in done.notes.most_common():
        err().print(f"{cells:,} cells: {note}")
    unknown = sources_without_license(done.receipt.licenses)
    if unknown:
        err().print(f"no known licence to pass on: {escape(', '.join(unknown))}")
