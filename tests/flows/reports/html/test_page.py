"""The report answers first, needs nothing from elsewhere, and shows hostile texts as text."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import lxml.html
import pytest
from lxml.html import HtmlElement
from typer.testing import CliRunner

from flows.cli.app import app
from flows.reports.drift.watch import watch
from flows.reports.html.page import render_report, write_report
from flows.reports.wording import link, plain
from tests.flows.reports.weeks import FIRST, Event, Site, Weeks

pytestmark = pytest.mark.slow

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202egnp.exe\u202c and \u2067isolated",
    "A" * 5_000,
    "{{ 7 * 7 }} ${jndi} $x_{1}$ &amp; </title></style>",
    "line\nbreak\x00\x1b[31m",
)
SITES = (Site("lively", pace=20, rejects=0.3), Site("mirror", pace=9, copies_of="lively"), Site("<b>odd</b>", pace=6))
DAYS = 12


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Weeks:
    """A lake of twelve days, in which one site closes its robots.txt on the last; its texts carry hostile titles."""
    events = (Event("lively", "robots", DAYS - 1),)
    made = Weeks(tmp_path_factory.mktemp("page"), sites=SITES, events=events, titles=HOSTILE)
    end = [end for _, end in made.run(DAYS)][-1]
    catalogue = Weeks.catalogue(Weeks(made.root, sites=SITES[:2]))
    watch(made.root, catalogue, made.frontier.engine, end)
    return made


@pytest.fixture(scope="module")
def html(weeks: Weeks) -> str:
    return render(weeks)


@pytest.fixture(scope="module")
def page(html: str) -> HtmlElement:
    return lxml.html.fromstring(html)


def render(weeks: Weeks) -> str:
    now = weeks.moment(DAYS - 1) + timedelta(hours=2)
    return render_report(weeks.root, {}, weeks.frontier.engine, FIRST, FIRST + timedelta(days=DAYS), now)


def test_the_answer_comes_first_and_what_needs_a_person_next(page: HtmlElement) -> None:
    assert page.xpath("string(//h1)") == "2 of 3 sources are whole; 1 thing needs you."
    alert = page.xpath("//article[@class='alert']")[0].text_content()
    assert "robots.txt forbids" in alert
    assert "since 2026-10-30" in alert
    assert len(page.xpath("//article[@class='alert']//li/a")) == 3


def test_it_loads_nothing_and_runs_nothing(page: HtmlElement, html: str) -> None:
    assert page.xpath("//script | //img | //link | //iframe | //object | //embed | //form | //base") == []
    assert [name for element in page.iter() for name in element.attrib if name.lower().startswith("on")] == []
    assert re.findall(r"url\((?!#)|@import|src=", html) == ["src="]  # a hostile title's, as text
    assert "default-src 'none'" in page.xpath("string(//meta[@http-equiv]/@content)")
    outside = {href for href in page.xpath("//a/@href") if not href.startswith("#")}
    assert outside
    assert all(href.startswith("https://") and ".example/" in href for href in outside)


def test_hostile_titles_are_shown_as_text_and_cut(page: HtmlElement, html: str) -> None:
    shown = page.text_content()
    for title in HOSTILE[:2]:
        assert title in shown
    assert "{{ 7 * 7 }} ${jndi} $x_{1}$ &amp; </title></style>" in shown
    assert "A" * 201 not in shown
    assert "A" * 199 + "…" in shown
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\x1b]", html)
    assert "\ufffdgnp.exe\ufffd" in shown


def test_every_chart_has_its_words_and_ids_are_not_shared(page: HtmlElement) -> None:
    drawings = page.xpath("//svg")
    assert len(drawings) >= 10
    assert all(drawing.get("aria-label") for drawing in drawings)
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("key", ["yield", "days", "outcomes", "rejected", "fields", "length", "doubtful", "removed",
                                 "copies", "latency", "revisions", "runs", "disk"])  # fmt: skip
def test_every_section_has_a_sentence_figures_and_the_way_to_its_rows(page: HtmlElement, key: str) -> None:
    section = page.xpath(f"//section[@id='{key}']")[0]
    assert section.xpath("string(p[@class='says'])").endswith(".")
    assert section.xpath(".//svg | .//table")
    assert section.xpath("p[@class='rows']/code")


def test_the_numbers_are_those_of_the_lake(weeks: Weeks, page: HtmlElement) -> None:
    import duckdb

    lively = "SELECT count(*) FROM read_parquet(?) WHERE source = 'lively' AND fate IN ('article', 'duplicate')"
    with duckdb.connect() as db:
        expected = db.execute(lively, [str(weeks.root / "index/published/*/*.parquet")]).fetchone()
    assert expected is not None
    captions = [c.text_content() for c in page.xpath("//section[@id='yield']//figcaption")]
    assert f"lively · {expected[0]:,}" in captions
    with duckdb.connect() as db:
        copies = db.execute("SELECT count(*) FROM read_parquet(?)", [str(weeks.root / "duplicates/*/*.parquet")])
        count = copies.fetchone()
    assert count is not None
    assert page.xpath("string(//section[@id='copies']//td[1])") == str(count[0])
    cells = page.xpath("//section[@id='days']//tr[th='lively']/td/@title")
    assert len(cells) > DAYS - 2


def test_the_same_lake_gives_the_same_bytes(weeks: Weeks, html: str) -> None:
    assert render(weeks) == html


def test_an_empty_lake_has_a_report_too(tmp_path: Path) -> None:
    now = datetime(2026, 11, 24, 6, tzinfo=UTC)
    (tmp_path / "lake").mkdir()
    file = write_report(tmp_path / "lake", {}, None, now=now)
    assert file == tmp_path / "lake" / "reports" / "report.html"
    assert "Nothing was crawled in these days." in file.read_text(encoding="utf-8")


def test_a_lake_of_an_earlier_release_lacks_columns_and_has_a_report_all_the_same(weeks: Weeks, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    lake = tmp_path / "old"
    shutil.copytree(weeks.root, lake)
    for file in lake.glob("articles/*/*.parquet"):
        table = pq.read_table(file, partitioning=None)
        pq.write_table(table.drop_columns(["text_confidence"]), file)
    html = render_report(lake, {}, None, FIRST, FIRST + timedelta(days=DAYS), weeks.moment(DAYS))
    assert "lively" in html


def test_the_command_writes_it_for_the_days_that_were_asked_for(weeks: Weeks, tmp_path: Path) -> None:
    output = tmp_path / "page.html"
    asked = ["report", "--lake", str(weeks.root), "--from", str(FIRST), "--to", str(FIRST + timedelta(days=2))]
    ran = CliRunner().invoke(app, [*asked, "--out", str(output)])
    assert ran.exit_code == 0, ran.output
    read = lxml.html.fromstring(output.read_text(encoding="utf-8"))
    days = {cell.text_content() for cell in read.xpath("//section[@id='yield']//tbody/tr/td[1]")}
    assert days == {str(FIRST + timedelta(days=n)) for n in range(3)}


def test_the_command_names_days_that_are_the_wrong_way_round(weeks: Weeks) -> None:
    asked = ["report", "--lake", str(weeks.root), "--from", "2026-11-02", "--to", "2026-11-01"]
    ran = CliRunner().invoke(app, asked)
    assert ran.exit_code != 0
    assert "--from 2026-11-02 is after --to 2026-11-01" in str(ran.exception)


def test_alerts_are_listed_for_a_person_and_for_a_monitor(weeks: Weeks) -> None:
    import json

    ran = CliRunner().invoke(app, ["alerts", "--lake", str(weeks.root), "--json"])
    assert ran.exit_code == 1
    assert [(a["source"], a["cause"], a["since"]) for a in json.loads(ran.stdout)] == [
        ("lively", "robots-closed", "2026-10-30")
    ]
    shown = CliRunner().invoke(app, ["alerts", "--lake", str(weeks.root)], env={"COLUMNS": "200"})
    assert "2026-10-30" in shown.stdout


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "https://a\u202eb/", "//x", "http://[", ""])
def test_only_addresses_of_the_web_become_links(url: str) -> None:
    assert link(url) == ""
    assert link("https://example.org/a?b=c") == "https://example.org/a?b=c"


def test_a_text_is_one_line_of_bounded_length() -> None:
    assert plain("a\nb\u2028c") == "a\ufffdb\ufffdc"
    assert len(plain("x" * 5_000)) == 200


def test_long_ranges_are_put_together_into_weeks_and_months() -> None:
    from flows.reports.html.yields import _columns

    start = date(2026, 1, 1)
    assert len(_columns([start, start + timedelta(days=30)])) == 31
    weekly = _columns([start + timedelta(days=n) for n in range(200)])
    assert weekly[0][0] == "2026-W01"
    assert _columns([start + timedelta(days=n) for n in range(900)])[0][0] == "2026-01"
