"""A webhook and a mail server on loopback get each message once; what could not be delivered is delivered later."""

from __future__ import annotations

import json
import socketserver
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli.app import app
from flows.reports.drift.alerts import Alert, Changes
from flows.reports.notifications import (
    Outbox,
    TargetError,
    mail_target,
    masked,
    notify_changes,
    outbox_file,
    read_outbox,
    send,
    webhook_target,
    write_outbox,
)

OPENED = Alert(
    "coast-herald",
    "robots-closed",
    "robots.txt forbids what was fetched until now",
    "5 of 5 pages: robots\u202e\x1b[31m",
    "ask the publisher",
    "2026-11-24",
    "2026-11-24T05:00:00+00:00",
    "2026-11-24T05:00:00+00:00",
    examples=("https://coast-herald.example/1",),
)


class Hook(BaseHTTPRequestHandler):
    """Notes every document that is posted to it."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(json.loads(body))  # type: ignore[attr-defined]
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Mail(socketserver.StreamRequestHandler):
    """The least of SMTP that takes a mail (RFC 5321)."""

    def handle(self) -> None:
        self.wfile.write(b"220 loopback\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                mail = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    mail += part
                self.server.got.append(mail.decode())  # type: ignore[attr-defined]
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return


@contextmanager
def served(kind: str, port: int = 0, status: int = 200) -> Iterator[tuple[int, list[object]]]:
    server: socketserver.TCPServer
    if kind == "hook":
        HTTPServer.allow_reuse_address = True
        server = HTTPServer(("127.0.0.1", port), Hook)
    else:
        server = socketserver.TCPServer(("127.0.0.1", port), Mail)
    got: list[object] = []
    server.got, server.status = got, status  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1], got
    finally:
        server.shutdown()
        server.server_close()


def test_setup_stores_the_targets_privately_and_test_reaches_each_once(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    with served("hook") as (web, posted), served("mail") as (smtp, mailed):
        lake = ["--lake", str(tmp_path)]
        hook = ["--webhook", f"http://127.0.0.1:{web}/hook"]
        mail = ["--email", "you@example.org", "--smtp", f"smtp://127.0.0.1:{smtp}"]
        ran = CliRunner().invoke(app, ["alerts", "setup", *lake, *hook, *mail])
        assert ran.exit_code == 0, ran.output
        assert stat.S_IMODE(outbox_file(tmp_path).stat().st_mode) == 0o600
        ran = CliRunner().invoke(app, ["alerts", "test", *lake])
        assert ran.exit_code == 0, ran.output
        assert [p["title"] for p in posted if isinstance(p, dict)] == ["newsmill: a test"]
        assert len(mailed) == 1
        assert "newsmill: a test" in str(mailed[0])
        assert "you@example.org" in str(mailed[0])


def test_a_run_tells_what_opened_and_ended_once(tmp_path: Path) -> None:
    with served("hook") as (port, posted):
        write_outbox(tmp_path, Outbox((webhook_target(f"http://127.0.0.1:{port}/"),)))
        notify_changes(tmp_path, Changes(opened=(OPENED,)))
        notify_changes(tmp_path, Changes())
        assert len(posted) == 1
        document = posted[0]
        assert isinstance(document, dict)
        assert document["title"] == "newsmill: 1 new"
        assert "coast-herald: robots.txt forbids" in document["message"]
        assert "https://coast-herald.example/1" in document["message"]
        assert "\u202e" not in document["message"]
        assert "\x1b" not in document["message"]


def test_what_a_target_missed_it_gets_with_the_next_run_and_the_others_do_not_get_it_twice(tmp_path: Path) -> None:
    with served("hook") as (port, up), served("hook", status=503) as (failing, _):
        targets = tuple(webhook_target(f"http://127.0.0.1:{p}/") for p in (port, failing))
        write_outbox(tmp_path, Outbox(targets))
        notify_changes(tmp_path, Changes(opened=(OPENED,)))
        assert [m.waiting_for for m in read_outbox(tmp_path).waiting] == [(targets[1],)]
    with served("hook", port) as (_, up_again), served("hook", failing) as (_, mended):
        notify_changes(tmp_path, Changes())
        assert (len(up), len(up_again), len(mended)) == (1, 0, 1)
    assert read_outbox(tmp_path).waiting == ()


def test_nothing_is_sent_where_nothing_was_set_up_or_the_file_is_broken(tmp_path: Path) -> None:
    assert send(tmp_path, [("title", "body")]) == {}
    write_outbox(tmp_path, Outbox(("json://127.0.0.1:1/",)))
    outbox_file(tmp_path).write_text("{", encoding="utf-8")
    assert send(tmp_path, [("title", "body")]) == {}


@pytest.mark.parametrize("url", ["ftp://example.org", "example.org/hook", "https://"])
def test_a_webhook_that_is_none_is_refused_with_the_remedy(url: str) -> None:
    with pytest.raises(TargetError, match="full address"):
        webhook_target(url)


def test_services_that_are_known_by_their_address_get_their_own_form() -> None:
    slack = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    assert webhook_target(slack) == slack
    assert webhook_target("https://example.org/a?b=c") == "jsons://example.org/a?b=c"


def test_secrets_are_masked_and_mail_servers_are_checked() -> None:
    target = mail_target("you@example.org", "smtps://user:secret@smtp.example.org:587")
    assert "secret" not in masked(target)
    with pytest.raises(TargetError, match="smtps://USER"):
        mail_target("you@example.org", "smtp.example.org")
    with pytest.raises(TargetError, match="mail address"):
        mail_target("you", "smtp://localhost:25")
