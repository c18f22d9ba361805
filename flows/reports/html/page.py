"""Writes the report: collects the facts, makes the sections, renders the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from sqlalchemy import Engine

from cleaning import __version__
from flows.reports.drift.alerts import Alert
from flows.reports.history.database import opened
from flows.reports.html import running, texts, yields
from flows.reports.html.facts import Facts, collect
from flows.reports.html.section import Section
from flows.reports.wording import link, plain
from spiders.catalogue import Source
from spiders.system.whole_file import write_whole

# Five weeks: each weekday five times.
REPORT_DAYS = 35
NAME = "report.html"

SECTIONS: tuple[Callable[[Facts], Section], ...] = (
    yields.yield_section,
    yields.heat_map_section,
    yields.outcomes_section,
    yields.rejections_section,
    texts.fields_section,
    texts.length_section,
    texts.doubtful_section,
    texts.removals_section,
    texts.copies_section,
    texts.latency_section,
    texts.revisions_section,
    running.runs_section,
    running.disk_section,
    running.ended_section,
)


def default_days(now: datetime) -> tuple[date, date]:
    """The days of a report that was asked for none: the last five weeks."""
    return now.date() - timedelta(days=REPORT_DAYS - 1), now.date()


def render_report(
    root: Path, sources: Mapping[str, Source], engine: Engine | None, first: date, last: date, now: datetime
) -> str:
    """The page as HTML: the same lake, days and time give the same bytes.

    Args:
        root: the lake's root folder.
        sources: of the catalogue, by name.
        engine: the frontier's; None where nothing was crawled into this lake.
        first: first day of crawling (UTC), inclusive.
        last: last day, inclusive.
        now: shown as the time of the report, UTC.

    Raises:
        LakeError: for a lake whose files are not whole.
    """
    with opened(root, first, last) as db:
        facts = collect(root, sources, engine, db, first, last, now)
        answer, amounts = running.answer(facts)
        return render_page(
            answer=answer,
            amounts=amounts,
            attention=running.attention(facts),
            sections=[section(facts) for section in SECTIONS],
            first=first,
            last=last,
            now=now,
            lake=root,
        )


def render_page(
    *,
    answer: str,
    amounts: str,
    sections: Sequence[Section],
    first: date,
    last: date,
    now: datetime,
    lake: Path,
    attention: Sequence[Alert] = (),
) -> str:
    """A page of these sections as HTML, under its answer in one sentence and a second one with the amounts."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"plain": plain, "link": link}
    folder = resources.files("flows.reports.html")
    template = environment.from_string((folder / "report.html.j2").read_text(encoding="utf-8"))
    style = Markup((folder / "report.css").read_text(encoding="utf-8"))  # noqa: S704  ours, and a style is not escaped
    return template.render(
        answer=answer,
        amounts=amounts,
        attention=attention,
        headline=running.headline,
        sections=sections,
        first=first,
        last=last,
        now=now,
        lake=str(lake),
        version=__version__,
        style=style,
    )


def write_report(
    root: Path,
    sources: Mapping[str, Source],
    engine: Engine | None,
    *,
    first: date | None = None,
    last: date | None = None,
    output: Path | None = None,
    now: datetime | None = None,
) -> Path:
    """Write the report of some days of crawling, whole or not at all.

    Args:
        root: the lake's root folder.
        sources: of the catalogue, by name.
        engine: the frontier's; None where nothing was crawled into this lake.
        first: first day (UTC), inclusive; five weeks back if None.
        last: last day, inclusive; today if None.
        output: the file; ``reports/report.html`` in the lake if None.
        now: the present, UTC; for tests.

    Returns:
        The file.
    """
    now = now or datetime.now(UTC)
    since, today = default_days(now)
    last = last or today
    first = first or min(since, last)
    target = output or root / "reports" / NAME
    html = render_report(root, sources, engine, first, last, now)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, html)
    return target
