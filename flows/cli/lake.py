"""`newsmill lake`: care of the lake's own files."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer
from rich.table import Table

from flows.cli.shared.console import JsonOption, LakeOption, err, need_lake, out, print_json

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _lake() -> None:  # without a callback typer would make an only command the whole group
    """Care of the lake's own files."""


@app.command("migrate")
def migrate(
    yes: Annotated[bool, typer.Option("--yes", help="Write. Without it nothing is changed.")] = False,
    *,
    lake: LakeOption,
    json: JsonOption = False,
) -> None:
    """Show which partitions an earlier release wrote, and with --yes write them with today's columns.

    Not needed to read them: every command reads both. Other readers then find the same columns in every file.
    """
    from cleaning.schema.arrow import SCHEMA_VERSION
    from flows.lake import migration
    from flows.lake.store import Lake

    store = Lake(need_lake(lake))
    found = Counter((one.table, one.version) for one in migration.outdated(store))
    if json:
        done = migration.migrate(store) if yes else Counter[str]()
        earlier = [{"table": name, "schema": version, "partitions": n} for (name, version), n in sorted(found.items())]
        print_json({"schema": SCHEMA_VERSION, "outdated": earlier, "written": done})
        return
    if not found:
        err().print(f"every partition has schema {SCHEMA_VERSION}")
        return
    table = Table(title=f"partitions of earlier releases; today's schema is {SCHEMA_VERSION}", title_justify="left")
    for column in ("table", "schema", "partitions"):
        table.add_column(column)
    for (name, version), count in sorted(found.items()):
        table.add_row(name, version, f"{count:,}")
    out().print(table)
    if not yes:
        err().print("nothing was changed; say --yes to write them")
        return
    done = migration.migrate(store)
    err().print(f"wrote {done.total():,} partitions with schema {SCHEMA_VERSION}; new columns are null in them")
