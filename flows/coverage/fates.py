"""What publishing made of a URL's responses: looked up in the lake's index by where they lie in the raw archive."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date

from flows.lake.index import Lineage, Published, PublishedAs, published_path, published_rows
from flows.lake.store import Lake
from flows.publishing.unpublished import date_of
from spiders.frontier.bookkeeping.coverage_records import ListedUrl

# Fetch dates held in memory: some 10 MB each for a large catalogue, and a day's articles are fetched within a few.
HELD_DATES = 16
# Fates that say what a URL is; the others say only that a response brought nothing new.
_DECISIVE = frozenset({PublishedAs.ARTICLE, PublishedAs.DUPLICATE, PublishedAs.REJECTED, PublishedAs.OUTSIDE_RANGE})


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a fetched URL in the lake; ``kind`` None where it is not published yet."""

    kind: PublishedAs | None = None
    reason: str | None = None  # of a rejection
    published_date: date | None = None  # of an article or a copy


class Fates:
    """Looks up fates; reads each day's index file once for URLs that come in the order of their days."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._held: OrderedDict[str, dict[Lineage, Published]] = OrderedDict()

    def of(self, url: ListedUrl) -> Fate:
        """The fate of a URL, by the latest of its responses that decided it.

        A page whose responses only repeat what the lake had under another address is a copy of that.
        """
        rows = [row for record in url.records if (row := self._published(date_of(record[0])).get(record)) is not None]
        for row in rows:
            if row.fate in _DECISIVE:
                return Fate(PublishedAs(row.fate), row.reason, row.published_date)
        if not rows:
            return Fate()
        last = rows[0]
        kind = PublishedAs.REJECTED if last.reason else PublishedAs.DUPLICATE
        return Fate(kind, last.reason, last.published_date)

    def _published(self, fetched: str) -> dict[Lineage, Published]:
        if fetched not in self._held:
            rows = published_rows(self._lake.read_file(published_path(fetched)))
            self._held[fetched] = {row.lineage: row for row in rows}
            if len(self._held) > HELD_DATES:
                self._held.popitem(last=False)
        self._held.move_to_end(fetched)
        return self._held[fetched]
