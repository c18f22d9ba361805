"""The frontier's database: how it is opened and brought up to date, and what every statement in it needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, Table, Update, case, create_engine, event, inspect, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError

from spiders.frontier.endpoint_kinds import Kind, kind_bits
from spiders.frontier.tables import endpoints, metadata, urls, visits
from spiders.system.private_files import private_folder

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

# How long a writer waits for another process's transaction; ours last milliseconds, so a longer wait means a fault.
BUSY_SECONDS = 30
# Values in one statement: SQLite takes 32,766 and PostgreSQL 65,535, but builds of SQLite before 3.32 only 999.
CHUNK = 500

T = TypeVar("T")


class FrontierError(RuntimeError):
    """The frontier cannot be used; the message says what to do."""


def open_database(where: str | Path) -> Engine:
    """Open an engine with all tables present. ``where`` is a SQLite file (its folder is created) or any SQLAlchemy URL.

    Raises FrontierError for a file that is not a database, a damaged one, and a server that cannot be reached.
    """
    if isinstance(where, str) and "://" in where:
        url = make_url(where)
    else:
        path = Path(where)
        private_folder(path.parent) if path.parent.name == "state" else path.parent.mkdir(parents=True, exist_ok=True)
        url = make_url(f"sqlite:///{path}")
    engine = create_engine(url)
    if url.get_backend_name() == "sqlite":
        _tune_sqlite(engine)
    try:
        metadata.create_all(engine)
        _migrate(engine)
    except DatabaseError as error:
        raise FrontierError(
            f"{where}: cannot be used as a frontier ({error.orig}). Restore it from a copy, or move it away: the next "
            "run begins a new one, and asks for every page once more"
        ) from error
    return engine


def _migrate(engine: Engine) -> None:
    """Add the columns and indexes that a frontier of an earlier release lacks: ``create_all`` adds tables only."""
    for table in (urls, endpoints):
        present = {column["name"] for column in inspect(engine).get_columns(table.name)}
        missing = [column for column in table.columns if column.name not in present]
        with engine.begin() as db:
            for column in missing:
                kind = column.type.compile(engine.dialect)
                db.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}")
            if any(column is urls.c.listed_by for column in missing):
                db.execute(_first_listing())
    for index in (*urls.indexes, *visits.indexes):
        index.create(engine, checkfirst=True)


def _first_listing() -> Update:
    """Of URLs that an earlier release enqueued only the first listing is known: the kind of their ``via``."""
    bits = case({str(kind): kind_bits([kind]) for kind in Kind}, value=endpoints.c.kind)
    of_via = select(bits).where(endpoints.c.source == urls.c.source, endpoints.c.url == urls.c.via).scalar_subquery()
    return update(urls).values(listed_by=of_via)


def _tune_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late to lock; see begin() below
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        cursor.execute("PRAGMA journal_mode = WAL")  # readers continue while a crawl writes
        # Safe against kill -9; a power cut may lose the last transactions but never the file (sqlite.org/pragma).
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A deferred transaction that becomes a writer fails at once if another has written meanwhile.
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def upsert(engine: Engine, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT in the database's own dialect, which knows ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    if engine.dialect.name != "postgresql":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415  with each of its drivers: 0.1 s

    return postgresql.insert(table)


def chunks(values: Sequence[T]) -> Iterable[Sequence[T]]:
    """The values in pieces that fit into one statement."""
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
