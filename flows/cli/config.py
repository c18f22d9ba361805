"""`newsmill config`: each setting, its value, and where that value comes from."""

from __future__ import annotations

import os
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from flows.cli.shared.console import JsonOption, err, out, print_json

# Variables that are not operators' settings: the settings file's own path, and what is passed to crawl processes.
OTHER_VARIABLES = {"NEWSMILL_CONFIG", "NEWSMILL_END_WITH_PARENT"}


def config(
    json: JsonOption = False,
    template: Annotated[
        bool, typer.Option("--template", help="Print a newsmill.toml with every setting and its default.")
    ] = False,
) -> None:
    """Show every setting with its value and where it was set: environment, `newsmill.toml`, or default."""
    from flows.cli.init import settings_template
    from flows.config import Settings, origin, read_settings, settings_file, variables_of

    if template:
        typer.echo(settings_template(), nl=False)
        return
    settings = read_settings()
    rows = [
        {
            "setting": name,
            "value": getattr(settings, name),
            "from": origin(name),
            "variable": variables_of(name)[0],
            "what": field.description or "",
        }
        for name, field in Settings.model_fields.items()
    ]
    known = {variable for name in Settings.model_fields for variable in variables_of(name)} | OTHER_VARIABLES
    unknown = sorted(v for v in os.environ if v.upper().startswith("NEWSMILL_") and v.upper() not in known)
    if json:
        print_json({"file": settings_file(), "settings": rows})
    else:
        where = settings_file()
        table = Table(title=f"settings; file: {where or 'none (newsmill init writes one)'}", title_justify="left")
        for column in ("setting", "value", "from", "what"):
            table.add_column(column, overflow="fold")
        for row in rows:
            value = row["value"]
            shown = "" if value in (None, "", ()) else ",".join(value) if isinstance(value, tuple) else str(value)
            table.add_row(str(row["setting"]), escape(shown), escape(str(row["from"])), escape(str(row["what"])))
        out().print(table)
    for variable in unknown:
        err().print(f"{variable}: no such setting; it is ignored", highlight=False)
