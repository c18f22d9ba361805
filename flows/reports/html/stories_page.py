"""The largest stories of some days as a page of its own: how each spread, and a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from flows.lake.stories import Story
from flows.reports.html import charts
from flows.reports.html.page import render_page
from flows.reports.html.section import Section, Table
from flows.reports.wording import plural

# Hours shown in the picture: what is later is counted in the last one.
HOURS = 48
# Lines of one picture that can still be told apart, and colours that the page has.
DRAWN = 8
_COLUMNS = ("", "title", "sources", "copies", "rewrites", "follow-ups", "first", "at (UTC)", "agency")


def stories_page(root: Path, stories: Sequence[Story], first: date, last: date, now: datetime) -> str:
    """The page as HTML; like the report it loads nothing and runs no script.

    Args:
        root: the lake's root folder.
        stories: the largest first; at least one.
        first: first day of publication, inclusive.
        last: last day, inclusive.
        now: shown as the time of the page, UTC.
    """
    spread = {f"{n}. {story.title or story.cluster_id}": _texts_by_hour(story) for n, story in enumerate(stories, 1)}
    drawn = charts.lines(
        dict(list(spread.items())[:DRAWN]),
        "spread",
        "texts of each story by hours after its first",
        "hours after the first text",
        "texts",
    )
    largest = stories[0]
    section = Section(
        "stories",
        "How they spread",
        f"The largest has {plural(largest.texts, 'text')} of {plural(largest.sources, 'source')}.",
        (("", drawn),),
        grid=Table.of(_COLUMNS, [(n, *_row(story)) for n, story in enumerate(stories, 1)]),
        query=f"newsmill stories --from {first} --to {last}",
    )
    return render_page(
        answer=f"The largest stories of {first} to {last}",
        amounts=f"{plural(len(stories), 'story', 'stories')}, by sources, then by texts.",
        sections=[section],
        first=first,
        last=last,
        now=now,
        lake=root,
    )


def _texts_by_hour(story: Story) -> list[int]:
    return [*(sum(h <= hour for h in story.hours) for hour in range(HOURS)), story.texts]


def _row(story: Story) -> tuple[object, ...]:
    counts = (story.sources, story.copies, story.rewrites, story.follow_ups)
    return (story.title, *counts, story.first_source, f"{story.first_at:%Y-%m-%d %H:%M}", story.agency or "")
