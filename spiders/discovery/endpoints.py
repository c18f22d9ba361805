"""The endpoints by which a source is discovered, and how each fared at its last reading."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Engine, RowMapping, Table, select, update

from spiders.frontier.database import upsert
from spiders.frontier.endpoint_kinds import Kind
from spiders.frontier.outcomes import Outcome, is_passing
from spiders.frontier.tables import endpoints, listing_faults


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A feed, sitemap or section page, as of its last reading; times are in seconds since 1970."""

    source: str
    url: str
    kind: Kind
    checked_at: float
    changed_at: float
    due_at: float
    parent: str | None = None
    told_modified: str | None = None
    failures: int = 0
    etag: str | None = None
    last_modified: str | None = None
    body_digest: str | None = None
    found: int = 0
    newest: str | None = None
    issue: str | None = None  # a fetch outcome, or a Fault of the listing
    issue_detail: str | None = None
    left_out: int | None = 0  # entries that were not queued because of their age
    left_out_from: str | None = None  # their first day, ISO 8601; None if they have no dates
    left_out_to: str | None = None
    unread_page: str | None = None  # a further page that was one too many, though this one had news


HOST_WAITS = "host-waits"
"""Issue of a listing that was not requested: its host asked for a longer wait than the run lasted."""

TOO_MANY = "too-many-listings"
"""Issue of a source with more listings than one run reads."""


@dataclass(frozen=True, slots=True)
class ListingFault:
    """A listing that a run could not read, or could not read completely."""

    source: str
    url: str
    issue: str  # a fetch outcome, a Fault of the listing, HOST_WAITS or TOO_MANY
    detail: str | None = None

    @property
    def is_passing(self) -> bool:
        """Whether another run may succeed in reading it: until then nobody knows what it lists."""
        return self.issue in (HOST_WAITS, TOO_MANY, Outcome.INTERNAL_ERROR) or is_passing(self.issue)


class Endpoints:
    """The table of endpoints, and the faults that each run met."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def load(self, source: str) -> dict[str, Endpoint]:
        """A source's endpoints, by URL."""
        with self._engine.connect().execution_options(reading=True) as db:
            rows = db.execute(select(endpoints).where(endpoints.c.source == source)).mappings().all()
        return {row["url"]: _endpoint_of(row) for row in rows}

    def save(self, endpoint: Endpoint) -> None:
        """Store how a reading went."""
        self._put(endpoints, ("source", "url"), {**asdict(endpoint), "kind": str(endpoint.kind)})

    def note_fault(self, run_id: str, fault: ListingFault) -> None:
        """Record that a run could not read a listing."""
        self._put(listing_faults, ("run_id", "source", "url"), {"run_id": run_id, **asdict(fault)})

    def faults(self, run_id: str) -> dict[str, list[ListingFault]]:
        """The listings that a run could not read, by source."""
        query = select(listing_faults).where(listing_faults.c.run_id == run_id).order_by(listing_faults.c.url)
        found: dict[str, list[ListingFault]] = {}
        with self._engine.connect().execution_options(reading=True) as db:
            for row in db.execute(query):
                found.setdefault(row.source, []).append(ListingFault(row.source, row.url, row.issue, row.detail))
        return found

    def broken(self, source: str | None = None, issue: str | None = None) -> list[Endpoint]:
        """The endpoints whose last reading had a fault, the latest first."""
        query = select(endpoints).where(_is_broken(source, issue)).order_by(endpoints.c.checked_at.desc())
        with self._engine.connect().execution_options(reading=True) as db:
            rows = db.execute(query).mappings().all()
        return [_endpoint_of(row) for row in rows]

    def retry(self, source: str | None = None, issue: str | None = None) -> int:
        """Make the endpoints whose last reading had a fault due at once; returns how many."""
        with self._engine.begin() as db:
            return int(db.execute(update(endpoints).where(_is_broken(source, issue)).values(due_at=0.0)).rowcount)

    def _put(self, table: Table, keys: tuple[str, ...], values: dict[str, object]) -> None:
        replaced = {name: value for name, value in values.items() if name not in keys}
        with self._engine.begin() as db:
            new = upsert(self._engine, table).values(**values)
            db.execute(new.on_conflict_do_update(index_elements=list(keys), set_=replaced))


def _endpoint_of(row: RowMapping) -> Endpoint:
    return Endpoint(**{**row, "kind": Kind(row["kind"])})


def _is_broken(source: str | None, issue: str | None) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = endpoints.c.issue.is_not(None)
    if source is not None:
        condition &= endpoints.c.source == source
    return condition if issue is None else condition & (endpoints.c.issue == issue)
