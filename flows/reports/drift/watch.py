"""Judges every source that was crawled since the last time, and brings the lake's alerts up to date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
from sqlalchemy import Engine

from flows.crawling.runs import Run, runs_begun
from flows.reports.drift.alerts import ACCEPTED_DAYS, EVERYWHERE, AlertBook, Changes, read_alerts, updated, write_alerts
from flows.reports.drift.baseline import HISTORY_DAYS
from flows.reports.drift.causes import causes
from flows.reports.drift.judgement import History, Judgement, is_network_down, judge
from flows.reports.history.database import opened
from flows.reports.history.source_days import BACKDATED_DAYS, FIELDS, SourceDay, source_days
from flows.reports.history.visits import crawled_days, examples, visit_days
from spiders.catalogue import Source

# Days of which the history is read: HISTORY_DAYS of crawling, and the days of a lasting alert, which do not count.
LOOK_BACK_DAYS = HISTORY_DAYS + ACCEPTED_DAYS
EXAMPLES = 3


def watch(root: Path, sources: Mapping[str, Source], engine: Engine, now: datetime | None = None) -> Changes:
    """Judge the latest day of crawling of each source, and store what opened and what ended.

    Judging the same day again changes nothing but the evidence: nothing is opened twice.

    Args:
        root: the lake's root folder.
        sources: of the catalogue, by name; those that were not crawled are left as they were.
        engine: the frontier's.
        now: the present, UTC; for tests.

    Returns:
        What is new since the last call.
    """
    now = now or datetime.now(UTC)
    first = now.date() - timedelta(days=LOOK_BACK_DAYS)
    runs = list(runs_begun(root, first, now.date()))
    crawled = crawled_days(runs)
    if not crawled:
        return Changes()
    with opened(root, first, now.date()) as db:
        history = History(source_days(db), crawled, visit_days(engine, runs))
        book, changes = read_alerts(root), Changes()
        for day in _unjudged(book, crawled, sources):
            judged = _judge_day(book, sources, history, day)
            shown = {
                (j.source, j.cause.name): _examples(db, engine, runs, j, day) for js in judged.values() for j in js
            }
            instant = now if day == max(crawled) else datetime.combine(day, now.timetz())
            of_day = {name: history.days.get((name, day), SourceDay(name, day)) for name in judged}
            pages = {name: one.new + one.rejections for name, one in of_day.items()}
            book, new = updated(book, judged, day, instant, shown, pages)
            changes = Changes((*changes.opened, *new.opened), (*changes.ended, *new.ended))
    write_alerts(root, book)
    return _net(changes)


def _unjudged(book: AlertBook, crawled: Mapping[date, set[str]], sources: Mapping[str, Source]) -> list[date]:
    """The days that bring news: the latest again, since another run may have added to it, and any that was missed."""
    latest = max(crawled)
    asked = {name for name in crawled[latest] if name in sources}
    known = [book.judged[name] for name in asked if name in book.judged]
    since = date.fromisoformat(min(known)) if known else latest
    return [day for day in sorted(crawled) if day > since or day == latest]


def _judge_day(
    book: AlertBook, sources: Mapping[str, Source], history: History, day: date
) -> dict[str, Sequence[Judgement]]:
    if is_network_down(history, day):
        cause = causes()["network-down"]
        asked = len(history.crawled[day])
        return {EVERYWHERE: [Judgement(EVERYWHERE, cause, f"{asked} sources were asked, and most gave no answer")]}
    judged: dict[str, Sequence[Judgement]] = {EVERYWHERE: []}
    for name in sorted(history.crawled[day]):
        if name in sources:
            judged[name] = judge(sources[name], history, day, book.unusual_days(name, day) - {day})
    return judged


def _examples(
    db: duckdb.DuckDBPyConnection, engine: Engine, runs: Iterable[tuple[date, Run]], judgement: Judgement, day: date
) -> list[str]:
    """URLs that show what is meant."""
    for outcome in judgement.outcomes:
        of_day = [run.run_id for began, run in runs if began == day and judgement.source in run.sources]
        found = [url for url, _ in examples(engine, of_day, judgement.source, outcome, EXAMPLES)]
        if found:
            return found
    condition = "fate IN ('article', 'duplicate')"
    values: list[object] = [judgement.source, day]
    if judgement.reasons:
        condition = "reason IN (SELECT unnest(?))"
        values.append(list(judgement.reasons))
    elif judgement.lacking:
        lacks = " OR ".join(f"NOT ({FIELDS[name]})" for name in judgement.lacking)
        condition = f"article_id IN (SELECT article_id FROM texts WHERE {lacks})"
    elif judgement.cause.name == "backdated":
        condition = f"published_date < day - {BACKDATED_DAYS}"
    elif judgement.cause.name == "paywall":
        condition = "article_id IN (SELECT article_id FROM texts WHERE is_paywalled OR is_truncated)"
    query = f"SELECT url FROM published WHERE source = ? AND day = ? AND {condition} ORDER BY url LIMIT {EXAMPLES}"
    return [str(row[0]) for row in db.execute(query, values).fetchall()]


def _net(changes: Changes) -> Changes:
    """Without what was opened and ended within the same call: a past disturbance that nobody needs to hear of."""
    over = {(alert.key, alert.since) for alert in changes.ended} & {
        (alert.key, alert.since) for alert in changes.opened
    }
    return replace(
        changes,
        opened=tuple(a for a in changes.opened if (a.key, a.since) not in over),
        ended=tuple(a for a in changes.ended if (a.key, a.since) not in over),
    )
