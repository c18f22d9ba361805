"""Pages that the frontier knows were archived, and that the raw archive no longer holds: named, and fetched again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import Engine, case, select, update

from spiders.frontier.outcomes import KEPT
from spiders.frontier.tables import urls, visits


@dataclass(frozen=True, slots=True)
class ArchivedRecord:
    """A response that a run put into the raw archive."""

    url_id: int
    source: str
    url: str
    raw_file: str
    raw_offset: int
    is_latest: bool  # no later version of the URL was archived since


@dataclass(slots=True)
class ArchivedRecords:
    """What should lie in the raw files, as the frontier knows it; without an engine nothing is known, as of an archive
    from elsewhere."""

    engine: Engine | None = None
    lost: list[ArchivedRecord] = field(default_factory=list)

    def of(self, raw_file: str) -> list[ArchivedRecord]:
        """The records of a file. Ask before reading it: an outcome is noted only once its bytes are on the disk."""
        if self.engine is None:
            return []
        archived = select(
            urls.c.id, urls.c.source, urls.c.url, urls.c.changed_at, visits.c.ended_at, visits.c.raw_offset
        )
        archived = archived.join(urls, visits.c.url_id == urls.c.id)
        mine = visits.c.raw_file == raw_file, visits.c.outcome.in_([str(outcome) for outcome in KEPT])
        with self.engine.connect().execution_options(reading=True) as db:
            return [
                ArchivedRecord(
                    row.id,
                    row.source,
                    row.url,
                    raw_file,
                    row.raw_offset,
                    row.changed_at is not None and row.changed_at <= row.ended_at,
                )
                for row in db.execute(archived.where(*mine))
            ]

    def compare(self, expected: Collection[ArchivedRecord], readable: Collection[int]) -> None:
        """Note the records that are at none of the readable offsets, and put their URLs back into the queue.

        What was known of the body goes too: the server would answer that nothing has changed. A version that has been
        replaced since is only noted: nobody can fetch it again. Idempotent.
        """
        missing = [record for record in expected if record.raw_offset not in readable]
        self.lost += missing
        if self.engine is None or not missing:
            return
        was_done = urls.c.state == "done"
        again = update(urls).values(
            state=case((was_done, "pending"), else_=urls.c.state),
            span=case((was_done, ""), else_=urls.c.span),
            due_at=None,
            etag=None,
            last_modified=None,
            body_digest=None,
        )
        with self.engine.begin() as db:
            for record in missing:
                if record.is_latest:
                    db.execute(again.where(urls.c.id == record.url_id))
