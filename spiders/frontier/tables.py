"""The frontier's tables, and how its database is opened.

Times are seconds since 1970 as floats, which every database compares alike; dates from discovery are ISO 8601 text,
with the zone they came with.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Update,
    case,
    create_engine,
    event,
    func,
    inspect,
    select,
    update,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError

from spiders.frontier.endpoint_kinds import Kind, kind_bits
from spiders.system.private_files import private_folder

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

# How long a writer waits for another process's transaction; ours last milliseconds, so a longer wait means a fault.
BUSY_SECONDS = 30

metadata = MetaData()
# SQLite numbers rows only for INTEGER; elsewhere a frontier may outgrow 2³¹ rows.
_ID = BigInteger().with_variant(Integer, "sqlite")

urls = Table(
    "urls",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("source", String, nullable=False),
    Column("canonical", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("host", String, nullable=False),
    Column("state", String, nullable=False),  # pending, claimed, done; entered: an import is about to finish it
    Column("span", String, nullable=False, default=""),  # "" for the daily crawl, "START..END" of a backfill
    Column("rank", Float, nullable=False, default=0.0),  # lowest first
    Column("first_run", String, nullable=False),
    Column("first_seen", Float, nullable=False),
    Column("via", Text),
    Column("hint_title", Text),
    Column("hint_published", String),
    Column("hint_modified", String),
    Column("hint_names", Text),  # JSON: authors, section, tags and licence of the entry; null when it states none
    Column("lease", _ID),
    Column("outcome", String),
    Column("detail", Text),
    Column("run_id", String),
    Column("ended_at", Float),
    Column("fetched_at", Float),  # when a response was last kept
    Column("changed_at", Float),
    Column("checks", Integer, nullable=False, default=0),  # visits that got a response
    Column("failures", Integer, nullable=False, default=0),  # transient failures in a row, across runs
    Column("interval", Float),  # learned seconds until the next visit
    Column("due_at", Float),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_digest", String),
    Column("listed_by", Integer),  # the kinds of endpoints that listed it (endpoint_kinds.py)
    Column("counted_day", String),  # its day in the table `coverage`; null until it is counted there
    Column("uncounted", Integer),  # changes since it was counted; null in rows of an earlier release: never counted
    Column("gone_since", Float),  # the first of the visits in a row that found it gone; null while it is there
    Column("gone_visits", Integer),  # their number
    UniqueConstraint("source", "canonical"),
    Index("urls_queue", "state", "source", "span", "host", "rank"),
    Index("urls_due", "source", "due_at"),
    Index("urls_outcome", "source", "outcome"),
    Index("urls_counted", "source", "counted_day"),
    Index("urls_uncounted", "source", "uncounted"),
)

# What a statement that changes a URL's way into the table `coverage` sets ``uncounted`` to.
ANOTHER_CHANGE = func.coalesce(urls.c.uncounted, 0) + 1

visits = Table(
    "visits",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("url_id", _ID, ForeignKey("urls.id"), primary_key=True),
    Column("source", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("detail", Text),
    Column("ended_at", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("raw_file", Text),
    Column("raw_offset", BigInteger),
    Index("visits_url", "url_id"),
)

leases = Table(
    "leases",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("run_id", String, nullable=False),
    Column("machine", String, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("process_started", String, nullable=False),  # pids are reused; a pid with its start time is not
    Column("heartbeat", Float, nullable=False),
    Column("ended_at", Float),
)

hosts = Table(
    "hosts",
    metadata,
    Column("host", String, primary_key=True),  # with its port if that is not the scheme's default
    Column("next_at", Float, nullable=False, default=0.0),
    Column("blocked_until", Float, nullable=False, default=0.0),
    Column("block_reason", String),
    Column("strikes", Integer, nullable=False, default=0),  # refusals in a row: 429, 503, no connection
    Column("lease", _ID),
    Column("held_until", Float, nullable=False, default=0.0),
)

robots = Table(
    "robots",
    metadata,
    Column("origin", String, primary_key=True),
    Column("checked_at", Float, nullable=False),
    Column("verdict", String, nullable=False),  # rules, allow, unreachable
    Column("status", Integer),
    Column("detail", Text),
    Column("body", LargeBinary, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
)

erased = Table(
    "erased",
    metadata,
    Column("article_id", String, primary_key=True),  # of a canonical URL that must not come back
    Column("erased_at", Float, nullable=False),
)

statements = Table(
    "statements",
    metadata,
    Column("url", Text, primary_key=True),
    Column("kind", String, nullable=False),  # tdmrep.json, rsl
    Column("checked_at", Float, nullable=False),
    Column("fetched_at", Float),  # when this text was read; null where there is no such document
    Column("body", Text, nullable=False),
)

endpoints = Table(
    "ways",
    metadata,
    Column("source", String, primary_key=True),
    Column("url", Text, primary_key=True),
    Column("kind", String, nullable=False),  # endpoint_kinds.py
    Column("parent", Text),  # the sitemap index that names it
    Column("told_modified", String),  # lastmod in that index at the last reading
    Column("checked_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    Column("due_at", Float, nullable=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_digest", String),
    Column("found", Integer, nullable=False, default=0),  # article URLs in it at the last reading
    Column("newest", String),
    Column("issue", String),  # fault of the last reading; null if it was read completely
    Column("issue_detail", Text),
    Column("left_out", Integer),  # entries that were not queued because of their age
    Column("left_out_from", String),
    Column("left_out_to", String),
    Column("unread_page", Text),
)

listing_faults = Table(
    "listing_faults",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("source", String, primary_key=True),
    Column("url", Text, primary_key=True),
    Column("issue", String, nullable=False),  # a fetch outcome, or a fault of the listing
    Column("detail", Text),
)

archives = Table(
    "archives",
    metadata,
    Column("key", Text, primary_key=True),  # an imported archive's path, and the selection from it
    Column("offset", BigInteger, nullable=False),  # bytes read so far
    Column("run_id", String, nullable=False),
    Column("read_at", Float, nullable=False),
)

units = Table(
    "units",
    metadata,
    Column("source", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("state", String, nullable=False),  # planned, started, finished, failed
    Column("run_id", String),
    Column("attempts", Integer, nullable=False, default=0),
    Column("planned_at", Float, nullable=False),
    Column("started_at", Float),
    Column("finished_at", Float),
    Column("detail", Text),
)


uncounted_days = Table(
    "uncounted_days",
    metadata,
    Column("source", String, primary_key=True),
    Column("day", String, primary_key=True),  # a day of `coverage` whose rows are to be made anew
)


class FrontierError(RuntimeError):
    """The frontier cannot be used; the message says what to do."""


# The lake whose frontier this is: one row (lake_identity.py).
lakes = Table(
    "lakes",
    metadata,
    Column("key", String, primary_key=True),
    Column("lake_id", String, nullable=False),
    Column("root", Text, nullable=False),  # the lake's folder when it was noted, for messages
)


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
