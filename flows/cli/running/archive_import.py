"""`newsmill backfill --warc`: imports archives made by others, with a bar for each file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from flows.cli.shared.console import err, out, print_json
from flows.cli.shared.reporting import print_report, report_as_json

if TYPE_CHECKING:
    from spiders.ingest import IngestProgress


def import_archives(flow: Callable[[], Any], *, json: bool) -> None:
    """Run the flow ``archives``, and show what each archive gave and what was published of it."""
    with _archive_bars():
        taken = flow()
    if json:
        archives = [
            {"archive": one.path, "records": one.records, "taken": one.taken, "left_out": dict(one.left_out)}
            for one in taken.archives
        ]
        print_json({"archives": archives, **report_as_json(taken.report)})
        return
    table = Table(title="archives", title_justify="left")
    for name in ("archive", "records", "taken", "left out"):
        table.add_column(name, overflow="fold")
    for one in taken.archives:
        reasons = ", ".join(f"{n} {reason}" for reason, n in one.left_out.most_common())
        table.add_row(str(one.path), str(one.records), str(one.taken), reasons)
    out().print(table)
    print_report(taken.report, "outcomes by source")


@contextmanager
def _archive_bars() -> Iterator[None]:
    """A bar for each archive that a flow reads inside: bytes read of its size."""
    from flows.work.progress import ingesting

    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[records]}"),
        console=err(),
    )
    shown: dict[Path, TaskID] = {}

    def on_read(read: IngestProgress) -> None:
        if read.path not in shown:
            shown[read.path] = bars.add_task(read.path.name, total=read.size, records="")
        bars.update(shown[read.path], completed=read.offset, records=f"{read.taken} of {read.records} records taken")

    ingesting.append(on_read)
    try:
        with bars:
            yield
    finally:
        ingesting.remove(on_read)
