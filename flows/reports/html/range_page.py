"""What a backfill obtained, as a page of its own: a row a source, and a map of source × day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from flows.reports.html.page import render_page
from flows.reports.html.section import Cell, Section, Table
from flows.reports.range_report import RangeDay, RangeSource, answer, range_rows
from flows.reports.wording import plural
from spiders.frontier.backfill_units import FINISHED


def range_page(root: Path, found: Sequence[RangeSource], first: date, last: date, now: datetime) -> str:
    """The page as HTML; like the report it loads nothing and runs no script.

    Args:
        root: the lake's root folder.
        found: the sources.
        first: first day of publication, inclusive.
        last: last day, inclusive.
        now: shown as the time of the page, UTC.
    """
    rows = range_rows(found)
    columns = tuple(rows[0]) if rows else ("source",)
    lacking = [one for one in found if one.days_done < one.days or one.failed or one.never_tried]
    sources = Section(
        "sources",
        "Source by source",
        f"{plural(len(lacking), 'source')} of {len(found)} lack something." if lacking else "Nothing is lacking.",
        grid=Table.of(columns, [tuple(row.values()) for row in rows]),
        query=f"newsmill gaps --from {first} --to {last}",
        notes=("Expected is the source's usual pace over its latest eight weeks, times the days.",),
    )
    days = sorted({one.day for source in found for one in source.by_day})
    days_section = Section(
        "days",
        "Day by day",
        "Articles and copies of each day; red where a day is not done, or has fewer than half of what is listed.",
        grid=Table.of(
            ("day", *(source.source for source in found)),
            [(day, *(_cell(source, day) for source in found)) for day in days],
        ),
        table=Table.of(
            ("source", "day", "listed", "rows", "gap"),
            [(s.source, one.day, one.listed, one.obtained, one.gap) for s in found for one in s.by_day if one.gap],
            "days with a gap",
        ),
    )
    return render_page(
        answer=answer(found),
        amounts=f"Published from {first} to {last}.",
        sections=[sources, days_section],
        first=first,
        last=last,
        now=now,
        lake=root,
    )


def _cell(source: RangeSource, day: date) -> Cell:
    one: RangeDay | None = next((own for own in source.by_day if own.day == day), None)
    if one is None:
        return Cell("")
    is_bad = one.state != FINISHED or one.obtained * 2 < one.listed
    share = min(1.0, one.obtained / one.listed) if one.listed else 0.0
    return Cell(str(one.obtained), 1 - share if is_bad else share, "bad" if is_bad else "good", title=one.gap)
