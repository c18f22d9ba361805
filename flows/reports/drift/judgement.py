"""Which sources need attention after a run, each with its likely cause: signals and outcomes, weighed together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flows.reports.drift.causes import Cause, Evidence, causes, likely_cause
from flows.reports.drift.signals import Signal, empty_fields, history_of, signals
from flows.reports.history.source_days import SourceDay
from flows.reports.history.visits import VisitDay
from spiders.catalogue import Source
from spiders.frontier.outcomes import SUCCESS, Outcome

# Failures count as a change where they are half of a day's visits, several, and were not so before.
FAILED_SHARE, FAILED_MIN, FAILED_BEFORE = 0.5, 3, 0.25
# Rejections for one reason name a cause where they are so large a share of a day's pages.
REASON_SHARE = 0.3
# The network counts as down where so many of at least three sources got no answer from anywhere.
DOWN_SHARE, DOWN_SOURCES_MIN = 0.6, 3
_NO_ANSWER = frozenset({Outcome.DNS_ERROR, Outcome.CONNECTION_ERROR, Outcome.TIMEOUT})


@dataclass(frozen=True, slots=True)
class Judgement:
    """One reason why a source needs attention."""

    source: str
    cause: Cause
    detail: str  # the evidence, for a person
    outcomes: tuple[str, ...] = ()  # where examples are: outcomes of visits,
    reasons: tuple[str, ...] = ()  # reasons of rejections,
    lacking: tuple[str, ...] = ()  # columns that are empty


@dataclass(frozen=True, slots=True)
class History:
    """What is judged: every source's days and visits, up to the day of the run."""

    days: Mapping[tuple[str, date], SourceDay]
    crawled: Mapping[date, Collection[str]]
    visits: Mapping[tuple[str, date], VisitDay]


def is_network_down(history: History, day: date) -> bool:
    """Whether most sources that were crawled on a day got no answer from anywhere: then none of them is to blame."""
    asked = history.crawled.get(day, ())
    if len(asked) < DOWN_SOURCES_MIN:
        return False
    unanswered = 0
    for source in asked:
        visit = history.visits.get((source, day), VisitDay())
        met = {*visit.outcomes, *(issue for issue, _ in visit.faults.values())}
        unanswered += bool(met) and met <= _NO_ANSWER
    return unanswered >= DOWN_SHARE * len(asked)


def judge(source: Source, history: History, day: date, unusual: Collection[date] = ()) -> list[Judgement]:
    """What is wrong with a source after its crawl of a day; at most one judgement for each cause.

    Args:
        source: its catalogue entry.
        history: up to and including the day.
        day: a day on which it was crawled.
        unusual: days on which it was already alarmed.
    """
    days = history_of(source.name, history.days, {d: s for d, s in history.crawled.items() if d <= day})
    found = [_failures(source.name, history, day)]
    if found == [None] and days:
        signs = signals(days, unusual=unusual)
        found = [_of_signals(source.name, days[-1], signs), _too_few(source, days, signs)]
    found.append(_empty(source, days))
    return [one for one in found if one is not None]


def _failures(source: str, history: History, day: date) -> Judgement | None:
    """Most visits failed, or no listing could be read and nothing came."""
    visit = history.visits.get((source, day))
    if visit is None:
        return None
    failed = Counter({outcome: n for outcome, n in visit.outcomes.items() if outcome not in SUCCESS})
    total = visit.outcomes.total()
    issues = Counter(issue for issue, _ in visit.faults.values())
    is_failing = failed.total() >= max(FAILED_MIN, FAILED_SHARE * total) and not _failed_before(source, history, day)
    brought = history.days.get((source, day))
    is_deaf = bool(issues) and not (brought and brought.new) and not visit.outcomes.keys() & SUCCESS
    if not is_failing and not is_deaf:
        return None
    evidence = failed if is_failing else issues
    word, n = evidence.most_common(1)[0]
    cause = likely_cause([(Evidence.OUTCOME, word)]) or causes()["site-down"]
    counted = f"{n} of {total} pages: {word}" if is_failing else f"listings: {word}"
    details = [detail for issue, detail in visit.faults.values() if issue == word and detail]
    return Judgement(source, cause, "; ".join([counted, *details[:1]]), outcomes=(word,))


def _failed_before(source: str, history: History, day: date) -> bool:
    """Whether a large share of its pages usually fails: some sites list what their robots.txt forbids."""
    earlier = [v.outcomes for (name, d), v in history.visits.items() if name == source and d < day]
    total = sum(o.total() for o in earlier)
    failed = sum(n for o in earlier for outcome, n in o.items() if outcome not in SUCCESS)
    return total > 0 and failed > FAILED_BEFORE * total


def _of_signals(source: str, today: SourceDay, signs: Sequence[Signal]) -> Judgement | None:
    """The one cause that a day's signals point to."""
    if not signs:
        return None
    pages = max(today.new + today.rejections, 1)
    many = [reason for reason, n in today.rejected.items() if n >= REASON_SHARE * pages]
    is_rejecting = any(sign.name == "rejections" for sign in signs)
    evidence = [(Evidence.SIGNAL, sign.name) for sign in signs]
    evidence += [(Evidence.REASON, reason) for reason in many if is_rejecting]
    cause = likely_cause(evidence)
    if cause is None:
        return None
    sentences = [sign.sentence for sign in signs]
    if is_rejecting:
        sentences.append(
            ", ".join(f"{n} {reason}" for reason, n in sorted(today.rejected.items(), key=lambda i: -i[1]))
        )
    lacking = tuple(sign.name.removeprefix("fill:") for sign in signs if sign.name.startswith("fill:"))
    return Judgement(source, cause, "; ".join(sentences), reasons=tuple(many) if is_rejecting else (), lacking=lacking)


def _too_few(source: Source, days: Sequence[SourceDay], signs: Sequence[Signal]) -> Judgement | None:
    """Below the minimum that its entry asks for, where nothing else explains it."""
    least = source.expect.articles_per_day_min
    if least is None or days[-1].new >= least or signs:
        return None
    return Judgement(source.name, causes()["silent"], f"{days[-1].new} new articles, at least {least} expected of it")


def _empty(source: Source, days: Sequence[SourceDay]) -> Judgement | None:
    """Fields that no page of the source has ever had."""
    fields = empty_fields(days, source.expect.empty_fields)
    if not fields:
        return None
    texts = sum(day.texts for day in days)
    detail = f"{', '.join(fields)}: empty on all of {texts} texts"
    return Judgement(source.name, causes()["empty-field"], detail, lacking=tuple(fields))
