"""`newsmill release` and `newsmill rehydrate`: editions that do not change, and the way back from ids to texts."""

from __future__ import annotations

from json import loads
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from flows.cli.shared.console import JsonOption, LakeOption, SourcesDirOption, err, need_lake, print_json
from flows.cli.shared.days import FromOption, ToOption, parse_range


def release(
    name: Annotated[str, typer.Option("--name", help="Name of the edition and of its folder.")],
    start: FromOption = None,
    end: ToOption = None,
    level: Annotated[
        str, typer.Option("--level", help="full, derived (counts and hashes, no texts) or ids (addresses and hashes).")
    ] = "full",
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder that the edition's folder is made in.")] = Path(
        "releases"
    ),
    *,
    lake: LakeOption,
    json: JsonOption = False,
) -> None:
    """Freeze an edition: Parquet files, manifest, Croissant metadata, datasheet, dictionary, citation."""
    from flows.lake.store import Lake
    from flows.releases.release import release as make

    first, last = parse_range(start, end)
    need_lake(lake)
    with err().status("releasing"):
        folder = make(Lake(lake), out, name, level=level, start=first, end=last)
    if json:
        print_json({"folder": folder, **loads((folder / "manifest.json").read_text(encoding="utf-8"))})
        return
    err().print(f"wrote {escape(str(folder))}: data/, manifest.json, croissant.json, DATASHEET.md, CITATION.cff")


def rehydrate(
    ids: Annotated[Path, typer.Argument(help="articles.parquet of an edition, or the edition's folder.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Parquet file for the articles.")],
    *,
    lake: LakeOption,
    sources_dir: SourcesDirOption,
    json: JsonOption = False,
) -> None:
    """Read the records of an edition from a lake's raw archive, clean them, and say how many texts are as they were."""
    from flows.config import read_settings
    from flows.lake.store import Lake
    from flows.releases.rehydrate import CHANGED, GONE, IDENTICAL
    from flows.releases.rehydrate import rehydrate as read
    from spiders.catalogue import load_catalogue

    need_lake(lake)
    facts = {source_name: source.facts() for source_name, source in load_catalogue(sources_dir).items()}
    with err().status("cleaning"):
        report = read(ids, Lake(lake), out, facts, workers=read_settings().publish_workers)
    if json:
        print_json(
            {
                "file": out,
                "outcomes": report.outcomes,
                "why_gone": report.why_gone,
                "other_rules": report.other_rules,
                "other_extractor": report.other_extractor,
            }
        )
        return
    for outcome in (IDENTICAL, CHANGED, GONE):
        err().print(f"{outcome}: {report.outcomes[outcome]:,} ({report.share(outcome):.1%})")
    for reason, rows in report.why_gone.most_common():
        err().print(f"  gone: {rows:,}  {escape(reason)}")
    if report.other_rules or report.other_extractor:
        err().print(
            f"{report.other_rules:,} were cleaned with other rules and {report.other_extractor:,} with another "
            "extractor than this release's: install the one that manifest.json names for the same texts"
        )
