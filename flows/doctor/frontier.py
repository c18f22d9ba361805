"""The frontier: its database, its lake, its outcomes, its leases and its times."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from flows.config import Settings
from flows.doctor.findings import Finding, ok, problem, warning
from spiders.frontier.database import FrontierError
from spiders.frontier.frontier import Frontier, default_path
from spiders.frontier.lake_identity import WrongLakeError, hold_to_lake
from spiders.frontier.outcomes import is_outcome
from spiders.frontier.tables import hosts, urls

# The longest delay that a stored time can mean: a host is asked again within a day, an article is revisited
# within some months.
HOST_AHEAD_SECONDS = 86_400.0
DUE_AHEAD_SECONDS = 400 * 86_400.0


def check_frontier(lake: Path, settings: Settings) -> Iterator[Finding]:
    """Everything that can be wrong with a frontier."""
    where = settings.frontier or default_path(lake)
    if settings.frontier is None and not default_path(lake).exists():
        yield ok("frontier", "none yet: nothing was crawled")
        return
    try:
        frontier = Frontier(where)
    except FrontierError as error:
        yield problem("frontier", str(error), "as it says")
        return
    except SQLAlchemyError as error:
        yield problem("frontier", str(error).splitlines()[0], _DATABASE)
        return
    try:
        yield from _check(frontier, lake)
    except SQLAlchemyError as error:
        yield problem("frontier", str(error).splitlines()[0], _DATABASE)
    finally:
        frontier.close()


_DATABASE = "check the setting frontier; a broken state/ledger.sqlite: restore it, or `sqlite3 FILE .recover`"


def _check(frontier: Frontier, lake: Path) -> Iterator[Finding]:
    engine = frontier.engine
    if engine.dialect.name == "sqlite":
        said = _one(engine, "PRAGMA integrity_check")
        if said != "ok":
            yield problem("frontier", f"SQLite: {said}", _DATABASE)
            return
    try:
        hold_to_lake(engine, lake)
    except WrongLakeError as error:
        yield problem("frontier", str(error), "as it says")
        return
    with engine.connect().execution_options(reading=True) as db:
        counts = dict(db.execute(select(urls.c.state, func.count()).group_by(urls.c.state)).tuples().all())
        outcomes = [row[0] for row in db.execute(select(urls.c.outcome).distinct()) if row[0] is not None]
        now = time.time()
        ahead = (
            db.scalar(select(func.count()).select_from(hosts).where(hosts.c.next_at > now + HOST_AHEAD_SECONDS)) or 0
        )
        due = db.scalar(select(func.count()).select_from(urls).where(urls.c.due_at > now + DUE_AHEAD_SECONDS)) or 0
    unknown = sorted(outcome for outcome in outcomes if not is_outcome(outcome))
    if unknown:
        yield problem("outcomes", f"outside the closed list: {', '.join(unknown)}", "newsmill failures --retry")
    if ahead or due:
        detail = f"{ahead} hosts and {due} URLs wait for a time later than any delay allows"
        yield problem("clock", detail, "set the machine's clock (timedatectl), then newsmill failures --retry")
    claimed = counts.get("claimed", 0)
    if claimed:
        yield warning(
            "leases", f"{claimed} URLs are claimed by crawl processes",
            "none while a crawl is running; otherwise the next crawl takes them back, or --fix does",
            partial(_recover, lake, str(engine.url.render_as_string(hide_password=False))),
        )  # fmt: skip
    detail = ", ".join(f"{number} {state}" for state, number in sorted(counts.items())) or "no URLs"
    yield ok("frontier", f"{detail}; every outcome known" if not unknown else detail)


def _recover(_lake: Path, url: str) -> None:
    frontier = Frontier(url)
    try:
        frontier.leases.recover()
    finally:
        frontier.close()


def _one(engine: Engine, statement: str) -> object:
    with engine.connect().execution_options(reading=True) as db:
        return db.execute(text(statement)).scalar()
