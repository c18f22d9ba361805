"""Fields that are empty in every recent article of a source: a reader that fails on all of a site's pages fails
unseen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb

from flows.doctor.findings import Finding, ok, warning

# A source with fewer articles may have none of a thing by chance.
ARTICLES_MIN = 20
# Sites change their templates now and then: what was read half a year ago says nothing of today.
DAYS = 30
# Few sites state tags, and some no section: those are no fault of a reader.
FIELDS = ("title", "authors", "published_at")
QUERY = """
select * from (
    select source, count(*) n, count(*) filter (where title = ''), count(*) filter (where len(authors) = 0),
        count(*) filter (where published_at is null)
    from read_parquet(?, hive_partitioning = false) group by source
) where n >= ? order by source
"""


def check_empty_fields(root: Path, today: date) -> Iterator[Finding]:
    """Which of title, authors and published_at no recent article of a source has."""
    files = [
        str(part)
        for day in (today - timedelta(days=n) for n in range(DAYS + 1))
        for part in (root / "articles" / f"date={day}").glob("part-*.parquet")
    ]
    rows: list[tuple[object, ...]] = []
    if files:
        with duckdb.connect() as db:
            rows = db.execute(QUERY, [files, ARTICLES_MIN]).fetchall()
    found = False
    for source, count, *empty in rows:
        for name in (name for name, missing in zip(FIELDS, empty, strict=True) if missing == count):
            found = True
            yield warning(
                "empty-fields",
                f"{name} is empty in all {count} articles of {source} of the last {DAYS} days",
                f"compare one with its page: newsmill sources check {source}, and newsmill inspect URL --raw",
            )
    if not found:
        yield ok("empty-fields", f"no source of {len(rows)} lacks a field in all its articles")
