"""After a backfill: what the lake has of the range against what was expected, and every gap in words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from cleaning.records import Coverage
from cleaning.schema.arrow import to_table
from flows.lake.store import Lake, partition
from flows.reports.html.range_page import range_page
from flows.reports.range_report import RangeSource, answer, range_report, range_rows
from spiders.frontier.backfill_units import FAILED, FINISHED, Unit
from spiders.frontier.frontier import Frontier

POST, QUAY = "the-harbor-post", "quay-news"
FIRST, SECOND = date(2026, 7, 1), date(2026, 7, 2)


def row(source: str, day: date, listed: int, articles: int, failed: int = 0, gap: str | None = None) -> Coverage:
    reasons = {"failed/http-503": failed} if failed else {}
    return Coverage(
        source=source, published_date=day, way="any", reaches=True, listed=listed, listed_alone=0, listed_twice=listed,
        undated=0, fetched=listed - failed, articles=articles, copies=listed - failed - articles, rejected=0,
        failed=failed, never_tried=0, reasons=reasons, missing=None, missing_low=None, missing_high=None, gap=gap,
    )  # fmt: skip


def made(root: Path) -> list[RangeSource]:
    lake, frontier = Lake(root), Frontier(root / "state" / "ledger.sqlite")
    with lake.write_lock():
        whole = [row(POST, FIRST, 3, 2), row(QUAY, FIRST, 4, 4)]
        partly = [row(POST, SECOND, 5, 3, failed=2, gap="2 could not be fetched")]
        lake.commit({partition("coverage", FIRST): to_table(Coverage, whole)})
        lake.commit({partition("coverage", SECOND): to_table(Coverage, partly)})
    units = [Unit(POST, FIRST, FINISHED), Unit(POST, SECOND, FINISHED), Unit(QUAY, FIRST, FINISHED)]
    units.append(Unit(QUAY, SECOND, FAILED, detail="listings could not be read: http-503"))
    found = range_report(lake, frontier.engine, [POST, QUAY], units, FIRST, SECOND)
    frontier.close()
    return found


def test_each_source_says_what_came_what_failed_and_which_days_are_not_done(tmp_path: Path) -> None:
    quay, post = made(tmp_path)
    assert (post.days_done, post.listed, post.articles, post.copies, post.failed) == (2, 8, 5, 1, 2)
    assert "2 could not be fetched: 2 http-503" in post.said
    assert quay.days_done == 1
    assert quay.said[0] == (
        f"1 of 2 days are not done; call the backfill again ({SECOND}: listings could not be read: http-503)"
    )
    assert [(one.day, one.obtained, one.state) for one in quay.by_day] == [(FIRST, 4, FINISHED), (SECOND, 0, FAILED)]
    assert answer([quay, post]) == "0 of 2 sources are whole on these days: 9 articles, 1 copy"


def test_the_page_names_every_day_with_a_gap(tmp_path: Path) -> None:
    found = made(tmp_path)
    page = range_page(tmp_path, found, FIRST, SECOND, datetime(2026, 7, 3, tzinfo=UTC))
    assert "2 could not be fetched" in page
    assert "listings could not be read: http-503" in page
    assert [r["days done"] for r in range_rows(found)] == ["1 of 2", "2 of 2"]
