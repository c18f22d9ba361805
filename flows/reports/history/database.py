"""An in-memory database over the lake's files of some days of fetching, for the questions of reports and alerts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import duckdb

from cleaning.schema.arrow import TABLES, columns, schema
from flows.crawling.runs import RunWindows
from flows.lake.index import published_path
from flows.lake.parquet_reader import partition_days

# The day on which a record's run began, which is part of the run's id; of a run with another id, the day of the fetch.
_DAY = "coalesce(try_strptime(run_id[:8], '%Y%m%d')::DATE, fetched_at::DATE)"
# A copy appears at most so many days before or after its article (the setting duplicate_window_days, by default).
COPY_DAYS = 90

_NO_ROWS = """
CREATE TABLE published (source VARCHAR, day DATE, fate VARCHAR, reason VARCHAR, run_id VARCHAR, url VARCHAR,
    article_id VARCHAR, published_date DATE, fetched_at TIMESTAMPTZ, is_news BOOLEAN)
"""


@contextmanager
def opened(root: Path, first: date, last: date) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with what was fetched on some days (UTC), both inclusive; it reads only partitions that they touch.

    Its tables:

    * ``published``: one row per raw record: source, day, fate, reason, run_id, url, article_id, published_date,
      fetched_at, and ``is_news``: false where a backfill fetched it.
    * ``texts``: the rows of ``articles`` and ``duplicates`` that were fetched on these days, without their text;
      ``tbl`` names the table.
    * ``removed``: the removals of these texts.
    * ``rejections``: the rows of ``rejected`` of these days.
    * ``copies``: each duplicate of these days with the source of its article.
    * ``revised``: the rows of ``revisions`` whose successor was fetched on these days.

    Raises:
        duckdb.Error: for a file that is not whole.
    """
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        _load_published(db, root, first, last)
        days = [row[0] for row in db.execute("SELECT DISTINCT published_date FROM published ORDER BY 1").fetchall()]
        touched = [day for day in days if day is not None]
        _load_texts(db, root, touched)
        _view(db, root, "removals", "removed", touched, "WHERE article_id IN (SELECT article_id FROM texts)")
        _view(db, root, "rejected", "rejections", _between(root, "rejected", first, last), "")
        near = {d + timedelta(days=n) for d in touched for n in (-1, 0, 1)}
        _view(
            db, root, "revisions", "revised", sorted(near), f"WHERE superseded_at::DATE BETWEEN '{first}' AND '{last}'"
        )
        _load_copies(db, root, touched)
        yield db


def _load_published(db: duckdb.DuckDBPyConnection, root: Path, first: date, last: date) -> None:
    db.execute(_NO_ROWS)
    count = (last - first).days + 1
    files = [root / published_path((first + timedelta(days=n)).isoformat()) for n in range(count)]
    present = [str(file) for file in files if file.exists()]
    if not present:
        return
    db.execute(
        f"INSERT INTO published SELECT source, {_DAY}, fate, reason, run_id, url, article_id, published_date, "
        f"fetched_at, true FROM read_parquet(?, union_by_name = true, hive_partitioning = false) "
        f"WHERE {_DAY} BETWEEN ? AND ?",
        [present, first, last],
    )
    windows = RunWindows(root)
    runs = [str(row[0]) for row in db.execute("SELECT DISTINCT run_id FROM published").fetchall()]
    backfills = [run for run in runs if windows.of(run) is not None]
    db.execute("UPDATE published SET is_news = false WHERE list_contains(?::VARCHAR[], run_id)", [backfills])


def _load_texts(db: duckdb.DuckDBPyConnection, root: Path, days: list[date]) -> None:
    listed = [name for name in columns(TABLES["articles"].row) if name != "text"]
    names = ", ".join(listed)
    for table in ("articles", "duplicates"):
        _view(db, root, table, f"all_{table}", days, "", names)
    db.execute(
        f"CREATE TABLE texts AS SELECT *, {_DAY} AS day FROM "
        f"(SELECT {names}, 'articles' AS tbl FROM all_articles UNION ALL "
        f"SELECT {names}, 'duplicates' AS tbl FROM all_duplicates) "
        f"WHERE {_DAY} IN (SELECT DISTINCT day FROM published)"
    )


def _load_copies(db: duckdb.DuckDBPyConnection, root: Path, days: list[date]) -> None:
    around: list[date] = []
    if days:
        span = timedelta(days=COPY_DAYS)
        around = _between(root, "articles", days[0] - span, days[-1] + span)
    _view(db, root, "duplicates", "all_copies", days, "", "article_id, source, duplicate_of, lag_seconds, relation")
    _view(db, root, "articles", "originals", around, "", "article_id, source")
    db.execute(
        "CREATE TABLE copies AS SELECT d.source AS copied_by, o.source AS copied_from, d.lag_seconds, d.relation "
        "FROM all_copies d JOIN originals o ON o.article_id = d.duplicate_of "
        "WHERE d.article_id IN (SELECT article_id FROM texts)"
    )


def _view(
    db: duckdb.DuckDBPyConnection,
    root: Path,
    table: str,
    name: str,
    days: Iterable[date],
    where: str,
    columns: str = "*",
) -> None:
    """A view of some partitions of a table; columns that files of an earlier release lack are null in it."""
    db.register(f"no_{name}", schema(TABLES[table].row).empty_table())
    files = [str(f) for day in days for f in sorted((root / table / f"date={day}").glob("part-*.parquet"))]
    rows = f"FROM no_{name}"
    if files:
        listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
        read = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
        rows = f"FROM (FROM no_{name} UNION ALL BY NAME FROM {read})"
    db.execute(f"CREATE VIEW {name} AS SELECT {columns} {rows} {where}")


def _between(root: Path, table: str, first: date, last: date) -> list[date]:
    return [day for day in partition_days(root / table) if first <= day <= last]
