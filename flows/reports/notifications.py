"""Notifies by webhook, mail and chat service: each message once, kept until it could be delivered."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import quote, urlsplit

import apprise

from flows.reports.drift.alerts import EVERYWHERE, Alert, Changes
from flows.reports.wording import plain
from spiders.system.private_files import private_folder, write_private

log = logging.getLogger(__name__)

# Messages that wait for a target that cannot be reached; older ones are dropped, since the list of alerts has them.
WAITING_MAX = 50
# An address of an article or a server's words are shorter; what is longer is not for a mail.
LINE_CHARACTERS = 400


class TargetError(ValueError):
    """A target that cannot be used; the message says how to write one."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message, and the targets that have not got it yet."""

    title: str
    body: str
    waiting_for: tuple[str, ...]  # URLs of targets


@dataclass(frozen=True, slots=True)
class Outbox:
    """To whom to send, as Apprise URLs, which hold secrets; and what could not be delivered so far."""

    targets: tuple[str, ...] = ()
    waiting: tuple[Message, ...] = ()


def outbox_file(root: Path) -> Path:
    """Where targets and waiting messages are stored, readable by their owner only."""
    return root / "state" / "notifications.json"


def read_outbox(root: Path) -> Outbox:
    """A lake's targets and waiting messages; none where nothing was set up."""
    try:
        read = json.loads(outbox_file(root).read_text(encoding="utf-8"))
        waiting = tuple(Message(m["title"], m["body"], tuple(m["waiting_for"])) for m in read["waiting"])
        return Outbox(tuple(map(str, read["targets"])), waiting)
    except FileNotFoundError:
        return Outbox()
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning(
            "%s cannot be read (%s): nobody is notified; repeat newsmill alerts setup", outbox_file(root), error
        )
        return Outbox()


def write_outbox(root: Path, outbox: Outbox) -> None:
    """Store targets and waiting messages."""
    private_folder(root / "state")
    write_private(outbox_file(root), json.dumps(asdict(outbox), ensure_ascii=False, indent=1) + "\n")


def webhook_target(url: str) -> str:
    """The target for a webhook: its own service where Apprise knows the address (Slack, Discord, …), else plain JSON.

    Raises:
        TargetError: for anything but an http or https URL.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise TargetError(f"{url}: write the full address of the webhook, starting with https://")
    if _service(url) is not None:
        return url
    return ("jsons" if parts.scheme == "https" else "json") + url[len(parts.scheme) :]


def mail_target(address: str, smtp: str) -> str:
    """The target for a mail address.

    Args:
        address: of the recipient.
        smtp: the server: ``smtp://[USER:PASSWORD@]HOST[:PORT]``, or ``smtps://…`` for STARTTLS.

    Raises:
        TargetError: for an address or a server that is none.
    """
    parts = urlsplit(smtp)
    if "@" not in address.strip("@"):
        raise TargetError(f"{address}: write a mail address, such as you@example.org")
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise TargetError(f"{smtp}: write the mail server as smtps://USER:PASSWORD@HOST:PORT, or smtp://HOST:PORT")
    kind = "mailtos" if parts.scheme == "smtps" else "mailto"
    sender = parts.username if parts.username and "@" in parts.username else address
    return f"{kind}://{parts.netloc}/?from={quote(sender, safe='')}&to={quote(address, safe='')}&format=text"


def checked_target(url: str) -> str:
    """An Apprise URL that Apprise understands. Raises TargetError for another one."""
    if _service(url) is None:
        raise TargetError(f"{masked(url)}: not an Apprise URL; see https://github.com/caronc/apprise for their forms")
    return url


def masked(url: str) -> str:
    """A target without its secrets, for a terminal."""
    service = _service(url)
    shown = str(service.url(privacy=True)) if service is not None else ""  # type: ignore[no-untyped-call]
    return shown.partition("?")[0] or url.partition("://")[0] + "://…"


def notify_changes(root: Path, changes: Changes) -> None:
    """Send what a run opened and ended, in one message, to every target; and what could not be delivered before.

    A target that cannot be reached gets it with the next run. Nothing is raised: a run does not fail for its postman.
    """
    message = _message(changes)
    send(root, [message] if message else [])


def send(root: Path, messages: Iterable[tuple[str, str]] = ()) -> dict[str, bool]:
    """Deliver messages and whatever waits.

    Args:
        root: the lake's root folder.
        messages: titles and bodies.

    Returns:
        Target → whether everything for it was delivered; empty where nothing was set up.
    """
    outbox = read_outbox(root)
    if not outbox.targets:
        return {}
    new = [Message(title, body, outbox.targets) for title, body in messages]
    left = []
    for message in (*outbox.waiting, *new):
        failed = tuple(t for t in message.waiting_for if t in outbox.targets and not _deliver(t, message))
        if failed:
            left.append(replace(message, waiting_for=failed))
    waiting = tuple(left[-WAITING_MAX:])
    if waiting != outbox.waiting:
        write_outbox(root, replace(outbox, waiting=waiting))
    undelivered = {target for message in left for target in message.waiting_for}
    return {target: target not in undelivered for target in outbox.targets}


def _deliver(target: str, message: Message) -> bool:
    service = _service(target)
    if service is None:
        return False
    carrier = apprise.Apprise()
    carrier.add(service)
    done = carrier.notify(body=message.body, title=message.title, body_format=apprise.NotifyFormat.TEXT)
    if not done:
        log.warning("%s could not be notified; the next run tries again", masked(target))
    return bool(done)


def _service(url: str) -> apprise.NotifyBase | None:
    found = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    return found if isinstance(found, apprise.NotifyBase) else None


def _message(changes: Changes) -> tuple[str, str] | None:
    """Title and body for what a run changed; None where it changed nothing."""
    if not changes.opened and not changes.ended:
        return None
    counts = {"new": len(changes.opened), "over": len(changes.ended)}
    lines = [*_lines("NEW", changes.opened), *_lines("OVER", changes.ended)]
    return f"newsmill: {', '.join(f'{n} {word}' for word, n in counts.items() if n)}", "\n".join(lines)


def _lines(word: str, alerts: Sequence[Alert]) -> Iterable[str]:
    for alert in alerts:
        who = "all sources" if alert.source == EVERYWHERE else alert.source
        yield f"{word}: {who}: {alert.says} (since {alert.since})"
        if alert.is_open:
            yield f"  {plain(alert.detail, LINE_CHARACTERS)}"
            yield f"  Next: {alert.remedy}"
            yield from (f"  {plain(url, LINE_CHARACTERS)}" for url in alert.examples)
