"""Sections about the running itself: what needs a person, how long runs took, the disk and when it will be full."""

from __future__ import annotations

from datetime import date, timedelta
from statistics import median

from flows.reports.drift.alerts import Alert
from flows.reports.html import charts
from flows.reports.html.facts import Facts
from flows.reports.html.section import Cell, Section, Table
from flows.reports.wording import number, plain, plural, size, span

# Days of the raw archive from which its growth is taken, and days that the forecast looks ahead.
GROWTH_DAYS, AHEAD_DAYS = 14, 60
SHOWN_RUNS = 120


def answer(facts: Facts) -> tuple[str, str]:
    """The report in one sentence, and in a second one the amounts."""
    troubled = {alert.source for alert in facts.alerts.open} & set(facts.asked)
    asked, whole = len(facts.asked), len(facts.asked) - len(troubled)
    needing = len(facts.alerts.open)
    if not asked:
        first = "Nothing was crawled in these days."
    else:
        verb = "is" if whole == 1 else "are"
        first = f"{whole} of {plural(asked, 'source')} {verb} whole; " + (
            f"{needing} {'thing needs' if needing == 1 else 'things need'} you." if needing else "nothing needs you."
        )
    new = sum(day.new for day in facts.days.values())
    second = f"{number(new)} new articles and copies on {plural(len(facts.crawl_days), 'day')} of crawling"
    second += f"; {size(facts.disk.total)} on disk"
    days = days_until_full(facts)
    return first, second + (f", room for {number(days)} more days at this pace." if days is not None else ".")


def attention(facts: Facts) -> list[Alert]:
    """The open alerts, the latest first."""
    return sorted(facts.alerts.open, key=lambda alert: (alert.since, alert.source), reverse=True)


def ended_section(facts: Facts) -> Section:
    """Alerts that ended by themselves within the days of the report."""
    ended = [a for a in facts.alerts.alerts if not a.is_open and (a.ended_at or "")[:10] >= facts.first.isoformat()]
    rows = [(a.source, a.cause, a.since, (a.ended_at or "")[:16].replace("T", " "), a.detail) for a in reversed(ended)]
    return Section(
        "ended",
        "What is over",
        f"{plural(len(ended), 'alert')} ended by {'itself' if len(ended) == 1 else 'themselves'} in these days.",
        table=Table.of(("source", "cause", "since", "ended (UTC)", "evidence"), rows),
        query="newsmill alerts --all",
    )


def runs_section(facts: Facts) -> Section:
    """How long crawl processes took."""
    runs = facts.runs[-SHOWN_RUNS:]
    by_day: dict[date, dict[bool, float]] = {}
    for run in runs:
        minutes = by_day.setdefault(run.started_at.date(), {False: 0.0, True: 0.0})
        minutes[run.is_backfill] += run.minutes
    days = sorted(by_day)
    series = {"for news": [by_day[d][False] for d in days], "backfill": [by_day[d][True] for d in days]}
    if not any(series["backfill"]):
        del series["backfill"]
    unended = sum(not run.is_ended for run in runs)
    answer = "No run of these days is in the frontier."
    if runs:
        answer = f"{plural(len(runs), 'crawl process', 'crawl processes')}, half of them done within "
        answer += span(median(r.minutes for r in runs))
        answer += f"; {unended} never ended by itself." if unended else "; all ended by themselves."
    rows = [
        (
            r.run_id,
            f"{r.started_at:%Y-%m-%d %H:%M}",
            span(r.minutes),
            "backfill" if r.is_backfill else "news",
            "yes" if r.is_ended else "no",
        )
        for r in reversed(runs)
    ]
    return Section(
        "runs",
        "How long runs took",
        answer,
        (("", charts.day_bars(days, series, "runs", "minutes of crawling by day", "minutes")),) if runs else (),
        table=Table.of(("run", "began (UTC)", "took", "for", "ended by itself"), rows),
        query="newsmill status",
    )


def disk_section(facts: Facts) -> Section:
    """What lies on disk, and a forecast."""
    disk = facts.disk
    days, total = [], 0.0
    stored = []
    for day, bytes_ in disk.raw_by_day.items():
        total += bytes_
        days.append(day)
        stored.append(total / 1e9)
    pace = _bytes_a_day(facts)
    drawn = None
    if len(days) >= 2 and (days[-1] - days[0]).days <= 400:
        ahead = [days[-1] + timedelta(days=n) for n in range(AHEAD_DAYS + 1)]
        forecast = [stored[-1] + pace * n / 1e9 for n in range(AHEAD_DAYS + 1)]
        every = [days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days + 1)]
        known, filled, last = dict(zip(days, stored, strict=True)), [], 0.0
        for day in every:
            last = known.get(day, last)
            filled.append(last)
        drawn = charts.growth(every, filled, ahead, forecast)
    left = days_until_full(facts)
    sentence = f"{size(disk.total)} in the lake, {size(disk.free)} free"
    sentence += (
        f"; the raw archive grows by {size(pace)} a day, and {number(left)} days are left." if left is not None else "."
    )
    rows = [
        (name, Cell(size(n), n / max(disk.total, 1), "good"))
        for name, n in sorted(disk.tables.items(), key=lambda i: -i[1])
    ]
    return Section(
        "disk",
        "Disk, and how long it lasts",
        sentence,
        (("", drawn),) if drawn else (),
        grid=Table.of(("table", "bytes"), rows),
        table=Table.of(("day of fetching", "raw bytes"), [(day, f"{n:,}") for day, n in disk.raw_by_day.items()]),
        query="du -sh raw articles index state",
        notes=("Only raw/ grows with every page; it can be moved to cold storage by date.",),
    )


def days_until_full(facts: Facts) -> float | None:
    """Days until the disk is full at the recent pace; None where nothing grows, or the history is a single day."""
    pace = _bytes_a_day(facts)
    return facts.disk.free / pace if pace > 0 else None


def _bytes_a_day(facts: Facts) -> float:
    """The mean of the last days of fetching, days without a fetch included; 0 where there is only one day."""
    days = list(facts.disk.raw_by_day)
    if len(days) < 2:
        return 0.0
    since = max(days[0], days[-1] - timedelta(days=GROWTH_DAYS - 1))
    # The first day of a lake holds the backlog of its sources.
    since = since + timedelta(days=1) if since == days[0] else since
    recent = sum(n for day, n in facts.disk.raw_by_day.items() if day >= since)
    return recent / max((days[-1] - since).days + 1, 1)


def headline(alert: Alert) -> str:
    """One alert in a line."""
    return plain(f"{alert.source}: {alert.says}" if alert.source != "*" else alert.says)
