"""`newsmill clean`: the cleaning stage alone, on the user's own files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from flows.cli.shared.console import UsageError, err
from flows.cli.shared.flow_calls import FastOption
from flows.cli.shared.progress import counted

if TYPE_CHECKING:
    from cleaning.records import Article, Cleaned
    from flows.cli.cleaning.clean_inputs import Input


class Format(StrEnum):
    """Output formats of `clean`."""

    TEXT = "text"
    JSONL = "jsonl"
    PARQUET = "parquet"


def clean(
    paths: Annotated[
        list[Path],
        typer.Argument(help="HTML, WARC, text, JSONL (.gz too), folders of them, a corpus with index.jsonl."),
    ],
    format: Annotated[Format, typer.Option("--format", "-f", help="What to write.")] = Format.TEXT,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write here instead of stdout.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show each removed line, its rule and why.")] = False,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes; default: one per processor.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a page that shows original and result side by side.")
    ] = None,
    fast: FastOption = False,
    site_memory: Annotated[
        bool,
        typer.Option("--site-memory/--no-site-memory", help="Learn first which lines each site repeats."),
    ] = False,
) -> None:
    """Clean pages, or text that another scraper extracted.

    * `newsmill clean page.html --explain`
    * `newsmill clean crawl.warc.gz --format jsonl --out articles.jsonl`
    * `newsmill clean folder/ --format parquet --out articles.parquet`
    """
    from flows.cli.cleaning.clean_inputs import InputError, read_inputs
    from flows.cli.cleaning.clean_pool import clean_inputs, learn_sites

    if format is Format.PARQUET and out is None:
        raise UsageError("Parquet is binary: say where to write it with --out FILE.parquet")
    if html is not None and html.exists() and html.is_dir():
        raise UsageError(f"{html} is a folder: --html needs a file name")
    try:
        templates = None
        if site_memory:
            templates = learn_sites(
                counted(clean_inputs(read_inputs(paths), fast=fast, workers=workers), "learn what sites repeat")
            )
        results = clean_inputs(read_inputs(paths), templates=templates, fast=fast, workers=workers)
        if out is not None:  # results on the terminal are progress enough
            results = counted(results, "clean")
        kept, rejected = _write(results, format, out, explain, html)
    except InputError as error:
        raise UsageError(str(error)) from None
    typer.echo(f"{kept} articles, {rejected} rejected", err=True)


def _write(
    results: Iterator[tuple[Input, Cleaned]], format: Format, out: Path | None, explain: bool, html: Path | None
) -> tuple[int, int]:
    """Write every result as it arrives; returns the numbers of articles and of rejections."""
    from cleaning.records import Article

    kept = rejected = 0
    articles: list[Article] = []
    explained: list[tuple[Input, Cleaned]] = []
    with _sink(out if format is not Format.PARQUET else None) as sink:
        for item, cleaned in results:
            if isinstance(cleaned.result, Article):
                kept += 1
            else:
                rejected += 1
            if format is Format.PARQUET:
                if isinstance(cleaned.result, Article):
                    articles.append(cleaned.result)
            elif format is Format.JSONL:
                sink.write(json.dumps(as_json(item, cleaned), ensure_ascii=False) + "\n")
            else:
                sink.write(as_text(cleaned))
            if explain:
                explained.append((item, cleaned))
            if html is not None:
                if kept + rejected > 1:
                    raise UsageError("--html shows one page: give one file")
                from cleaning.explain.html import explain_html

                html.write_text(explain_html(item.page, cleaned), encoding="utf-8")
                err().print(f"wrote {html}")
    for item, cleaned in sorted(explained, key=_doubt):
        _explain(item, cleaned)
    if format is Format.PARQUET and out is not None:
        from cleaning.schema.arrow import to_table
        from flows.lake.store import write_parquet

        write_parquet(out, to_table(Article, articles))
        err().print(f"wrote {out}")
    return kept, rejected


@contextmanager
def _sink(out: Path | None) -> Iterator[TextIO]:
    if out is None:
        yield sys.stdout
        return
    with out.open("w", encoding="utf-8") as file:
        yield file


def as_json(item: Input, cleaned: Cleaned) -> dict[str, object]:
    """One result as the object of a JSONL line; times in ISO 8601, CPU time in seconds."""
    from cleaning.records import Article

    result = cleaned.result
    line: dict[str, object] = {"id": item.id, "url": result.url, "title": result.title}
    if isinstance(result, Article):
        line |= {
            "authors": list(result.authors),
            "date": _stated_time(result),
            "language": result.language,
            "text": result.text,
            "text_confidence": None if result.text_confidence is None else round(result.text_confidence, 4),
        }
    else:
        # the verdict is for whoever filters; the text found is for whoever disagrees with it
        line |= {"authors": [], "date": None, "language": None, "text": cleaned.found}
        line["rejected"] = {"reason": result.reason, "detail": result.detail}
    line["seconds"] = round(cleaned.seconds, 6)
    line["removed"] = [
        {"text": r.text, "rule": r.rule}
        | ({"probability": round(r.probability, 3)} if r.probability is not None else {})
        for r in cleaned.removals
    ]
    return line


def _stated_time(article: Article) -> str | None:
    """published_at in the zone that the page stated, so that its calendar day is the publisher's."""
    from datetime import timedelta, timezone

    if article.published_at is None:
        return None
    if article.published_offset is None:
        return article.published_at.isoformat()
    return article.published_at.astimezone(timezone(timedelta(minutes=article.published_offset))).isoformat()


def as_text(cleaned: Cleaned) -> str:
    """One result as plain text: the headline and the paragraphs, or why there are none."""
    from cleaning.records import Rejection

    if isinstance(cleaned.result, Rejection):
        return f"[rejected: {cleaned.result.reason}: {cleaned.result.detail}]\n\n"
    title = f"{cleaned.result.title}\n\n" if cleaned.result.title else ""
    return f"{title}{cleaned.result.text}\n\n"


def _doubt(pair: tuple[Input, Cleaned]) -> float:
    """Sorts doubtful articles before sure ones, and what has no confidence (texts, rejections) last."""
    from cleaning.records import Article

    result = pair[1].result
    confidence = result.text_confidence if isinstance(result, Article) else None
    return 2.0 if confidence is None else confidence


def _explain(item: Input, cleaned: Cleaned) -> None:
    from rich.markup import escape
    from rich.table import Table

    confidence = _doubt((item, cleaned))
    sure = f", text confidence {confidence:.2f}" if confidence <= 1 else ""
    table = Table(title=f"removed from {escape(item.id)}{sure}", title_justify="left", show_lines=False)
    table.add_column("line", justify="right")
    table.add_column("rule", no_wrap=True)
    table.add_column("p")
    table.add_column("text", overflow="fold")
    table.add_column("why", overflow="fold")
    for r in cleaned.removals:
        probability = "" if r.probability is None else f"{r.probability:.2f}"
        table.add_row(str(r.position), escape(r.rule), probability, escape(r.text), escape(r.why))
    err().print(table)
