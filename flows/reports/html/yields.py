"""Sections about how much came: the yield and its expected range, the heat map, how visits ended, rejections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from markupsafe import Markup

from flows.reports.drift.signals import history_of, yield_band
from flows.reports.html import charts
from flows.reports.html.facts import Facts
from flows.reports.html.section import Cell, Section, Table
from flows.reports.wording import number, plural
from spiders.frontier.outcomes import SUCCESS, meaning

# Small charts shown at once; the other sources are in the table and in the heat map.
CHARTS = 24
# Columns of the heat map; more days are put together into weeks, months or years.
COLUMNS = 45
# An empty day is a gap where a source publishes on so large a share of days; others rest.
DAILY_SHARE = 0.7
# Fewer days than these do not show how often a source publishes.
DAILY_MIN = 5
# Outcomes that have a colour of their own; the others are one.
OUTCOMES = 6


def yield_section(facts: Facts) -> Section:
    """New articles per source and day of crawling, over the expected range."""
    alarmed = {alert.source for alert in facts.alerts.open}
    totals: Counter[str] = Counter()
    for (name, _), day in facts.days.items():
        totals[name] += day.new
    order = sorted(facts.asked, key=lambda name: (name not in alarmed, -totals[name], name))
    drawn: list[tuple[str, Markup]] = []
    rows: list[tuple[object, ...]] = []
    outside = known = 0
    for name in order:
        history = history_of(name, facts.days, facts.crawled)
        unusual = facts.alerts.unusual_days(name, facts.last)
        bands = [yield_band(history, place, unusual) for place in range(len(history))]
        days, counts = [day.day for day in history], [day.new for day in history]
        known += sum(band is not None for band in bands)
        outside += sum(b is not None and b.is_outside(n) for b, n in zip(bands, counts, strict=True))
        if len(drawn) < CHARTS and days:
            caption = f"{name} · {number(sum(counts))}"
            drawn.append((caption, charts.yield_chart(days, counts, bands, name)))
        for day, band in zip(history, bands, strict=True):
            expected = f"{band.low:.0f} to {band.high:.0f}" if band else "not known yet"
            rows.append((name, day.day, day.articles, day.duplicates, day.rejections, expected))
    new = sum(totals.values())
    sentence = (
        f"{plural(new, 'new article or copy', 'new articles and copies')} from {plural(len(facts.asked), 'source')} on "
        f"{plural(len(facts.crawl_days), 'day')} of crawling; "
        + (
            f"{plural(outside, 'day')} of a source left the range that its own history lets one expect."
            if outside
            else "every day within the range that the sources' own history lets one expect."
            if known
            else "too few days so far to say what is to be expected."
        )
    )
    hidden = len(order) - len(drawn)
    return Section(
        "yield",
        "What came, and what was to be expected",
        sentence,
        tuple(drawn),
        table=Table.of(("source", "day of crawling", "articles", "copies", "rejected", "expected"), rows),
        query="SELECT source, fetched_at::DATE AS day, fate, count(*) FROM 'index/published/*/*.parquet' GROUP BY ALL",
        notes=(f"{plural(hidden, 'quieter source')} without a chart: see the table.",) if hidden > 0 else (),
    )


def heat_map_section(facts: Facts) -> Section:
    """New articles by source and day of publication."""
    query = (
        "SELECT source, published_date, count(*) FROM published WHERE fate IN ('article', 'duplicate') "
        "AND published_date IS NOT NULL GROUP BY ALL"
    )
    counts = {(source, day): n for source, day, n in facts.rows(query)}
    days = sorted({day for _, day in counts})
    columns = _columns(days)
    sources = sorted({source for source, _ in counts} | set(facts.asked))
    rows, empty, inside = [], 0, 0
    for name in sources:
        own = [sum(counts.get((name, day), 0) for day in group) for _, group in columns]
        usual = sorted(n for n in own if n)
        middle = usual[len(usual) // 2] if usual else 1
        begun = [i for i, n in enumerate(own) if n]
        is_daily = len(begun) >= max(DAILY_MIN, DAILY_SHARE * (begun[-1] - begun[0] + 1 if begun else 0))
        cells = []
        for place, ((label, _), n) in enumerate(zip(columns, own, strict=True)):
            is_gap = is_daily and begun[0] < place < len(own) - 1 and n == 0
            empty, inside = empty + is_gap, inside + (is_daily and place >= begun[0])
            level = min(1.0, n / (1.6 * middle)) if n else None
            hue = "gap" if is_gap else "good"
            cells.append(
                Cell(str(n) if n else ("·" if is_gap else ""), level, hue, title=f"{name}, {label}: {n} articles")
            )
        rows.append((Cell.of(name), *cells))
    grid = Table(("source", *(label for label, _ in columns)), tuple(rows))
    answer = f"{plural(empty, 'day')} of {inside} without an article, of sources that publish on most days."
    return Section(
        "days",
        "Which days are covered",
        answer if rows else "Nothing was published in these days.",
        grid=grid,
        query="SELECT source, published_date, count(*) FROM 'articles/*/*.parquet' GROUP BY ALL ORDER BY 1, 2",
        notes=("Day of publication, UTC; darker is more than is usual for that source.",),
    )


def _columns(days: Sequence[date]) -> list[tuple[str, list[date]]]:
    """The columns of the heat map: each day between the first and the last, or longer periods if those are too many."""
    if not days:
        return []
    span = (days[-1] - days[0]).days + 1
    if span <= COLUMNS:
        every = [days[0] + timedelta(days=n) for n in range(span)]
        return [(f"{day.day} {day:%b}", [day]) for day in every]
    form = next((f for f, length in (("%G-W%V", 7), ("%Y-%m", 30)) if span / length <= COLUMNS), "%Y")
    groups: dict[str, list[date]] = {}
    for day in days:
        groups.setdefault(day.strftime(form), []).append(day)
    return list(groups.items())


def outcomes_section(facts: Facts) -> Section:
    """How visits ended, by day of crawling."""
    totals: Counter[str] = Counter()
    for visit in facts.visits.values():
        totals.update(visit.outcomes)
    common = [name for name, _ in totals.most_common(OUTCOMES)]
    days = sorted({day for _, day in facts.visits})
    series: dict[str, list[float]] = {name: [0.0] * len(days) for name in common}
    others = [0.0] * len(days)
    place_of = {day: place for place, day in enumerate(days)}
    rows = []
    for (source, day), visit in sorted(facts.visits.items(), key=lambda item: (item[0][0], item[0][1])):
        for outcome, n in visit.outcomes.items():
            (series.get(outcome) or others)[place_of[day]] += n
            if outcome not in SUCCESS:
                rows.append((source, day, outcome, n, meaning(outcome)))
    if any(others):
        series["others"] = others
    failed = sum(n for outcome, n in totals.items() if outcome not in SUCCESS)
    share = failed / max(totals.total(), 1)
    sentence = f"{plural(totals.total(), 'visit')}, of which {failed:,} failed ({share:.1%})."
    drawn = charts.day_bars(days, series, "outcomes", "visits by day and outcome") if days else None
    return Section(
        "outcomes",
        "How visits ended",
        sentence if days else "No visit of these days is in the frontier.",
        (("", drawn),) if drawn else (),
        table=Table.of(("source", "day", "failure", "URLs", "meaning"), rows),
        query="newsmill failures --source NAME",
    )


def rejections_section(facts: Facts) -> Section:
    """Why fetched pages are no articles."""
    found = facts.rows(
        "SELECT source, coalesce(reason, 'unknown'), count(*), min(url) FROM published "
        "WHERE fate = 'rejected' GROUP BY ALL "
        "ORDER BY 3 DESC, 1, 2"
    )
    reasons: Counter[str] = Counter()
    for _, reason, n, _ in found:
        reasons[reason] += n
    top = reasons.most_common(12)
    drawn = charts.bars(
        [r for r, _ in top], [n for _, n in top], [1] * len(top), "rejected", "rejected pages by reason"
    )
    first = f", most of them {top[0][0]} ({top[0][1]:,})" if top else ""
    rows = [(source, reason, n, Cell.page(url)) for source, reason, n, url in found]
    return Section(
        "rejected",
        "What was no article",
        f"{plural(reasons.total(), 'page')} rejected{first}.",
        (("", drawn),) if top else (),
        table=Table.of(("source", "reason", "pages", "an example"), rows),
        query="SELECT url, reason, detail FROM 'rejected/*/*.parquet' ORDER BY fetched_at DESC",
    )
