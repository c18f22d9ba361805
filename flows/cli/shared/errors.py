"""The one place where errors become messages: a line or two, without a traceback, for whatever a user can cause.

Anything that is not listed here is a bug in newsmill, and keeps its traceback.
"""

from __future__ import annotations

import errno
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flows.cli.shared.console import UsageError, err

# Errors whose own message says what to do next, by module and class: importing these modules to name their classes
# would cost a second at every start, and one that was not imported cannot have raised.
SELF_EXPLAINING = {
    ("flows.config", "SettingsError"),
    ("flows.cli.cleaning.clean_inputs", "InputError"),
    ("flows.crawling.child_processes", "ChildError"),
    ("flows.crawling.probe", "ProbeError"),
    ("flows.duplicates.corpus_reader", "DedupError"),
    ("flows.erasure.plan", "EraseRequestError"),
    ("flows.exporting.selection", "ExportError"),
    ("flows.lake.journal", "LakeError"),
    ("flows.releases.release", "ReleaseError"),
    ("flows.reports.presentation", "CrawlError"),
    ("spiders.archive.pinned_connection", "DownloadError"),
    ("spiders.arguments", "ArgumentError"),
    ("spiders.catalogue", "CatalogueError"),
    ("spiders.frontier.database", "FrontierError"),
    ("spiders.fetching.browser", "NoBrowser"),
    ("spiders.frontier.lake_identity", "WrongLakeError"),
    ("cleaning.boilerplate.rules", "RuleError"),
}
REMEDIES = {
    errno.ENOSPC: "the disk is full: free some space, or name another place with --lake or --out",
    errno.EDQUOT: "the quota of this disk is used up: free some space, or name another place with --lake or --out",
    errno.EROFS: "the file system is read-only: name another place with --lake or --out",
    errno.EACCES: "permission denied: ask for access, or name another place with --lake or --out",
    errno.EPERM: "permission denied: ask for access, or name another place with --lake or --out",
    errno.ENOENT: "no such file or folder: check the path",
    errno.ENOTDIR: "part of the path is a file, not a folder: name another path",
    errno.EISDIR: "is a folder, but a file is needed: name a file",
    errno.EEXIST: "exists and is not a folder: name another one",
    errno.ENAMETOOLONG: "the name is too long: choose a shorter one",
    errno.EMFILE: "too many open files: raise the limit (ulimit -n)",
    errno.EADDRINUSE: "the port is in use: stop the program that uses it, or name another with --port",
}
INTERRUPTED = 130
EXTRAS = {"psycopg": "postgres", "asyncpg": "postgres", "playwright": "browser", "s3fs": "s3", "prefect_dask": "dask"}
# `newsmill … | head`: the exit status that a shell reports for a process that SIGPIPE ended.
BROKEN_PIPE = 141


@contextmanager
def complain() -> Iterator[None]:
    """Turn errors that a user can fix into one message on stderr and exit code 1; others keep their traceback."""
    try:
        yield
    except KeyboardInterrupt:
        err().print("stopped; run the same command again to resume")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Python would complain again while flushing stdout on exit.
        sys.stdout = open("/dev/null", "w", encoding="utf-8")  # noqa: SIM115, PTH123
        sys.exit(BROKEN_PIPE)
    except Exception as error:
        message = explain(error)
        if message is None:
            raise
        from rich.markup import escape

        err().print(f"[bold red]newsmill:[/] {escape(message)}", highlight=False, soft_wrap=True)
        sys.exit(1)


def explain(error: BaseException) -> str | None:
    """The message for an error, with the remedy; None for one that no user can cause."""
    kinds = {(kind.__module__, kind.__name__) for kind in type(error).__mro__}
    if isinstance(error, UsageError) or not kinds.isdisjoint(SELF_EXPLAINING):
        return str(error)
    messages = (explainer(error) for kind, explainer in EXPLAINERS.items() if kind in kinds)
    return next((message for message in messages if message is not None), None)


def _database(error: BaseException) -> str:
    cause = _first_line(getattr(error, "orig", None) or error)
    return f"the frontier's database: {cause}; check the setting frontier, or state/ledger.sqlite in the lake"


def _missing(error: BaseException) -> str | None:
    name = (getattr(error, "name", None) or "").partition(".")[0]
    return f"{name} is not installed: pip install 'newsmill[{EXTRAS[name]}]'" if name in EXTRAS else None


def _no_server(error: BaseException) -> str:
    said = _first_line(error)
    return f"Prefect's server: {said}; start it, or unset PREFECT_API_URL: a temporary one then serves this run"


def _no_server_said(error: BaseException) -> str | None:
    # Prefect raises bare RuntimeErrors
    if "ephemeral Prefect API server" in str(error):
        return (
            "Prefect's temporary server did not answer in time: try again when the machine is less busy, "
            "or set PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS to more than 120"
        )
    return _no_server(error) if "Failed to reach API" in str(error) else None


def _parquet(error: BaseException) -> str:
    return f"a Parquet file cannot be read: {_first_line(error)}; remove it, or write it again"


def _operating_system(error: BaseException) -> str:
    assert isinstance(error, OSError)
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{REMEDIES.get(error.errno or 0) or error.strerror or error}"


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


# By module and class, as in SELF_EXPLAINING; the first that returns a message wins.
EXPLAINERS: dict[tuple[str, str], Callable[[BaseException], str | None]] = {
    ("sqlalchemy.exc", "SQLAlchemyError"): _database,
    ("builtins", "ModuleNotFoundError"): _missing,
    ("httpx", "RequestError"): _no_server,
    ("httpx", "HTTPStatusError"): _no_server,
    ("builtins", "RuntimeError"): _no_server_said,
    ("pyarrow.lib", "ArrowInvalid"): _parquet,
    ("builtins", "OSError"): _operating_system,
}


class _AlreadyReported(logging.Filter):
    """Keeps off the terminal what Prefect logs about an error that the command itself then reports, once."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith("prefect") or record.levelno < logging.ERROR:
            return True
        failed = str(record.msg).startswith(("Finished in state", "Task run failed", "Encountered exception"))
        return not (record.exc_info or failed)


def hush_prefect() -> None:
    """Keep Prefect's tracebacks off the terminal; call it after Prefect was imported. The API's log keeps them."""
    for handler in logging.getLogger().handlers:
        if not any(isinstance(f, _AlreadyReported) for f in handler.filters):
            handler.addFilter(_AlreadyReported())
