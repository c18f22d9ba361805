"""Which raw records are unpublished, in an order that does not depend on which file they are in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.compute as pc

from cleaning.records import Cleaned, RawPage
from flows.date_range import DateRange
from flows.lake.index import Lineage, Published, PublishedAs, ReadFile, published_path, published_rows, raw_files_path
from flows.lake.parquet_reader import is_day, read_parquet, warn_no_date
from flows.lake.store import Lake
from spiders.frontier.bookkeeping.lost_records import ArchivedRecords

# Records listed before they are sorted: some 300 bytes each, so 15 MB. A fetch date is never split.
LISTED_RECORDS = 50_000
NOTHING_KNOWN = ArchivedRecords()
_NAME = re.compile(r"(?P<run>.+)-\d{5,}\.warc\.gz")


@dataclass(frozen=True, slots=True)
class Record:
    """One fetched response in the raw archive, without its body."""

    raw_file: str
    raw_offset: int
    run_id: str
    source: str
    url: str
    fetched_at: datetime
    hinted_day: str  # YYYY-MM-DD as given by discovery, empty if unknown

    @property
    def lineage(self) -> Lineage:
        """The position of its bytes."""
        return self.raw_file, self.raw_offset

    @property
    def order(self) -> tuple[str, str, datetime, str, int]:
        """Sort key: by publication day as discovery knew it, so that a batch touches few partitions; then by URL.

        A crawl that was killed and restarted writes its records to other files; they are published in the same order
        all the same.
        """
        return self.hinted_day, self.url, self.fetched_at, self.raw_file, self.raw_offset


@dataclass(frozen=True, slots=True)
class Unpublished:
    """Records to publish, and how far their files were read."""

    records: list[Record]
    files: list[ReadFile]


def run_of(raw_file: str) -> str:
    """The run that wrote a raw file: its name up to the number."""
    found = _NAME.fullmatch(raw_file.rsplit("/", 1)[-1])
    return found["run"] if found else ""


def date_of(raw_file: str) -> str:
    """The fetch date in a raw file's path: ``raw/source=NAME/date=YYYY-MM-DD/…``."""
    return raw_file.split("/")[2].removeprefix("date=")


def raw_files(root: Path, runs: Iterable[str] | None = None, since: date | None = None) -> dict[str, list[str]]:
    """Raw files by fetch date, in order: those of some runs, and those fetched since a day."""
    wanted = None if runs is None else set(runs)
    found: dict[str, list[str]] = {}
    for folder in (root / "raw").glob("source=*/date=*"):
        day = folder.name.removeprefix("date=")
        if not is_day(day):
            warn_no_date(folder)
            continue
        if since is not None and day < since.isoformat():
            continue
        names = [f.relative_to(root).as_posix() for f in folder.glob("*.warc.gz")]
        found.setdefault(day, []).extend(n for n in names if wanted is None or run_of(n) in wanted)
    return {day: sorted(names) for day, names in sorted(found.items()) if names}


def unpublished(
    lake: Lake, files: dict[str, list[str]], archived: ArchivedRecords = NOTHING_KNOWN
) -> Iterator[Unpublished]:
    """Records of these files (:func:`raw_files`) that were never published: groups of whole fetch dates, each
    sorted."""
    records: list[Record] = []
    done: list[ReadFile] = []
    for day, names in files.items():
        for record, file in _of_day(lake, day, names, archived):
            if record is not None:
                records.append(record)
            if file is not None:
                done.append(file)
        if len(records) >= LISTED_RECORDS:
            yield Unpublished(sorted(records, key=lambda r: r.order), done)
            records, done = [], []
    if records or done:
        yield Unpublished(sorted(records, key=lambda r: r.order), done)


def left_out(root: Path, window: DateRange) -> Unpublished:
    """Articles of these days that were fetched by a backfill of other days, and therefore got no row."""
    found: list[Published] = []
    for file in sorted((root / "index" / "published").glob("date=*/part-0.parquet")):
        fates = read_parquet(file, ["fate", "published_date"])
        day = fates.column("published_date")
        within = pc.and_(pc.greater_equal(day, window.first), pc.less_equal(day, window.last))
        outside = pc.and_(pc.equal(fates.column("fate"), PublishedAs.OUTSIDE_RANGE.value), within)
        hits = pc.indices_nonzero(pc.fill_null(outside, False))
        if len(hits):
            found += published_rows(read_parquet(file).take(hits))
    records = [
        Record(p.raw_file, p.raw_offset, p.run_id, p.source, p.url, p.fetched_at, str(p.published_date)) for p in found
    ]
    return Unpublished(sorted(records, key=lambda r: r.order), [])


def unpublished_still(
    lake: Lake, pages: Iterable[tuple[Record, Cleaned]], *, reopened: bool
) -> list[tuple[Record, Cleaned]]:
    """Those of some cleaned records that no other writer has published since they were listed.

    Args:
        lake: under its write lock.
        pages: each record with its cleaned form.
        reopened: they were published when they were listed, as outside the range that was asked for, and still must be.
    """
    listed = list(pages)
    fates: dict[Lineage, str] = {}
    for day in {date_of(record.raw_file) for record, _ in listed}:
        file = lake.root / published_path(day)
        if file.exists():
            rows = read_parquet(file, ["raw_file", "raw_offset", "fate"])
            names, offsets, found = (rows.column(name).to_pylist() for name in rows.column_names)
            fates.update(zip(zip(names, offsets, strict=True), found, strict=True))
    expected = PublishedAs.OUTSIDE_RANGE.value if reopened else None
    return [(record, page) for record, page in listed if fates.get(record.lineage) == expected]


def _of_day(
    lake: Lake, day: str, names: list[str], archived: ArchivedRecords
) -> Iterator[tuple[Record | None, ReadFile | None]]:
    read = lake.read_file(raw_files_path(day))
    read_to = {row["raw_file"]: row["size"] for row in read.to_pylist()} if read is not None else {}
    sizes = {name: (lake.root / name).stat().st_size for name in names}
    grown = [name for name in names if read_to.get(name) != sizes[name]]
    if not grown:
        return
    from spiders.archive.warc_reader import read_pages  # noqa: PLC0415  and the parsers that it needs

    published: dict[str, set[int]] = {}
    for row in published_rows(lake.read_file(published_path(day))):
        published.setdefault(row.raw_file, set()).add(row.raw_offset)
    for name in grown:
        done = published.get(name, set())
        expected, readable = archived.of(name), set(done)
        for page in read_pages(lake.root / name, root=lake.root):
            readable.add(page.raw_offset)
            if page.raw_offset not in done:
                yield _record(page), None
        archived.compare(expected, readable)
        yield None, ReadFile(name, sizes[name])


def _record(page: RawPage) -> Record:
    hinted = page.hints.published.astimezone(UTC).date().isoformat() if page.hints.published else ""
    return Record(page.raw_file, page.raw_offset, page.run_id, page.source, page.url, page.fetched_at, hinted)
