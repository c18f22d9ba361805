"""What a backfill obtained of its range against what was expected, by source and day, with the gaps named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine

from flows.coverage.gaps import SourceGaps, gaps
from flows.lake.store import Lake
from flows.reports.history.pace import articles_a_day, listed_days
from flows.reports.wording import plural
from spiders.frontier.backfill_units import FAILED, FINISHED, Unit


@dataclass(frozen=True, slots=True)
class RangeDay:
    """One day of a source: the usual number of URLs, those that were listed, and the rows that came of them."""

    day: date
    expected: float | None
    listed: int
    obtained: int  # articles and copies
    gap: str  # in words; empty where nothing is lacking
    state: str  # of the unit


@dataclass(frozen=True, slots=True)
class RangeSource:
    """One source over the range; numbers count URLs, but for ``days`` and ``days_done``."""

    source: str
    days: int
    days_done: int
    expected: float | None  # at its pace; None where nothing is known of it
    listed: int
    articles: int
    copies: int
    rejected: int
    failed: int
    never_tried: int
    said: tuple[str, ...]  # the gaps, in words
    by_day: tuple[RangeDay, ...]


def range_report(
    lake: Lake, engine: Engine, sources: Iterable[str], units: Iterable[Unit], first: date, last: date
) -> list[RangeSource]:
    """What the lake has of a range of publication days.

    Args:
        lake: only read; its table ``coverage`` counts what is listed and what became of it.
        engine: the frontier's.
        sources: names of those that were asked for.
        units: of the range, with their states.
        first: day of publication, inclusive.
        last: day, inclusive.
    """
    by_source: dict[str, list[Unit]] = {name: [] for name in sorted(sources)}
    for unit in units:
        by_source[unit.source].append(unit)
    have = {one.source: one for one in gaps(lake, list(by_source), first, last)}
    return [_of_source(name, own, have.get(name), engine) for name, own in by_source.items()]


def _of_source(name: str, units: list[Unit], have: SourceGaps | None, engine: Engine) -> RangeSource:
    pace = articles_a_day(listed_days(engine, name))
    rows = {row.published_date: row for row in have.rows} if have else {}
    days = []
    for unit in units:
        row = rows.get(unit.day)
        listed, obtained = (row.listed, row.articles + row.copies) if row else (0, 0)
        gap = (
            (row.gap if row else "nothing is listed")
            if unit.state == FINISHED
            else f"{unit.state}: {unit.detail or ''}"
        )
        days.append(RangeDay(unit.day, pace, listed, obtained, gap or "", unit.state))
    failed = [f"{unit.day}: {unit.detail or 'failed'}" for unit in units if unit.state == FAILED]
    left = sum(unit.state != FINISHED for unit in units)
    said = [*(have.said if have else ("nothing of it is listed on these days",))]
    if left:
        why = f" ({failed[0]})" if failed else ""
        said.insert(0, f"{left} of {len(units)} days are not done; call the backfill again{why}")
    return RangeSource(
        source=name,
        days=len(units),
        days_done=len(units) - left,
        expected=None if pace is None else pace * len(units),
        listed=have.listed if have else 0,
        articles=have.articles if have else 0,
        copies=have.copies if have else 0,
        rejected=have.rejected if have else 0,
        failed=have.failed if have else 0,
        never_tried=have.never_tried if have else 0,
        said=tuple(said),
        by_day=tuple(days),
    )


def range_rows(found: Iterable[RangeSource]) -> list[dict[str, object]]:
    """One row a source, for a table artifact or a terminal."""
    return [
        {
            "source": one.source,
            "days done": f"{one.days_done} of {one.days}",
            "expected": "?" if one.expected is None else f"{one.expected:.0f}",
            "listed": one.listed,
            "articles": one.articles,
            "copies": one.copies,
            "rejected": one.rejected,
            "failed": one.failed,
            "never tried": one.never_tried,
            "gaps": "; ".join(one.said),
        }
        for one in found
    ]


def answer(found: Iterable[RangeSource]) -> str:
    """The range in a line: how many sources are whole."""
    every = list(found)
    whole = sum(one.days_done == one.days and not one.failed and not one.never_tried for one in every)
    articles, copies = sum(one.articles for one in every), sum(one.copies for one in every)
    counted = f"{plural(articles, 'article')}, {plural(copies, 'copy', 'copies')}"
    return f"{whole} of {len(every)} sources are whole on these days: {counted}"
