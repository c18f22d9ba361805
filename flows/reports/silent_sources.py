"""Finds sources that have gone silent: below the minimum in their catalogue entry, or below their own usual pace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from math import log
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from flows.crawling.runs import RunWindows, runs_begun
from flows.lake.index import PublishedAs, published_path
from flows.lake.parquet_reader import read_parquet
from flows.reports.history.visits import crawled_days
from spiders.catalogue import Source

# Report a silent source for at most this many days.
LOOK_BACK_DAYS = 90
# Four weeks contain each weekday four times, and nothing of a pace that was given up earlier.
HISTORY_DAYS = 28
# With less history a pace is a guess; a new source's first days also contain its backlog.
HISTORY_DAYS_MIN = 7
# A silence is reported if a source of this pace would reach it by chance once in a thousand times (Poisson:
# e^-expected).
CHANCE = 0.001


def silent_sources(root: Path, sources: Mapping[str, Source], now: datetime | None = None) -> dict[str, str]:
    """Sources that have gone silent, with the evidence.

    Where a catalogue entry sets a minimum of articles per day, the last 24 hours are counted. Elsewhere the source's
    own history decides: it is silent if it has had no new article on more crawl days in a row than ever in the four
    weeks before (a paper that rests on Sundays has done so before), and if so long a silence is improbable at its pace.

    Args:
        root: the lake's root folder.
        sources: of the catalogue, by name.
        now: end of the period examined; None means the present.

    Returns:
        Name → a sentence, for the silent ones.
    """
    now = now or datetime.now(UTC)
    crawled = crawled_days(runs_begun(root, now.date() - timedelta(days=LOOK_BACK_DAYS), now.date()))
    new = {day: _new_articles(root, day, now - timedelta(days=1)) for day in crawled}
    found: dict[str, str] = {}
    for name, source in sources.items():
        least = source.expect.articles_per_day_min
        lately = sum(recent[name] for _, recent in new.values())
        quiet = silence([new[day][0][name] for day, names in crawled.items() if name in names])
        if least is None and quiet:
            found[name] = quiet
        elif least is not None and lately < least:
            found[name] = f"quiet: {lately} new articles in 24 hours, expected at least {least}"
    return found


def silence(counts: list[int]) -> str | None:
    """Describe the silence of a source, given its new articles on each crawl day; None if there is none."""
    begun = next((i for i, count in enumerate(counts) if count), None)
    if begun is None:
        return None
    silent = next((i for i, count in enumerate(reversed(counts)) if count), 0)
    # Its first day may contain the backlog of a year.
    before = counts[begun + 1 : len(counts) - silent][-HISTORY_DAYS:]
    if silent == 0 or len(before) < HISTORY_DAYS_MIN:
        return None
    pace = sum(before) / len(before)
    longest = max(len(gap) for gap in "".join("x" if count else "." for count in before).split("x"))
    if silent <= longest or pace * silent < -log(CHANCE):
        return None
    return f"quiet: nothing new on {silent} crawl days in a row, after {pace:.1f} articles a day"


def _new_articles(root: Path, day: date, since: datetime) -> tuple[Counter[str], Counter[str]]:
    """New articles and copies fetched on a day, by source: all of them, and those fetched since a given time."""
    file = root / published_path(day.isoformat())
    if not file.exists():
        return Counter(), Counter()
    rows = read_parquet(file, ["source", "fate", "fetched_at", "run_id"])
    windows = RunWindows(root)
    for_news = [run for run in pc.unique(rows.column("run_id")).to_pylist() if windows.of(run) is None]
    new = pc.and_(
        pc.is_in(rows.column("fate"), pa.array([PublishedAs.ARTICLE.value, PublishedAs.DUPLICATE.value])),
        pc.is_in(rows.column("run_id"), pa.array(for_news, pa.string())),
    )
    rows = rows.filter(new)
    lately = rows.filter(pc.greater_equal(rows.column("fetched_at"), pa.scalar(since, pa.timestamp("us", "UTC"))))
    return Counter(rows.column("source").to_pylist()), Counter(lately.column("source").to_pylist())
