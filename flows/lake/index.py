# ruff: noqa: RUF009  column() is dataclasses.field
"""The lake's index beside its tables: every version of every URL, and every raw record that was published.

Both are committed in the same journal as the tables, so a publish that was killed has either finished a page and
recorded it, or not touched it at all. Both can be rebuilt from the tables and the raw archive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from cleaning.records import DATE, INT32, INT64, STRING, TIMESTAMP, Article, column
from cleaning.schema.arrow import to_table
from cleaning.text import key
from flows.lake.parquet_reader import read_parquet

Lineage = tuple[str, int]  # raw_file, raw_offset


class PublishedAs(StrEnum):
    """What publishing did with one raw record."""

    ARTICLE = "article"  # a new row of articles
    DUPLICATE = "duplicate"  # a new row of duplicates
    REVISION = "revision"  # another text of a URL that already has a row
    UNCHANGED = "unchanged"  # the URL's text, or its rejection, is already there
    REJECTED = "rejected"  # a new row of rejected
    ERASED = "erased"  # a page that was erased and came back: no row
    OUTSIDE_RANGE = "outside-range"  # an article published on a day that its backfill did not ask for: no row


@dataclass(frozen=True, slots=True)
class Version:
    """Where one version of a URL is stored: a row of ``index/versions/month=YYYY-MM/part-0.parquet``."""

    article_id: str = column(STRING, "Identity of the URL.")
    table: str = column(STRING, "articles, duplicates, revisions or rejected.")
    key: str = column(
        STRING,
        "version_key of the row: its text_hash, a dot, and a hash of what the page states (before 0.2 the text_hash "
        "alone); the reason where it was rejected.",
    )
    revision: int = column(INT32, "Its number among the versions; 0 where it was rejected.")
    day: date = column(DATE, "Partition of the table where its row is.")
    fetched_at: datetime = column(TIMESTAMP, "Of the row: when this version was first fetched.")
    raw_file: str = column(STRING, "Of the row.")
    raw_offset: int = column(INT64, "Of the row.")

    @property
    def order(self) -> tuple[datetime, str, int]:
        """The sort key of a URL's versions; the first fetch of a text is its row."""
        return self.fetched_at, self.raw_file, self.raw_offset

    @property
    def text_hash(self) -> str:
        """Of its text; the reason where it was rejected."""
        return self.key.partition(".")[0]

    @property
    def lineage(self) -> Lineage:
        """The raw record that it came from."""
        return self.raw_file, self.raw_offset


@dataclass(frozen=True, slots=True)
class Published:
    """The result of one raw record: a row of ``index/published/date=YYYY-MM-DD/part-0.parquet`` (fetch date)."""

    raw_file: str = column(STRING, "WARC file below the lake's root.")
    raw_offset: int = column(INT64, "Byte offset of the record.")
    run_id: str = column(STRING, "The crawl that fetched it.")
    source: str = column(STRING, "Name of the catalogue entry.")
    url: str = column(STRING, "The address the page was read from.")
    fetched_at: datetime = column(TIMESTAMP, "When, UTC.")
    article_id: str = column(STRING, "Identity of its canonical URL.")
    fate: str = column(STRING, "What publishing made of it: see flows/lake/index.py, PublishedAs.")
    reason: str | None = column(STRING, "Why it was rejected. Null where it was not.", nullable=True)
    published_date: date | None = column(DATE, "Of an article. Null where it is none.", nullable=True)
    cleaned_with: str | None = column(
        STRING,
        "Cleaning version (flows/publishing/cleaning_version.py). Null in files written before 0.2.",
        nullable=True,
    )

    @property
    def lineage(self) -> Lineage:
        """The raw record."""
        return self.raw_file, self.raw_offset


@dataclass(frozen=True, slots=True)
class ReadFile:
    """How far a raw file was read: a row of ``index/raw_files/date=YYYY-MM-DD/part-0.parquet`` (fetch date)."""

    raw_file: str = column(STRING, "WARC file below the lake's root.")
    size: int = column(INT64, "Its bytes when all of its records had been published.")


def version_key(row: Article) -> str:
    """The key of a row in ``index/versions``: two rows with the same one have the same text and state the same."""
    stated = "\0".join((key(row.title), *map(key, row.authors), row.date_source, str(row.published_at)))
    return f"{row.text_hash}.{hashlib.sha256(stated.encode()).hexdigest()[:16]}"


def versions_path(day: date) -> str:
    """The file with the versions of a day: one per month, so that all of time is few files to search."""
    return f"index/versions/month={day:%Y-%m}/part-0.parquet"


def published_path(day: str) -> str:
    """The file of :class:`Published` rows for a fetch date (YYYY-MM-DD)."""
    return f"index/published/date={day}/part-0.parquet"


def raw_files_path(day: str) -> str:
    """The file of :class:`ReadFile` rows for a fetch date (YYYY-MM-DD)."""
    return f"index/raw_files/date={day}/part-0.parquet"


def known_versions(root: Path, ids: Iterable[str]) -> dict[str, list[Version]]:
    """All versions of these URLs, from all time: reads one column of each month, and the rest only for months with a
    match."""
    wanted = pa.array(sorted(set(ids)), pa.string())
    found: dict[str, list[Version]] = {}
    for file in sorted((root / "index" / "versions").glob("month=*/part-0.parquet")) if len(wanted) else ():
        hits = pc.indices_nonzero(pc.is_in(read_parquet(file, ["article_id"]).column(0), wanted))
        if len(hits):
            for row in read_parquet(file).take(hits).to_pylist():
                found.setdefault(row["article_id"], []).append(Version(**row))
    return found


def published_rows(table: pa.Table | None) -> Iterator[Published]:
    """The rows of one file of ``index/published``."""
    for row in table.to_pylist() if table is not None else ():
        yield Published(**{"cleaned_with": None, **row})


def without_ids(table: pa.Table, ids: Iterable[str]) -> pa.Table:
    """The rows whose article_id is not among these."""
    return table.filter(pc.invert(pc.is_in(table.column("article_id"), pa.array(sorted(ids), pa.string()))))


def changed_versions(
    read: Mapping[str, pa.Table | None], before: Mapping[str, list[Version]], after: Mapping[str, list[Version]]
) -> dict[str, pa.Table]:
    """The files of ``index/versions`` after the versions of some URLs changed.

    Args:
        read: the current content of every file that ``before`` or ``after`` touches.
        before: the versions of each changed URL so far.
        after: all its versions from now on.
    """
    files: dict[str, pa.Table] = {}
    for path, present in read.items():
        rows = [v for versions in after.values() for v in versions if versions_path(v.day) == path]
        added = to_table(Version, rows)
        kept = (
            [without_ids(present, {*before, *after}).select(added.schema.names).cast(added.schema)]
            if present is not None
            else []
        )
        order = [(name, "ascending") for name in ("article_id", "table", "key")]
        files[path] = pa.concat_tables([*kept, added]).sort_by(order)
    return files
