# ruff: noqa: RUF009  column() is dataclasses.field
"""Marks articles whose page is gone (``gone_at``), and takes the mark off when the page is back.

What is marked stands in ``index/gone``, so that the cost of a publish depends on what went and came, and not on all
that ever did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

import pyarrow as pa
from sqlalchemy import Engine

from cleaning.records import STRING, TIMESTAMP, column
from cleaning.schema.arrow import to_table
from cleaning.urls import article_id
from flows.lake.index import known_versions, published_path, published_rows
from flows.lake.partitions import put_rows, read_rows
from flows.lake.store import Lake
from flows.publishing.unpublished import date_of
from spiders.frontier.bookkeeping.gone_pages import Address, GonePage, archived_at, back_again, gone_pages

MARKS = "index/gone/part-0.parquet"
# Tables whose rows are current: an earlier version is superseded, and not gone.
CURRENT = ("articles", "duplicates")


@dataclass(frozen=True, slots=True)
class Mark:
    """A page that is gone: a row of ``index/gone/part-0.parquet``."""

    source: str = column(STRING, "Name of the catalogue entry.")
    canonical: str = column(STRING, "Its URL in the frontier, in canonical form.")
    article_id: str = column(STRING, "Identity of its article; empty where the page has none.")
    gone_at: datetime = column(TIMESTAMP, "The first visit that found it gone, UTC.")

    @property
    def address(self) -> Address:
        """What names the page in any frontier."""
        return self.source, self.canonical


def marks(lake: Lake) -> dict[str, datetime]:
    """``gone_at`` of every article that is marked, by article_id."""
    return {mark.article_id: mark.gone_at for mark in _read(lake).values() if mark.article_id}


def mark_files(lake: Lake, engine: Engine) -> dict[str, pa.Table | None]:
    """The files that change so that the marks agree with the frontier; none where they do.

    Args:
        lake: only read, under its write lock.
        engine: the frontier's.
    """
    before = _read(lake)
    now = {page.address: page for page in gone_pages(engine)}
    back = back_again(engine, before.keys() - now.keys())
    new = [page for address, page in now.items() if address not in before]
    if not new and not back:
        return {}
    identities = _identities(lake, engine, new)
    fresh = [Mark(*page.address, identities.get(page.url_id, ""), page.since) for page in new]
    after = {a: mark for a, mark in before.items() if a not in back} | {mark.address: mark for mark in fresh}
    returned = {before[address].article_id for address in back} - {mark.article_id for mark in after.values()}
    moments: dict[str, datetime | None] = dict.fromkeys(returned)
    moments |= {mark.article_id: mark.gone_at for mark in fresh}
    moments.pop("", None)
    return {**_rows(lake, moments), MARKS: to_table(Mark, [after[i] for i in sorted(after)])}


def _read(lake: Lake) -> dict[Address, Mark]:
    table = lake.read_file(MARKS)
    stored = [Mark(**row) for row in table.to_pylist()] if table is not None else []
    return {mark.address: mark for mark in stored}


def _identities(lake: Lake, engine: Engine, pages: Iterable[GonePage]) -> dict[int, str]:
    """The article of each page: by its address, or by what was published of its responses."""
    guessed = {page.url_id: article_id(page.canonical) for page in pages}
    known = known_versions(lake.root, guessed.values())
    found = {url_id: identity for url_id, identity in guessed.items() if identity in known}
    others = archived_at(engine, sorted(guessed.keys() - found.keys()))
    published: dict[tuple[str, int], str] = {}
    for day in {date_of(raw_file) for places in others.values() for raw_file, _ in places}:
        published |= {row.lineage: row.article_id for row in published_rows(lake.read_file(published_path(day)))}
    for url_id, places in others.items():
        articles = [published[place] for place in places if place in published]
        found.update({url_id: articles[-1]} if articles else {})
    return found


def _rows(lake: Lake, moments: Mapping[str, datetime | None]) -> dict[str, pa.Table | None]:
    """The partitions of these articles with their marks."""
    places: dict[str, dict[date, set[str]]] = {table: {} for table in CURRENT}
    for identity, versions in known_versions(lake.root, moments).items():
        for version in versions:
            if version.table in places:
                places[version.table].setdefault(version.day, set()).add(identity)
    files: dict[str, pa.Table | None] = {}
    for table, days in places.items():
        rows = [row for day, ids in days.items() for row in read_rows(lake, table, day, ids)]
        files |= put_rows(lake, table, [replace(row, gone_at=moments[row.article_id]) for row in rows]) if rows else {}
    return files
