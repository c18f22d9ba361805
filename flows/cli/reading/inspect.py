"""`newsmill inspect`: one article, with everything the lake knows about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from flows.cli.shared.console import JsonOption, LakeOption, UsageError, err, need_lake, out, print_json

if TYPE_CHECKING:
    from cleaning.records import RawPage
    from flows.lake.lookup import FoundArticle

LINEAGE = ("raw_file", "raw_offset", "run_id", "fetched_at", "extractor", "rules_version")


def inspect(
    key: Annotated[str, typer.Argument(help="An article_id, or a URL in any of its variants.")],
    *,
    lake: LakeOption,
    cluster: Annotated[
        Path | None,
        typer.Option(
            "--cluster", help="Draw who copied whom as this SVG file, and print shared passages side by side."
        ),
    ] = None,
    raw: Annotated[Path | None, typer.Option("--raw", help="Also write the fetched bytes to this file.")] = None,
    json: JsonOption = False,
) -> None:
    """Show a row, its lineage to the fetched bytes, its copies, revisions and removed lines."""
    from flows.lake.lookup import find
    from spiders.archive.warc_reader import read_page

    found = find(need_lake(lake), key)
    if found is None:
        raise UsageError(f"{lake} has nothing for {key}; `newsmill failures` lists what was not fetched")
    page = read_page(lake, str(found.row["raw_file"]), int(str(found.row["raw_offset"])))
    if json:
        print_json(_as_json(found, page))
    else:
        _print(found, page)
    if raw is not None:
        raw.write_bytes(page.body)
        err().print(f"wrote {raw}")
    if cluster is not None:
        from flows.lake.cluster_picture import draw_cluster

        cluster.write_text(draw_cluster(lake, str(found.row["cluster_id"])), encoding="utf-8")
        err().print(f"wrote {cluster}")
        if not json:
            _print_passages(lake, found)


def _as_json(found: FoundArticle, page: RawPage) -> dict[str, object]:
    return {
        "table": found.table,
        "row": found.row,
        "fetched": {"url": page.url, "status": page.status, "content_type": page.content_type, "bytes": len(page.body)},
        "copies": found.copies,
        "revisions": found.revisions,
        "removals": found.removals,
    }


def _print(found: FoundArticle, page: RawPage) -> None:
    out().print(
        _table(f"{found.table}: {found.row.get('title') or found.row['url']}", found.row, skip=("text", *LINEAGE))
    )
    if found.row.get("text"):
        out().print(escape(str(found.row["text"])), soft_wrap=True)
    out().print(_table("lineage", {name: found.row.get(name) for name in LINEAGE}))
    out().print(f"fetched: status {page.status}, {page.content_type}, {len(page.body):,} bytes from {escape(page.url)}")
    for name, rows, columns in (
        ("copies", found.copies, ("relation", "containment", "jaccard", "published_at", "article_id", "url")),
        ("earlier revisions", found.revisions, ("revision", "fetched_at", "superseded_at", "word_count")),
        ("removals", found.removals, ("position", "rule", "probability", "text")),
    ):
        if rows:
            table = Table(title=name, title_justify="left")
            for column in columns:
                table.add_column(column, overflow="fold")
            for row in rows:
                table.add_row(*(_cell(row.get(column)) for column in columns))
            out().print(table)


def _print_passages(lake: Path, found: FoundArticle) -> None:
    """The article beside each of its copies; or the copy beside its article: what both have is bold."""
    from cleaning.duplicates.links.passages import find_passages
    from flows.lake.lookup import find

    pairs = [(row, found.row) for row in found.copies]
    if found.table == "duplicates":
        article = find(lake, str(found.row["duplicate_of"]))
        pairs = [(found.row, article.row)] if article is not None else []
    for row, other in pairs:
        mine, theirs = str(row["text"]), str(other["text"])
        passages = find_passages(mine, theirs)
        table = Table(title=f"passages: {len(passages)}, {row['relation']}", title_justify="left")
        for side in (row, other):
            table.add_column(escape(f"{side['source']}: {side['title']}"), ratio=1, overflow="fold")
        spans = [(p.start, p.start + p.length) for p in passages]
        others = sorted((p.other_start, p.other_start + p.other_length) for p in passages)
        table.add_row(_marked(mine, spans), _marked(theirs, others))
        out().print(table)


def _marked(text: str, spans: list[tuple[int, int]]) -> Text:
    marked = Text(text)
    for start, end in spans:
        marked.stylize("bold reverse", start, end)
    return marked


def _table(title: str, row: object, skip: tuple[str, ...] = ()) -> Table:
    table = Table(title=escape(title), title_justify="left", show_header=False)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    if isinstance(row, dict):
        for name, value in row.items():
            if name not in skip:
                table.add_row(name, _cell(value))
    return table


def _cell(value: object) -> str:
    if value is None:
        return "[dim]null[/]"
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, list):
        return escape(", ".join(str(v) for v in value))
    return escape(str(value))
