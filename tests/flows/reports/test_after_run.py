"""After a run what opened is logged and sent, once; a lake that cannot be read fails no run."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.reports.after_run import alert_after_run
from flows.reports.drift.alerts import read_alerts
from flows.reports.notifications import Outbox, read_outbox, write_outbox
from tests.flows.reports.weeks import Event, Site, Weeks

pytestmark = pytest.mark.slow

LOG = logging.getLogger("run")
TODAY = datetime.now(UTC).date()


@pytest.fixture
def weeks(tmp_path: Path) -> Weeks:
    """A site that answers with 403 today, on its first day of crawling."""
    made = Weeks(tmp_path / "lake", sites=(Site("post", 12),), events=(Event("post", "blocked", 0),), first=TODAY)
    made.day(0)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "post.toml").write_text(
        'name = "post"\ntitle = "Post"\nhome = "https://post.example/"\nhosts = ["post.example"]\n', encoding="utf-8"
    )
    return made


def test_an_alert_is_logged_with_its_next_step_and_kept_for_a_target_that_is_down(
    weeks: Weeks, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_outbox(weeks.root, Outbox(("json://127.0.0.1:9/",)))
    caplog.set_level(logging.INFO)
    alert_after_run(weeks.root, tmp_path / "sources", weeks.frontier.engine, LOG)
    alert_after_run(weeks.root, tmp_path / "sources", weeks.frontier.engine, LOG)
    told = [record.getMessage() for record in caplog.records if record.getMessage().startswith("alert: ")]
    assert len(told) == 1
    assert "post: the publisher refuses this crawler (5 of 5 pages: http-403" in told[0]
    assert "next: do not work around it" in told[0]
    assert [a.cause for a in read_alerts(weeks.root).open] == ["blocked"]
    assert [m.title for m in read_outbox(weeks.root).waiting] == ["newsmill: 1 new"]


def test_a_lake_that_cannot_be_read_is_logged_and_fails_no_run(
    weeks: Weeks, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = weeks.root / "index" / "published" / f"date={TODAY}" / "part-0.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"PAR1 cut")
    alert_after_run(weeks.root, tmp_path / "sources", weeks.frontier.engine, LOG)
    assert "no source could be judged" in caplog.text
