"""Redirects that lead back to where they began, found also when each hop was fetched on its own.

A visit that walks a whole circle sees it. One that meets a URL which has a row already leaves that row to its own
visit, and so does the visit of that row: after a kill on the way, or where a feed lists two pages that point at each
other, every hop would end as moved, and none would ever be fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select, update

from spiders.frontier.outcomes import Outcome
from spiders.frontier.records import FinishedTask
from spiders.frontier.tables import ANOTHER_CHANGE, urls, visits

# Longer chains of rows are no circle that a site makes by mistake; the walk ends.
HOPS_MAX = 50
DETAIL = "redirects in a circle through "


def end_circles(db: Connection, ended: Sequence[FinishedTask]) -> int:
    """Give every URL of a circle the outcome redirect-loop, after ``ended`` was written; how many URLs."""
    circles = [_circle(db, one) for one in ended if one.outcome == Outcome.MOVED and one.detail]
    return sum(_mark(db, circle) for circle in circles if circle)


def _circle(db: Connection, ended: FinishedTask) -> dict[int, tuple[str, str]]:
    """The rows of the circle that a moved URL is on: id → (run that ended it, canonical URL); empty without one."""
    source, start = ended.task.source, ended.task.canonical
    hops: dict[int, tuple[str, str]] = {}
    at = start
    for _ in range(HOPS_MAX):
        row = db.execute(
            select(urls.c.id, urls.c.run_id, urls.c.canonical, urls.c.detail).where(
                urls.c.source == source,
                urls.c.canonical == at,
                urls.c.state == "done",
                urls.c.outcome == str(Outcome.MOVED),
            )
        ).first()
        if row is None or not row.detail or row.id in hops:
            return {}
        hops[row.id] = (row.run_id, row.canonical)
        at = row.detail
        if at == start:
            return hops
    return {}


def _mark(db: Connection, circle: dict[int, tuple[str, str]]) -> int:
    for key, (run_id, canonical) in circle.items():
        told = {"outcome": str(Outcome.REDIRECT_LOOP), "detail": DETAIL + _others(circle, canonical)}
        db.execute(update(urls).where(urls.c.id == key).values(**told, uncounted=ANOTHER_CHANGE))
        db.execute(update(visits).where(visits.c.url_id == key, visits.c.run_id == run_id).values(**told))
    return len(circle)


def _others(circle: dict[int, tuple[str, str]], canonical: str) -> str:
    named: Iterable[str] = (other for _, other in circle.values() if other != canonical)
    return ", ".join(named)
