"""`newsmill dedup`: finds duplicates in any corpus, or in a whole lake."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cleaning.duplicates.rewrites import FOLLOW_UP_SCORE, SURE_SCORE
from flows.cli.shared.console import LakeOption, UsageError, err, need_lake
from flows.cli.shared.days import parse_range

# The window of the lake's own index: flows/config.py, duplicate_window_days.
LAKE_WINDOW_DAYS = 90


def dedup(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Parquet or JSONL with id and text; title, url, host, day where known.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder for the four result files.")] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Compare all articles of the lake afresh, whatever their order of arrival.")
    ] = False,
    start: Annotated[str | None, typer.Option("--from", help="With --all: first day, YYYY-MM-DD.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="With --all: last day.")] = None,
    *,
    lake: LakeOption,
    window: Annotated[
        int | None, typer.Option("--window", min=1, help="Days: texts dated further apart are not compared.")
    ] = None,
    rewrite_score: Annotated[
        float, typer.Option("--rewrite-score", min=0, max=1, help="Minimum score of a link between possible rewrites.")
    ] = SURE_SCORE,
    follow_up_score: Annotated[
        float, typer.Option("--follow-up-score", min=0, max=1, help="The same for follow-ups, a score of its own.")
    ] = FOLLOW_UP_SCORE,
    rebuild_index: Annotated[
        bool, typer.Option("--rebuild-index", help="Rebuild the lake's fingerprint index from its tables.")
    ] = False,
) -> None:
    """Find every copy.

    * `newsmill dedup corpus.parquet --out result/` writes clusters.parquet (id, cluster_id, is_canonical),
      links.parquet (a, b, relation, score, lag_days, added_share, cut_share), follow_ups.parquet (a, b, score,
      lag_days) and series.parquet (id, template_id, previous, period_days).
    * `newsmill dedup --all --out result/` does the same for the articles and copies of a lake.
    * `newsmill dedup --rebuild-index` rebuilds a lake's index; earlier decisions stay.
    """
    from flows.duplicates.corpus import dedup_files, dedup_lake

    if rebuild_index:
        if files or every:
            raise UsageError("--rebuild-index compares nothing: use it without files and --all")
        _rebuild(lake)
        return
    if out is None:
        raise UsageError("say where the result goes: --out FOLDER")
    if every == bool(files):
        raise UsageError("give files to compare, or --all for the lake, but not both")
    if files:
        for file in files:
            if not file.is_file():
                raise UsageError(f"{file}: no such file")
        with err().status("comparing"):
            report = dedup_files(
                files, out, window_days=window, rewrite_score=rewrite_score, follow_up_score=follow_up_score
            )
    else:
        first, last = parse_range(start, end)
        need_lake(lake)
        with err().status("comparing"):
            report = dedup_lake(
                lake,
                out,
                start=first,
                end=last,
                window_days=window or LAKE_WINDOW_DAYS,
                rewrite_score=rewrite_score,
                follow_up_score=follow_up_score,
            )
    err().print(
        f"{report.documents:,} documents, {report.clusters:,} stories, {report.duplicates:,} copies, "
        f"{report.links:,} links, {report.follow_ups:,} follow-ups, {report.series:,} series; "
        f"{report.cpu_seconds:.1f} s of CPU; wrote clusters.parquet, links.parquet, follow_ups.parquet "
        f"and series.parquet to {out}"
    )


def _rebuild(lake: Path) -> None:
    from flows.duplicates.index_rebuild import rebuild
    from flows.lake.store import Lake

    if not (lake / "articles").is_dir():
        raise UsageError(f"{lake}: not a lake with articles; name one with --lake")
    report = rebuild(Lake(lake))
    err().print(
        f"{report.documents:,} documents of {report.days:,} days in the index; "
        f"{len(report.changed):,} of its files changed"
    )
