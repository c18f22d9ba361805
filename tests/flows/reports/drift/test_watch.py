"""What befalls a site opens one alert with the right cause on that day, ends by itself, and others hear nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.reports.drift.alerts import EVERYWHERE, Changes, read_alerts
from flows.reports.drift.watch import watch
from tests.flows.reports.weeks import Event, Site, Weeks

pytestmark = pytest.mark.slow

SITES = tuple(Site(f"site-{n}", pace=14) for n in range(9))
DAYS, EVENT, OVER = 20, 16, 18
KINDS = {
    "layout": "layout-changed",
    "authors": "layout-changed",
    "silent": "silent",
    "robots": "robots-closed",
    "paywall": "paywall",
    "moved": "moved",
    "backdated": "backdated",
    "certificate": "certificate",
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, Changes]]:
    """What each day of three weeks opened and ended; each event befalls one site, and one site stays healthy."""
    events = [Event(f"site-{n}", kind, EVENT, OVER) for n, kind in enumerate(KINDS)]
    weeks = Weeks(tmp_path_factory.mktemp("weeks"), sites=SITES, events=events, seed=11)
    catalogue = weeks.catalogue()
    found = []
    for number, end in weeks.run(DAYS):
        if number >= EVENT - 2:
            found.append((number, watch(weeks.root, catalogue, weeks.frontier.engine, end)))
        if number == EVENT:
            again = watch(weeks.root, catalogue, weeks.frontier.engine, end)
            assert again == Changes(), "judging the same day again notified twice"
    return found


@pytest.mark.parametrize(("place", "kind"), list(enumerate(KINDS)))
def test_an_event_is_alarmed_on_its_day_with_its_cause_and_ends_by_itself(
    told: list[tuple[int, Changes]], place: int, kind: str
) -> None:
    source = f"site-{place}"
    opened = [(day, a.cause) for day, changes in told for a in changes.opened if a.source == source]
    ended = [(day, a.cause) for day, changes in told for a in changes.ended if a.source == source]
    assert opened == [(EVENT, KINDS[kind])]
    assert ended == [(OVER, KINDS[kind])]


def test_a_healthy_site_is_never_alarmed(told: list[tuple[int, Changes]]) -> None:
    assert not [a for _, changes in told for a in changes.opened if a.source == f"site-{len(KINDS)}"]


def test_an_alert_names_examples_where_there_are_pages_to_show(told: list[tuple[int, Changes]]) -> None:
    alerts = {a.source: a for _, changes in told for a in changes.opened}
    for place, kind in enumerate(KINDS):
        examples = alerts[f"site-{place}"].examples
        assert len(examples) == (0 if kind == "silent" else 3), kind
        assert all(url.startswith(f"https://site-{place}.example/") for url in examples)


def test_no_storm_when_the_network_is_down(tmp_path: Path) -> None:
    events = (Event("*", "network", 9, 11), Event("site-0", "silent", 9))
    weeks = Weeks(tmp_path, sites=SITES[:4], events=events)
    catalogue = weeks.catalogue()
    opened = {}
    for number, end in weeks.run(13):
        if number >= 7:
            changes = watch(tmp_path, catalogue, weeks.frontier.engine, end)
            opened[number] = [(a.source, a.cause) for a in changes.opened]
    assert opened[9] == [(EVERYWHERE, "network-down")]
    assert opened[10] == []
    assert opened[11] == [("site-0", "silent")]
    assert [a.cause for a in read_alerts(tmp_path).open] == ["silent"]


def test_a_field_that_is_empty_from_the_first_day_is_named_until_its_entry_says_so(tmp_path: Path) -> None:
    weeks = Weeks(tmp_path, sites=(Site("bare", pace=30, without=("image_url",)),))
    catalogue = weeks.catalogue()
    end = weeks.day(0)
    opened = watch(tmp_path, catalogue, weeks.frontier.engine, end).opened
    assert [(a.cause, a.detail.split(":")[0]) for a in opened] == [("empty-field", "image_url")]
    source = catalogue["bare"]
    expect = source.expect.model_copy(update={"empty_fields": ("image_url",)})
    known = {"bare": source.model_copy(update={"expect": expect})}
    assert [a.cause for a in watch(tmp_path, known, weeks.frontier.engine, weeks.day(1)).ended] == ["empty-field"]
    assert read_alerts(tmp_path).open == ()


def test_a_missed_day_is_judged_by_the_next_run_and_what_passed_meanwhile_is_told_to_nobody(tmp_path: Path) -> None:
    weeks = Weeks(tmp_path, sites=SITES[:3], events=(Event("site-1", "robots", 10, 11),))
    catalogue = weeks.catalogue()
    for number, end in weeks.run(13):
        if number in (9, 12):
            changes = watch(tmp_path, catalogue, weeks.frontier.engine, end)
    assert changes == Changes()
    past = [a for a in read_alerts(tmp_path).alerts if a.source == "site-1"]
    assert [(a.cause, a.is_open) for a in past] == [("robots-closed", False)]


def test_a_broken_list_of_alerts_is_reported_and_a_missing_one_is_empty(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert read_alerts(tmp_path).alerts == ()
    assert caplog.records == []
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "alerts.json").write_text('{"alerts": [', encoding="utf-8")
    assert read_alerts(tmp_path).alerts == ()
    assert "alerts.json cannot be read" in caplog.text
