"""Fields that are empty in every recent article of a source: a reader that fails on all of a site's pages fails
unseen."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

import duckdb

from flows.doctor.findings import Finding, ok, warning
from flows.reports.drift.signals import EMPTY_TEXTS
from flows.reports.history.source_days import FIELDS
from spiders.catalogue import read_catalogue

# Sites change their templates now and then: what was read half a year ago says nothing of today.
DAYS = 30
# Few sites state tags, and some no section: those are no fault of a reader.
WATCHED = ("title", "authors", "published_at")
_FILLED = ", ".join(f"count(*) filter (where {FIELDS[name]})" for name in WATCHED)
QUERY = f"""
select * from (
    select source, count(*) n, {_FILLED} from read_parquet(?, hive_partitioning = false) group by source
) where n >= ? order by source
"""  # noqa: S608  the names of our own columns


def check_empty_fields(root: Path, sources_dir: Path, today: date) -> Iterator[Finding]:
    """Which of title, authors and published_at no recent article of a source has, unless its entry expects that."""
    files = [
        str(part)
        for day in (today - timedelta(days=n) for n in range(DAYS + 1))
        for part in (root / "articles" / f"date={day}").glob("part-*.parquet")
    ]
    rows: list[tuple[object, ...]] = []
    if files:
        with duckdb.connect() as db:
            rows = db.execute(QUERY, [files, EMPTY_TEXTS]).fetchall()
    expected = _expected(sources_dir)
    found = False
    for source, count, *filled in rows:
        for name in (name for name, n in zip(WATCHED, filled, strict=True) if not n):
            if name in expected.get(str(source), ()):
                continue
            found = True
            yield warning(
                "empty-fields",
                f"{name} is empty in all {count} articles of {source} of the last {DAYS} days",
                f"compare one with its page: newsmill sources check {source}, and newsmill inspect URL --raw; "
                f'if the site states none, its TOML can say so: [expect] empty_fields = ["{name}"]',
            )
    if not found:
        yield ok("empty-fields", f"no source of {len(rows)} lacks a field in all its articles")


def _expected(sources_dir: Path) -> Mapping[str, Collection[str]]:
    """Source → the fields that its entry says are empty; a catalogue that is missing is a finding of its own."""
    if not sources_dir.is_dir():
        return {}
    return {name: source.expect.empty_fields for name, source in read_catalogue(sources_dir)[0].items()}
