"""`newsmill snapshot`: the tables as of one commit, for analyses that must not see a publish."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.shared.console import JsonOption, LakeOption, err, need_lake, print_json


def snapshot(
    folder: Annotated[Path, typer.Argument(help="A new folder, best on the lake's own file system.")],
    *,
    lake: LakeOption,
    json: JsonOption = False,
) -> None:
    """Link the tables, all as of the same commit, into a new folder that no later publish changes.

    The links take no space until the lake replaces their files. Read the folder like the lake: `FOLDER/articles`.
    Remove it when you are done.
    """
    from dataclasses import asdict

    from flows.lake.snapshot import take_snapshot
    from flows.lake.store import Lake

    made = take_snapshot(Lake(need_lake(lake)), folder)
    if json:
        print_json({"folder": str(folder), **asdict(made)})
    how = "linked" if made.is_linked else "copied (the folder is on another file system)"
    err().print(f"{made.files:,} files, {made.bytes / 1e6:,.1f} MB, {how}: {folder}")
