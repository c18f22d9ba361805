"""Alerts: opened by a new judgement, kept while it stands, ended when it no longer does; in the lake's state."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from flows.reports.drift.causes import causes
from flows.reports.drift.judgement import Judgement
from flows.reports.drift.signals import PAGES_CONCLUSIVE
from spiders.system.private_files import private_folder
from spiders.system.whole_file import write_whole

log = logging.getLogger(__name__)

# What lasts longer has become usual: its days then count as history, and the alert ends if nothing else changes.
ACCEPTED_DAYS = 28
# Ended alerts are kept for the report of a season.
KEPT_DAYS = 90
# An alert of a source with too few pages to conclude anything ends when it was not seen for so long.
UNSEEN_DAYS = 7
EVERYWHERE = "*"
"""Source of an alert that concerns no single source: the network is down."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that needs a person, or did. Open as long as ``ended_at`` is None. Times are ISO 8601, UTC."""

    source: str
    cause: str  # name in causes.toml
    says: str
    detail: str
    remedy: str
    since: str  # the first day on which it was seen, YYYY-MM-DD
    opened_at: str
    seen_at: str  # the last run that saw it
    ended_at: str | None = None
    examples: tuple[str, ...] = ()  # URLs

    @property
    def key(self) -> tuple[str, str]:
        """One source has one open alert for each cause."""
        return self.source, self.cause

    @property
    def is_open(self) -> bool:
        """Whether it still needs attention."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class Changes:
    """What a run changed: what to notify about, each once."""

    opened: tuple[Alert, ...] = ()
    ended: tuple[Alert, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertBook:
    """All alerts that are known, oldest first."""

    alerts: tuple[Alert, ...] = ()
    judged: Mapping[str, str] = field(default_factory=dict)  # source → last day that was judged, YYYY-MM-DD

    @property
    def open(self) -> tuple[Alert, ...]:
        """Those that are open."""
        return tuple(alert for alert in self.alerts if alert.is_open)

    def unusual_days(self, source: str, today: date) -> frozenset[date]:
        """Days on which a source was alarmed: no measure of what is usual, unless the change is accepted by now."""
        found: set[date] = set()
        for alert in self.alerts:
            if alert.source in (source, EVERYWHERE):
                last = date.fromisoformat(alert.ended_at[:10]) if alert.ended_at else today
                days = (last - date.fromisoformat(alert.since)).days
                if days <= ACCEPTED_DAYS:
                    found |= {last - timedelta(days=n) for n in range(days + 1)}
        return frozenset(found)


def updated(
    book: AlertBook,
    judged: Mapping[str, Sequence[Judgement]],
    day: date,
    now: datetime,
    examples: Mapping[tuple[str, str], Sequence[str]],
    pages: Mapping[str, int],
) -> tuple[AlertBook, Changes]:
    """The book after a run.

    Args:
        book: as before it.
        judged: source → what is wrong with it; sources that were not crawled are absent, and their alerts stay.
        day: of the run.
        now: of the run, UTC.
        examples: (source, cause) → URLs.
        pages: source → pages that the day brought: few of them do not show that a layout or a text is as it was.
    """
    instant = now.isoformat(timespec="seconds")
    standing = {(j.source, j.cause.name): j for several in judged.values() for j in several}
    kept: list[Alert] = []
    ended: list[Alert] = []
    for alert in book.alerts:
        judgement = standing.pop(alert.key, None) if alert.is_open else None
        if judgement is not None:
            shown = tuple(examples.get(alert.key, ())) or alert.examples
            kept.append(replace(alert, detail=judgement.detail, seen_at=instant, examples=shown))
        elif alert.is_open and alert.source in judged and _is_over(alert, pages.get(alert.source, 0), now):
            ended.append(replace(alert, ended_at=instant))
            kept.append(ended[-1])
        else:
            kept.append(alert)
    opened = [_opened(judgement, day, instant, examples.get(key, ())) for key, judgement in sorted(standing.items())]
    oldest = (now - timedelta(days=KEPT_DAYS)).isoformat()
    alerts = [alert for alert in (*kept, *opened) if alert.is_open or (alert.ended_at or "") >= oldest]
    seen = {**book.judged, **{source: day.isoformat() for source in judged}}
    return AlertBook(tuple(alerts), seen), Changes(tuple(opened), tuple(ended))


def _is_over(alert: Alert, pages: int, now: datetime) -> bool:
    """Whether a day without a judgement shows that the alert's reason is gone."""
    cause = causes().get(alert.cause)
    if alert.source == EVERYWHERE or alert.cause == "empty-field":
        needed = 0  # neither depends on what this day brought
    elif alert.cause != "silent" and cause is not None and (cause.signals or cause.reasons):
        needed = PAGES_CONCLUSIVE
    else:
        needed = 1
    return pages >= needed or now - datetime.fromisoformat(alert.seen_at) > timedelta(days=UNSEEN_DAYS)


def _opened(judgement: Judgement, day: date, instant: str, examples: Iterable[str]) -> Alert:
    cause = judgement.cause
    return Alert(
        judgement.source,
        cause.name,
        cause.says,
        judgement.detail,
        cause.remedy.replace("NAME", judgement.source),
        since=day.isoformat(),
        opened_at=instant,
        seen_at=instant,
        examples=tuple(examples),
    )


def alerts_file(root: Path) -> Path:
    """Where the alerts of a lake are stored."""
    return root / "state" / "alerts.json"


def read_alerts(root: Path) -> AlertBook:
    """The alerts of a lake; none where nothing was judged yet."""
    try:
        read = json.loads(alerts_file(root).read_text(encoding="utf-8"))
        alerts = [Alert(**{**one, "examples": tuple(one.get("examples", ()))}) for one in read["alerts"]]
        return AlertBook(tuple(alerts), dict(read["judged"]))
    except FileNotFoundError:
        return AlertBook()
    except (OSError, ValueError, TypeError, KeyError) as error:
        log.warning("%s cannot be read (%s): whatever is still wrong opens again", alerts_file(root), error)
        return AlertBook()


def write_alerts(root: Path, book: AlertBook) -> None:
    """Store the alerts of a lake, whole or not at all."""
    private_folder(root / "state")
    content = {"alerts": [asdict(alert) for alert in book.alerts], "judged": dict(book.judged)}
    write_whole(alerts_file(root), json.dumps(content, ensure_ascii=False, indent=1) + "\n")
