"""The frontier's tables.

Times are seconds since 1970 as floats, which every database compares alike; dates from discovery are ISO 8601 text,
with the zone they came with.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
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
    func,
)

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
    Index("urls_uncounted", "uncounted"),
)
# Few pages are gone: a partial index costs the others nothing.
_IS_GONE = urls.c.gone_since.is_not(None)
Index("urls_gone", urls.c.gone_since, sqlite_where=_IS_GONE, postgresql_where=_IS_GONE)

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


# The lake whose frontier this is: one row (lake_identity.py).
lakes = Table(
    "lakes",
    metadata,
    Column("key", String, primary_key=True),
    Column("lake_id", String, nullable=False),
    Column("root", Text, nullable=False),  # the lake's folder when it was noted, for messages
)
