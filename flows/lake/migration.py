"""Brings partitions of earlier schema versions to today's: the columns that were added since are null in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from cleaning.schema.arrow import SCHEMA_VERSION, TABLES
from flows.lake.parquet_reader import open_parquet
from flows.lake.store import Lake, partition

# Days in one commit: as many partitions as a publish touches, so that a kill costs no more.
DAYS_PER_COMMIT = 30


@dataclass(frozen=True, slots=True)
class Outdated:
    """A partition that an earlier release wrote."""

    table: str
    day: date
    version: str


def outdated(lake: Lake) -> Iterator[Outdated]:
    """The partitions of another schema version than today's, in order; only their heads are read."""
    for table in TABLES:
        for day in lake.dates(table):
            with open_parquet(lake.root / partition(table, day)) as file:
                version = (file.schema_arrow.metadata or {}).get(b"newsmill.schema_version", b"none").decode()
            if version != SCHEMA_VERSION:
                yield Outdated(table, day, version)


def migrate(lake: Lake) -> Counter[str]:
    """Write these partitions anew, table by table; a call that was killed is continued by the next.

    Readers see each day as it was or as it is, never half of it. Ids, texts and order stay.

    Returns:
        table → partitions written.

    Raises:
        LakeError: as for :meth:`Lake.write_lock`, and for a partition of another major version.
    """
    done: Counter[str] = Counter()
    with lake.write_lock():
        every = list(outdated(lake))
        for start in range(0, len(every), DAYS_PER_COMMIT):
            some = every[start : start + DAYS_PER_COMMIT]
            lake.commit({partition(one.table, one.day): lake.read(one.table, [one.day]) for one in some})
            done.update(one.table for one in some)
    return done
