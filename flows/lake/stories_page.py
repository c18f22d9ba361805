"""The largest stories of some days as one HTML page: a picture of how each spread, and a table. It loads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape

import pygal

from flows.lake.stories import Story

# Hours shown in the picture: what is later is counted in the last one.
HOURS = 48
# Lines of one picture that can still be told apart.
DRAWN = 8
_TITLE_CHARACTERS = 60
_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:15px/1.4 sans-serif;margin:2em;max-width:70em}}table{{border-collapse:collapse}}
td,th{{padding:.2em .7em;text-align:left;border-bottom:1px solid #ddd}}td.n{{text-align:right}}</style></head>
<body><h1>{title}</h1>
"""
_COLUMNS = ("sources", "copies", "rewrites", "follow-ups", "first", "at (UTC)", "agency", "title")


def stories_page(stories: Sequence[Story], start: date, end: date) -> str:
    """The page.

    Args:
        stories: the largest first.
        start, end: the range of days.
    """
    title = f"Stories of {start} to {end}"
    rows = "\n".join(_row(story) for story in stories)
    heads = "".join(f"<th>{name}</th>" for name in _COLUMNS)
    table = f"<table><tr>{heads}</tr>\n{rows}\n</table>"
    return f"{_HEAD.format(title=title)}{_picture(stories[:DRAWN])}\n{table}</body></html>\n"


def _picture(stories: Sequence[Story]) -> str:
    """How many texts each story had so many hours after the first."""
    chart = pygal.Line(
        js=(),  # pygal's tooltips would be loaded from another site
        show_dots=False,
        legend_at_bottom=True,
        legend_at_bottom_columns=1,
        truncate_legend=-1,
        x_title="hours after the first text",
        y_title="texts",
        height=420 + 24 * len(stories),
        x_labels=[str(hour) for hour in range(HOURS + 1)],
        x_labels_major_every=6,
        show_minor_x_labels=False,
    )
    for story in stories:
        until = [sum(h <= hour for h in story.hours) for hour in range(HOURS)]
        chart.add(story.title[:_TITLE_CHARACTERS] or story.cluster_id, [*until, story.texts])
    svg: str = chart.render(is_unicode=True, disable_xml_declaration=True)
    return svg


def _row(story: Story) -> str:
    counts = (story.sources, story.copies, story.rewrites, story.follow_ups)
    numbers = "".join(f'<td class="n">{n}</td>' for n in counts)
    texts = (story.first_source, f"{story.first_at:%Y-%m-%d %H:%M}", story.agency or "", story.title)
    return f"<tr>{numbers}{''.join(f'<td>{escape(text)}</td>' for text in texts)}</tr>"
