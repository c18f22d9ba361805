"""`newsmill report` and `newsmill alerts`: whether the data is whole, as a page and as a list for a monitor."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from flows.cli.shared.console import (
    JsonOption,
    LakeOption,
    SourcesDirOption,
    UsageError,
    err,
    need_lake,
    out,
    print_json,
)
from flows.cli.shared.days import parse_range, refuse_reversed
from flows.cli.shared.frontier_access import existing_frontier, need_frontier

if TYPE_CHECKING:
    from flows.reports.drift.alerts import Alert


def report(
    *,
    lake: LakeOption,
    sources_dir: SourcesDirOption,
    start: Annotated[
        str | None, typer.Option("--from", help="First day of crawling, YYYY-MM-DD.", show_default="five weeks back")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", help="Last day of crawling, YYYY-MM-DD.", show_default="today")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="File to write.", show_default="reports/report.html in the lake"),
    ] = None,
) -> None:
    """Write one page that shows whether the data is whole: what came, what is missing, what the texts are like.

    The page needs nothing from elsewhere and runs no script: mail it, print it, put it behind any web server.
    """
    from flows.reports.html.page import write_report
    from spiders.catalogue import read_catalogue

    first, last = parse_range(start, end)
    if first and not last:
        refuse_reversed(first, datetime.now(UTC).date())
    need_lake(lake)
    if file is not None and file.is_dir():
        raise UsageError(f"{file} is a folder: name a file, such as {file / 'report.html'}")
    catalogue = read_catalogue(sources_dir)[0]
    with existing_frontier(lake) as frontier:
        engine = frontier.engine if frontier else None
        written = write_report(lake, catalogue, engine, first=first, last=last, output=file)
    err().print(f"wrote {written}")


alerts = typer.Typer(no_args_is_help=False)


@alerts.callback(invoke_without_command=True)
def list_alerts(
    context: typer.Context,
    *,
    lake: LakeOption,
    sources_dir: SourcesDirOption,
    check: Annotated[
        bool, typer.Option("--check", help="Judge the latest crawls now, as every daily run does.")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="Also those of the last 90 days that have ended.")] = False,
    json: JsonOption = False,
) -> None:
    """List what needs a person, since when, with the likely cause and what to do; exit code 1 when something does.

    For a monitor or a cron job: it reads what the daily runs leave in the lake, and asks no server.
    """
    from flows.reports.drift.alerts import read_alerts
    from flows.reports.drift.watch import watch
    from spiders.catalogue import read_catalogue

    if context.invoked_subcommand is not None:
        return
    need_lake(lake)
    if check:
        with need_frontier(lake) as frontier:
            watch(lake, read_catalogue(sources_dir)[0], frontier.engine)
    book = read_alerts(lake)
    shown = book.alerts if everything else book.open
    if json:
        print_json(list(shown))
    else:
        _print(shown, book.judged)
    if book.open:
        raise typer.Exit(1)


@alerts.command("setup")
def setup(
    *,
    lake: LakeOption,
    webhook: Annotated[
        list[str] | None,
        typer.Option("--webhook", help="Address to post to: JSON, or the own form of Slack, Discord, Teams."),
    ] = None,
    email: Annotated[list[str] | None, typer.Option("--email", help="Mail address; needs --smtp.")] = None,
    smtp: Annotated[str | None, typer.Option("--smtp", help="Mail server: smtps://USER:PASSWORD@HOST:PORT.")] = None,
    service: Annotated[
        list[str] | None, typer.Option("--apprise", help="Any Apprise URL, such as ntfy://ntfy.example.org/topic.")
    ] = None,
) -> None:
    """Set who is notified when an alert opens or ends; this replaces the earlier targets, and without any nobody is.

    Daily runs send one message for all that they changed. What cannot be delivered is tried again by the next run.
    """
    from flows.reports.notifications import (
        Outbox,
        TargetError,
        checked_target,
        mail_target,
        masked,
        webhook_target,
        write_outbox,
    )

    need_lake(lake)
    if email and not smtp:
        raise UsageError("--email needs a mail server: add --smtp smtps://USER:PASSWORD@HOST:PORT")
    try:
        targets = [webhook_target(url) for url in webhook or ()]
        targets += [mail_target(address, smtp or "") for address in email or ()]
        targets += [checked_target(url) for url in service or ()]
    except TargetError as error:
        raise UsageError(str(error)) from None
    write_outbox(lake, Outbox(tuple(targets)))
    for target in targets:
        err().print(f"will be notified: {escape(masked(target))}")
    err().print("try it: newsmill alerts test" if targets else "nobody is notified any more")


@alerts.command("test")
def send_test(*, lake: LakeOption) -> None:
    """Send one message to every target; exit code 1 when one could not be reached."""
    from flows.reports.notifications import masked, send

    need_lake(lake)
    body = f"This is what an alert of the lake {lake} looks like. Nothing is wrong."
    delivered = send(lake, [("newsmill: a test", body)])
    if not delivered:
        raise UsageError("nobody would be notified; set a target first: newsmill alerts setup --webhook URL")
    for target, done in delivered.items():
        out().print(f"{'reached' if done else 'NOT REACHED'}: {escape(masked(target))}")
    if not all(delivered.values()):
        raise typer.Exit(1)


def _print(shown: tuple[Alert, ...], judged: object) -> None:
    if not shown:
        out().print(
            "nothing needs you"
            if judged
            else "nothing was judged yet: the next daily run does, or: newsmill alerts --check"
        )
        return
    table = Table(title="alerts (UTC)", title_justify="left")
    for name in ("source", "since", "ended", "likely cause", "evidence", "what to do", "examples"):
        table.add_column(name, overflow="fold")
    for alert in shown:
        ended = (alert.ended_at or "")[:16].replace("T", " ")
        cells = (alert.source, alert.since, ended, alert.says, alert.detail, alert.remedy, "\n".join(alert.examples))
        table.add_row(*map(escape, cells))
    out().print(table)
