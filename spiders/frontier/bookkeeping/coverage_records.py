"""What the frontier knows for the table ``coverage``: which kinds of endpoints listed each URL, and how it ended.

A URL is uncounted from the moment something about it changes. Counting gives it its day; the days that gained, lost or
changed a URL wait in a table of their own until their rows are in the lake, so that a kill loses none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, Row, Select, bindparam, delete, func, select, update

from spiders.frontier.database import chunks, upsert
from spiders.frontier.endpoint_kinds import Kind, kinds_of
from spiders.frontier.outcomes import KEPT
from spiders.frontier.tables import ANOTHER_CHANGE, uncounted_days, urls, visits

# URLs held in memory while they get their days: some 1 kB each.
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class ListedUrl:
    """A URL of the frontier, for counting.

    Attributes:
        id: of its row.
        source: name of the catalogue entry.
        url: as it was listed.
        kinds: of the endpoints that listed it.
        outcome: of the last visit; None if there was none.
        is_fetched: whether a response of it was ever kept.
        first_seen: seconds since 1970.
        published: as a listing states it, in ISO 8601.
        day: under which it is counted; None if it never was.
        changes: since it was counted.
        records: (raw_file, raw_offset) of the responses kept of it, the latest first.
    """

    id: int
    source: str
    url: str
    kinds: frozenset[Kind]
    outcome: str | None
    is_fetched: bool
    first_seen: float
    published: str | None
    day: str | None
    changes: int | None
    records: tuple[tuple[str, int], ...]


# Changes that were made since the row was read stay uncounted.
_COUNT = (
    update(urls)
    .where(urls.c.id == bindparam("b_id"))
    .values(counted_day=bindparam("b_day"), uncounted=func.coalesce(urls.c.uncounted, 0) - bindparam("b_changes"))
)


class CoverageRecords:
    """The frontier's side of the table ``coverage``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def recount(self, runs: Iterable[str]) -> None:
        """Make uncounted what these crawls visited: what became of their pages has changed in the lake."""
        with self._engine.begin() as db:
            for run_id in runs:
                visited = select(visits.c.url_id).where(visits.c.run_id == run_id)
                db.execute(update(urls).where(urls.c.id.in_(visited)).values(uncounted=ANOTHER_CHANGE))

    def uncounted(self) -> Iterator[list[ListedUrl]]:
        """The URLs to be counted, in batches; each batch has to be counted before the next is asked for."""
        # One after the other, and in the index's order: with OR or by id a database would look through all URLs.
        for condition in (urls.c.uncounted.is_(None), urls.c.uncounted > 0):
            chosen = select(urls).where(condition).limit(BATCH)
            while batch := self._read(chosen):
                yield batch

    def count(self, days: Mapping[ListedUrl, date]) -> None:
        """Give URLs their days, and note which days of the table are to be made anew."""
        changed = {(one.source, day) for one in days for day in (one.day, days[one].isoformat()) if day is not None}
        with self._engine.begin() as db:
            if days:
                given = [
                    {"b_id": one.id, "b_day": day.isoformat(), "b_changes": one.changes or 0}
                    for one, day in days.items()
                ]
                db.execute(_COUNT, given)
            new = upsert(self._engine, uncounted_days).on_conflict_do_nothing()
            if changed:
                db.execute(new, [{"source": source, "day": day} for source, day in sorted(changed)])

    def waiting_days(self, limit: int) -> list[tuple[date, str]]:
        """(day, source) pairs whose rows are to be made anew, whole days first, so that each is written once."""
        query = select(uncounted_days.c.day, uncounted_days.c.source).order_by("day", "source").limit(limit)
        with self._engine.connect().execution_options(reading=True) as db:
            return [(date.fromisoformat(day), source) for day, source in db.execute(query)]

    def done(self, days: Iterable[tuple[date, str]]) -> None:
        """These days are in the lake."""
        mine = (uncounted_days.c.day == bindparam("b_day")) & (uncounted_days.c.source == bindparam("b_source"))
        done = [{"b_day": day.isoformat(), "b_source": source} for day, source in days]
        if done:
            with self._engine.begin() as db:
                db.execute(delete(uncounted_days).where(mine), done)

    def of_day(self, source: str, day: date) -> list[ListedUrl]:
        """The URLs that are counted under a day."""
        return self._read(
            select(urls).where(urls.c.source == source, urls.c.counted_day == day.isoformat()).order_by(urls.c.id)
        )

    def by_day(self, source: str, first: date, last: date) -> dict[date, list[tuple[frozenset[Kind], int]]]:
        """How many URLs each set of kinds listed, by day."""
        query = (
            select(urls.c.counted_day, urls.c.listed_by, func.count())
            .where(urls.c.source == source, urls.c.counted_day.between(first.isoformat(), last.isoformat()))
            .group_by(urls.c.counted_day, urls.c.listed_by)
            .order_by(urls.c.counted_day, urls.c.listed_by)
        )
        found: dict[date, list[tuple[frozenset[Kind], int]]] = {}
        with self._engine.connect().execution_options(reading=True) as db:
            for day, bits, n in db.execute(query):
                found.setdefault(date.fromisoformat(day), []).append((kinds_of(bits), int(n)))
        return found

    def _read(self, query: Select[tuple[object, ...]]) -> list[ListedUrl]:
        with self._engine.connect().execution_options(reading=True) as db:
            rows = db.execute(query).all()
            records: dict[int, list[tuple[str, int]]] = {}
            fetched = [row.id for row in rows if row.fetched_at is not None]
            for some in chunks(fetched):
                is_page = visits.c.outcome.in_([str(outcome) for outcome in KEPT]), visits.c.raw_file.is_not(None)
                kept = (
                    select(visits.c.url_id, visits.c.raw_file, visits.c.raw_offset)
                    .where(visits.c.url_id.in_(some), *is_page)
                    .order_by(visits.c.ended_at.desc(), visits.c.run_id.desc())
                )
                for url_id, raw_file, raw_offset in db.execute(kept):
                    records.setdefault(url_id, []).append((str(raw_file), int(raw_offset)))
        return [_listed(row, records.get(row.id, ())) for row in rows]


def _listed(row: Row[tuple[object, ...]], records: Sequence[tuple[str, int]]) -> ListedUrl:
    return ListedUrl(
        id=row.id,
        source=row.source,
        url=row.url,
        kinds=kinds_of(row.listed_by),
        outcome=row.outcome,
        is_fetched=row.fetched_at is not None,
        first_seen=row.first_seen,
        published=row.hint_published,
        day=row.counted_day,
        changes=row.uncounted,
        records=tuple(records),
    )
