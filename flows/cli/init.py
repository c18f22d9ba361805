"""`newsmill init`: creates a project folder that operators keep in their own git."""

from __future__ import annotations

import json
import shutil
import textwrap
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.shared.console import UsageError, err

# Filled in as a newcomer needs it; the other settings stand there as comments.
GIVEN = {"lake": "data", "sources_dir": "sources"}
GITIGNORE = """# the lake: its tables are made, never committed
/data/
"""


def init(
    folder: Annotated[Path, typer.Argument(help="The project folder; created if missing.")] = Path(),
    every: Annotated[
        bool, typer.Option("--all-sources", help="Copy the whole shipped catalogue, not only what is enabled in it.")
    ] = False,
    source: Annotated[
        list[str] | None, typer.Option("--source", "-s", help="Copy this source; may be given more than once.")
    ] = None,
) -> None:
    """Make a **project folder**: newsmill.toml, a catalogue in sources/, prefect.yaml, .gitignore.

    Existing files are not overwritten. Commands run in the folder use its settings.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file: name a folder")
    chosen = _chosen(source, every)
    (folder / "sources").mkdir(parents=True, exist_ok=True)
    files = {
        "newsmill.toml": settings_template(),
        "prefect.yaml": deployments(),
        ".gitignore": GITIGNORE,
    }
    for name, text in files.items():
        _write(folder / name, text)
    copied = 0
    for path in chosen:
        target = folder / "sources" / path.name
        if not target.exists():
            shutil.copyfile(path, target)
            copied += 1
    err().print(f"{copied} sources in {folder / 'sources'}", highlight=False)
    here = "" if folder.resolve() == Path.cwd() else f"cd {folder}; "
    err().print(
        f"next: {here}set contact in newsmill.toml; newsmill sources list; newsmill run; newsmill serve",
        highlight=False,
        soft_wrap=True,
    )


def _chosen(names: list[str] | None, every: bool) -> list[Path]:
    from spiders.catalogue import DEFAULT_DIR, load_catalogue

    shipped = load_catalogue(DEFAULT_DIR)
    unknown = sorted(set(names or ()) - shipped.keys())
    if unknown:
        raise UsageError(f"{', '.join(unknown)}: not in the shipped catalogue; see: newsmill sources list")
    return [
        DEFAULT_DIR / f"{name}.toml"
        for name, source in shipped.items()
        if every or (name in names if names else source.enabled)
    ]


def _write(path: Path, text: str) -> None:
    if path.exists():
        err().print(f"{path} is there already: left as it is", highlight=False)
        return
    path.write_text(text, encoding="utf-8")
    err().print(f"wrote {path}", highlight=False)


def deployments() -> str:
    """The prefect.yaml that is shipped."""
    return (resources.files("flows") / "prefect.yaml").read_text(encoding="utf-8")


def settings_template() -> str:
    """A newsmill.toml that names every setting; those left at their defaults are comments."""
    from flows.config import Settings

    parts = [
        "# Settings of newsmill. Folders are relative to this file. Environment variables NEWSMILL_NAME\n"
        "# have precedence; `newsmill config` shows what counts and where it comes from.\n"
    ]
    for name, field in Settings.model_fields.items():
        comment = textwrap.fill(field.description or "", 118, initial_indent="# ", subsequent_indent="# ")
        value = GIVEN.get(name, field.default)
        # TOML writes strings, numbers and arrays of strings as JSON does; it has no null
        line = f"{name} = {json.dumps(list(value) if isinstance(value, tuple) else value)}"
        parts.append(f"{comment}\n{line if name in GIVEN else f'# {line}'}\n".replace("= null", "="))
    return "\n".join(parts)
