"""What a source lacks in a range of days, from the table ``coverage``: sums, an estimate over all days, and words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import exp

from cleaning.records import Coverage
from flows.coverage.estimate import Captures, Missed, missed
from flows.coverage.reach import CHANCE, MARGIN_DAYS, DayCounts, reached
from flows.coverage.rows import ANY, FAILED
from flows.coverage.words import WORTH_SAYING, missing_in_words
from flows.lake.store import Lake

# Days named one by one in a sentence; of more only the number is said.
NAMED_DAYS = 5


@dataclass(frozen=True, slots=True)
class WayGaps:
    """One way of discovery over a range: what it listed, and from when to when it reaches."""

    way: str
    listed: int
    alone: int
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class SourceGaps:
    """A source over a range of days; numbers count URLs, as in the table.

    Attributes:
        days: that have a row.
        empty_days: between the first and the last of them, of which nothing is listed.
        judged: the days that two ways reach, so that an estimate can be made.
        missing: estimate over the judged days; None where there is none. Intervals of parts of the range in which
            different ways reach are added up, which makes the whole wider than it need be.
        said: the gaps in words.
    """

    source: str
    first: date
    last: date
    days: int
    empty_days: int
    judged: tuple[date, ...]
    listed: int
    undated: int
    fetched: int
    articles: int
    copies: int
    rejected: int
    failed: int
    never_tried: int
    reasons: Mapping[str, int]
    missing: Missed | None
    ways: tuple[WayGaps, ...]
    said: tuple[str, ...]
    rows: tuple[Coverage, ...]  # of all ways together, day by day


def gaps(lake: Lake, sources: Iterable[str] | None, first: date | None, last: date | None) -> list[SourceGaps]:
    """What each source lacks.

    Args:
        lake: only read.
        sources: names; all that the table has if None.
        first: day, inclusive; the earliest of the table if None.
        last: day, inclusive; the latest if None.
    """
    margin = timedelta(days=MARGIN_DAYS)
    days = lake.dates("coverage", first and first - margin, last and last + margin)
    rows = [_row(values) for values in lake.read("coverage", days).to_pylist()]
    wanted = None if sources is None else set(sources)
    by_source: dict[str, list[Coverage]] = defaultdict(list)
    for row in rows:
        if wanted is None or row.source in wanted:
            by_source[row.source].append(row)
    found = [_of_source(name, own, first or date.min, last or date.max) for name, own in sorted(by_source.items())]
    return [one for one in found if one is not None]


def _row(values: dict[str, object]) -> Coverage:
    return Coverage(**{**values, "reasons": dict(values["reasons"])})  # type: ignore[call-overload]


def _of_source(source: str, rows: Sequence[Coverage], first: date, last: date) -> SourceGaps | None:
    whole = [row for row in rows if row.way == ANY and first <= row.published_date <= last]
    if not whole:
        return None
    by_day: dict[date, dict[str, Coverage]] = defaultdict(dict)
    for row in rows:
        by_day[row.published_date][row.way] = row
    counts = [DayCounts(day, ways[ANY].listed, _listed(ways)) for day, ways in sorted(by_day.items())]
    names = sorted({row.way for row in rows} - {ANY})
    reach = {way: {day for day in reached(counts, way) if first <= day <= last} for way in names}
    judged = {row.published_date for row in whole if sum(row.published_date in days for days in reach.values()) > 1}
    estimate, estimated = _over(by_day, reach, sorted(judged))
    ways = tuple(_way(way, rows, reach[way], first, last) for way in names)
    start, end = whole[0].published_date, whole[-1].published_date
    reasons = Counter[str]()
    for row in whole:
        reasons.update(row.reasons)
    found = SourceGaps(
        source=source,
        first=start,
        last=end,
        days=len(whole),
        empty_days=(end - start).days + 1 - len(whole),
        judged=tuple(sorted(estimated)),
        listed=sum(row.listed for row in whole),
        undated=sum(row.undated for row in whole),
        fetched=sum(row.fetched for row in whole),
        articles=sum(row.articles for row in whole),
        copies=sum(row.copies for row in whole),
        rejected=sum(row.rejected for row in whole),
        failed=sum(row.failed for row in whole),
        never_tried=sum(row.never_tried for row in whole),
        reasons=dict(sorted(reasons.items())),
        missing=estimate,
        ways=ways,
        said=(),
        rows=tuple(whole),
    )
    return _with_words(found)


def _listed(ways: Mapping[str, Coverage]) -> dict[str, int]:
    return {way: row.listed for way, row in ways.items() if way != ANY}


def _way(way: str, rows: Iterable[Coverage], days: set[date], first: date, last: date) -> WayGaps:
    own = [row for row in rows if row.way == way and first <= row.published_date <= last]
    return WayGaps(
        way,
        sum(row.listed for row in own),
        sum(row.listed_alone for row in own),
        min(days, default=None),
        max(days, default=None),
    )


def _over(
    by_day: Mapping[date, Mapping[str, Coverage]], reach: Mapping[str, set[date]], days: Iterable[date]
) -> tuple[Missed | None, list[date]]:
    """The estimate over days, and those of which it speaks: days that the same ways reach are counted together."""
    parts: dict[tuple[str, ...], list[date]] = defaultdict(list)
    for day in days:
        parts[tuple(way for way, reached_days in reach.items() if day in reached_days)].append(day)
    estimates: list[tuple[Missed, list[date]]] = []
    for ways, own in parts.items():
        captures = [_captures(by_day[day], ways) for day in own]
        estimate = missed(sum(captures[1:], captures[0]))
        if estimate is not None:
            estimates.append((estimate, own))
    if not estimates:
        return None, []
    highs = [one.high for one, _ in estimates]
    total = Missed(
        sum(one.number for one, _ in estimates),
        sum(one.low for one, _ in estimates),
        None if None in highs else sum(high for high in highs if high is not None),
    )
    return total, [day for _, own in estimates for day in own]


def _captures(rows: Mapping[str, Coverage], ways: Sequence[str]) -> Captures:
    own = [rows.get(way) for way in ways]
    return Captures(
        listed=rows[ANY].listed,
        by_way=tuple(row.listed if row else 0 for row in own),
        alone=tuple(row.listed_alone if row else 0 for row in own),
        twice=rows[ANY].listed_twice,
    )


def _with_words(found: SourceGaps) -> SourceGaps:
    said = []
    if found.missing is not None and found.missing.number >= WORTH_SAYING:
        missing = found.missing
        said.append(f"{missing_in_words(missing.number, missing.low, missing.high)} on no list")
    blind = found.days - len(found.judged)
    if blind:
        said.append(f"{blind} of {found.days} days reached by fewer than two ways: what those lack leaves no trace")
    if found.failed:
        failed = {name.removeprefix(FAILED): n for name, n in found.reasons.items() if name.startswith(FAILED)}
        said.append(f"{found.failed} could not be fetched: {_counted(failed)}")
    if found.never_tried:
        said.append(f"{found.never_tried} not tried yet")
    unread = found.fetched - found.articles - found.copies - found.rejected
    if unread:
        said.append(f"{unread} fetched and in no table")
    if found.undated:
        said.append(f"{found.undated} without a date, counted on the day they were discovered")
    said += _silence(found)
    return replace(found, said=tuple(said))


def _silence(found: SourceGaps) -> list[str]:
    """Days of which nothing is listed, where the source's pace makes that improbable."""
    pace = found.listed / found.days
    if not found.empty_days or exp(-pace) >= CHANCE:
        return []
    have = {row.published_date for row in found.rows}
    every = (found.first + timedelta(days=n) for n in range((found.last - found.first).days + 1))
    empty = [day for day in every if day not in have]
    named = ", ".join(map(str, empty[:NAMED_DAYS])) + (", …" if len(empty) > NAMED_DAYS else "")
    return [f"nothing listed of {len(empty)} days, at {pace:.0f} a day: {named}"]


def _counted(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {name}" for name, n in sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])))
