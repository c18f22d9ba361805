"""`newsmill demo`: the main job on the embedded sample web, with its lake checked against the truth."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from flows.cli.shared.console import err, lake_folder, out, prepare_prefect, refuse_busy
from flows.cli.shared.errors import hush_prefect
from flows.cli.shared.reporting import print_report
from spiders.system.private_files import private_folder

DEFAULT_PORT = 8377
DEFAULT_LAKE = Path("data/demo")


def demo(
    port: Annotated[
        int,
        typer.Option("--port", min=1024, max=65535, help="Loopback port of the sample web."),
    ] = DEFAULT_PORT,
    lake: Annotated[
        Path | None, typer.Option("--lake", help="Root folder of the lake.", show_default="data/demo")
    ] = None,
    day: Annotated[int, typer.Option("--day", min=1, max=2, help="Which day of the sample web to serve.")] = 1,
) -> None:
    """Crawl the **sample web** on loopback, clean and de-duplicate it, and write a lake; no network is needed.

    Run it twice: the second run changes no byte. Then `--day 2` brings new articles, copies and revisions.
    """
    root = lake or _default_lake(port)
    _default_settings()
    lake_folder(root)
    refuse_busy(port)
    _own_prefect(root)
    from flows.daily import daily

    hush_prefect()
    from flows.sample.compare import compare
    from flows.sample.server import SampleWeb
    from flows.sample.truth import load
    from spiders.frontier.frontier import Frontier, default_path

    with SampleWeb(port=port, day=day) as web:
        web.write_sources(root / "sources")
        err().print(f"sample web: {len(list((root / 'sources').glob('*.toml')))} sites on 127.0.0.1:{port}, day {day}")
        with err().status("crawl, clean, de-duplicate, publish (the first run also starts Prefect's temporary server)"):
            report = daily(lake=str(root), sources_dir=str(root / "sources"), allow=[f"127.0.0.1:{port}"])
        frontier = Frontier(default_path(root))
        try:
            checks = compare(root, load(port, day), web.log, frontier)
        finally:
            frontier.close()
    print_report(report, "outcomes by source")
    table = Table(title="the lake against the truth of the sample web", title_justify="left")
    for name in ("", "expected", "right", "differences"):
        table.add_column(name, overflow="fold")
    for check in checks:
        mark = "" if check.holds else "[bold red]"
        table.add_row(check.name, str(check.total), f"{mark}{check.right}", escape("\n".join(check.wrong[:8])))
    out().print(table)
    _examples(root)
    out().print(f"\nthe lake: [bold]{root}[/]   read it with: pandas.read_parquet({str(root / 'articles')!r})")
    _next_steps(root, port, day)
    if not all(check.holds for check in checks):
        raise typer.Exit(1)


def _examples(root: Path, count: int = 3) -> None:
    """Show three rows from different sources."""
    from flows.lake.store import Lake

    rows = Lake(root).read("articles", columns=["article_id", "source", "published_at", "language", "title", "text"])
    shown: set[str] = set()
    table = Table(title="three rows of articles", title_justify="left")
    for name in ("article_id", "source", "published_at (UTC)", "lang", "title", "text"):
        table.add_column(name, overflow="fold")
    for row in rows.to_pylist():
        if row["source"] in shown or len(shown) == count:
            continue
        shown.add(row["source"])
        text = row["text"].replace("\n\n", " ¶ ")
        when = f"{row['published_at']:%Y-%m-%d %H:%M}" if row["published_at"] else "unknown"
        cells = (row["article_id"], row["source"], when, row["language"] or "", row["title"], f"{text[:160]}…")
        table.add_row(*(escape(cell) for cell in cells))
    out().print(table)


def _next_steps(root: Path, port: int, day: int) -> None:
    """Show three commands to go on with; the story shown is one that was copied, so that there is something to see."""
    from flows.lake.store import Lake

    copied = Lake(root).read("duplicates", columns=["duplicate_of"])["duplicate_of"].to_pylist()
    steps = {}
    if copied:
        story = max(sorted(set(copied)), key=copied.count)
        steps[f"newsmill inspect {story} --lake {root}"] = "one article: its source bytes, copies, removed lines"
    if day == 1:
        options = "" if port == DEFAULT_PORT else f" --port {port}"
        options += "" if root == _default_lake(port) else f" --lake {root}"
        steps[f"newsmill demo --day 2{options}"] = "the next day: new articles, copies and revisions"
    steps["newsmill init my-news"] = "a project of your own: settings, sources, schedules"
    out().print("\nthree things to try next:" if len(steps) == 3 else "\nto try next:")
    for command, what in steps.items():
        out().print(f"  [dim]# {what}[/]\n  [bold]{command}[/]", soft_wrap=True, highlight=False)


def _default_lake(port: int) -> Path:
    return DEFAULT_LAKE if port == DEFAULT_PORT else Path(f"{DEFAULT_LAKE}-{port}")


def _default_settings() -> None:
    """Keep the demo out of the operator's frontier and away from other settings: it shows newsmill as shipped."""
    for variable in [v for v in os.environ if v.upper().startswith("NEWSMILL_")]:
        del os.environ[variable]
    os.environ["NEWSMILL_CONFIG"] = ""


def _own_prefect(root: Path) -> None:
    """Keep the demo's flow runs in its own folder, whatever server the user has configured."""
    private_folder(root / "state")
    home = (root / "state" / "prefect").resolve()
    home.mkdir(exist_ok=True)
    os.environ.pop("PREFECT_API_URL", None)
    os.environ.update(PREFECT_HOME=str(home), PREFECT_LOGGING_LEVEL="WARNING")
    prepare_prefect()
