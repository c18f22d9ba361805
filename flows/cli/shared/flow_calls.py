"""Calls the work of a flow: in this process, or as a flow on a Prefect server where one is configured or asked for."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer

from flows.cli.shared.console import err, prepare_prefect
from flows.cli.shared.errors import hush_prefect

PrefectOption = Annotated[
    bool,
    typer.Option(
        "--with-prefect",
        help="Run as a Prefect flow, with a temporary server where none is configured: 7 s and 600 MB more.",
    ),
]

FastOption = Annotated[
    bool,
    typer.Option(
        "--fast",
        help="Ask trafilatura about a tenth of the pages, not about half of them: 1.3 times as fast, .004 less word F1 "
        "on news (docs/cleaning.md).",
    ),
]


def call_flow(name: str, *, with_prefect: bool, lake: Path, **parameters: Any) -> Any:
    """Do what a deployed flow does.

    Args:
        name: of the flow.
        with_prefect: also where no server is configured.
        lake: root folder.
        parameters: the others of the flow.

    Returns:
        What the flow returns.
    """
    from flows.orchestration.configured_server import configured_server

    if with_prefect or configured_server(Path.cwd()):
        prepare_prefect()
        flow = getattr(import_module(f"flows.{name}"), name)
        hush_prefect()
        return flow(lake=str(lake), **parameters)
    from flows.orchestration.in_process import InProcess, ended_by_sigterm
    from flows.reports.deployment_runs import recorded

    _arrow_without_pandas()
    work = getattr(import_module(f"flows.work.{name}"), name)
    with _logged(), ended_by_sigterm(), recorded(lake, name):
        return work(InProcess(), lake=str(lake), **parameters)


def _arrow_without_pandas() -> None:
    """Load Arrow such that it does not load pandas, which it does at its first array to know pandas' own arrays.

    The work passes it none, and pandas costs 0.3 s and 60 MB. Importing pandas later works as ever.
    """
    if "pyarrow" in sys.modules or "pandas" in sys.modules:
        return
    # Of a version that is too old for it, Arrow makes no use.
    sys.modules["pandas"] = old = ModuleType("pandas")
    old.__dict__["__version__"] = "0.0"
    try:
        import pyarrow as pa

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pa.array([0])
    finally:
        del sys.modules["pandas"]


@contextmanager
def _logged() -> Iterator[None]:
    """Within, what the work logs goes to stderr, a line each: its own remarks, and warnings of all else."""
    from rich.logging import RichHandler

    handler = RichHandler(console=err(), show_path=False, omit_repeated_times=False, log_time_format="%H:%M:%S")
    root, own = logging.getLogger(), logging.getLogger("flows")
    level = own.level
    root.addHandler(handler)
    own.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        own.setLevel(level)
