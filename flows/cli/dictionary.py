"""`newsmill dictionary`: writes the data dictionary, or checks that it is up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.shared.console import UsageError, err

TARGET = Path("data/README.md")


def dictionary(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if the file is out of date.")] = False,
) -> None:
    """Write **data/README.md**: every column of every table, explained."""
    from cleaning.schema.dictionary import render

    text = render()
    if check:
        if not TARGET.is_file() or TARGET.read_text(encoding="utf-8") != text:
            raise UsageError(f"{TARGET} does not match cleaning/records: run `make dictionary` and commit it")
        return
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text, encoding="utf-8")
    err().print(f"wrote {TARGET}")
