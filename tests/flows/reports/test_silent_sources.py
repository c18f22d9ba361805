"""A source that falls silent is named by itself, at its own pace, and one that only rests is not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from cleaning.schema.arrow import to_table
from flows.crawling.runs import Run, save_run
from flows.date_range import DateRange
from flows.lake.index import Published, PublishedAs, published_path
from flows.lake.store import Lake
from flows.reports.silent_sources import silent_sources
from spiders.catalogue import Source, load_catalogue
from tests.flows.conftest import Crawled

TODAY = datetime(2026, 11, 22, 5, tzinfo=UTC)
NAME = "al-mina"


@pytest.fixture
def source(crawled: Crawled) -> Source:
    return load_catalogue(crawled.sources)[NAME]


def history(root: Path, counts: Sequence[int], window: DateRange | None = None, name: str = "") -> None:
    """A lake where the source gave so many new articles on each of the last days, the last being today."""
    lake = Lake(root)
    for back, count in enumerate(reversed(counts)):
        then = TODAY - timedelta(days=back, minutes=20)
        run = Run(f"{then:%Y%m%dT%H%M%SZ}-{name or '000000'}", (NAME,), window)
        save_run(root, run)
        rows = [
            Published(
                raw_file=f"raw/source={NAME}/date={then.date()}/{run.run_id}-00000.warc.gz",
                raw_offset=n,
                run_id=run.run_id,
                source=NAME,
                url=f"https://example.org/{then.date()}/{n}",
                fetched_at=then,
                article_id=f"{back:016x}{n:016x}",
                fate=PublishedAs.ARTICLE,
                reason=None,
                published_date=then.date(),
                cleaned_with=None,
            )
            for n in range(count)
        ]
        if rows:
            with lake.write_lock():
                path = published_path(then.date().isoformat())
                present = lake.read_file(path)
                old = [Published(**row) for row in present.to_pylist()] if present is not None else []
                lake.commit({path: to_table(Published, [*old, *rows])})


@pytest.mark.parametrize(
    ("counts", "is_quiet"),
    [
        ([90, *[12] * 20, 0], True),  # a lively one: one day is enough
        ([90, *[12] * 20, 1], False),
        ([30, *[12, 11, 14, 9, 12, 10, 0] * 3, 13, 10, 12, 9, 12, 10, 0], False),  # rests on Sundays
        ([30, *[12, 11, 14, 9, 12, 10, 0] * 3, 13, 10, 12, 9, 12, 0, 0], True),
        ([5, *[1] * 20, 0, 0, 0], False),  # one a day: a week of silence is chance once in a thousand
        ([5, *[1] * 20, *[0] * 7], True),
        ([30, *[12, 11, 14, 9, 12, 10, 0] * 3, *[0] * 40], True),  # and stays named
        ([90, 12, 12, 0, 0], False),  # too young to have a pace
        ([0] * 20, False),  # never gave anything: that is a fault of its own, told elsewhere
    ],
)
def test_silence_is_told_where_it_is_longer_than_ever_and_improbable(
    tmp_path: Path, source: Source, counts: list[int], is_quiet: bool
) -> None:
    history(tmp_path, counts)
    told = silent_sources(tmp_path, {NAME: source}, TODAY)
    assert (NAME in told) == is_quiet
    if is_quiet:
        assert "nothing new on" in told[NAME]


def test_what_a_backfill_brought_is_no_pace_and_days_without_a_crawl_are_no_silence(
    tmp_path: Path, source: Source
) -> None:
    history(tmp_path, [3, *[1] * 20, 0])
    history(tmp_path, [*[500] * 5, 0], window=DateRange(date(2020, 1, 1), date(2020, 1, 31)), name="backfill")
    assert silent_sources(tmp_path, {NAME: source}, TODAY) == {}
    (tmp_path / "gap").mkdir()
    history(tmp_path / "gap", [90, *[12] * 15, 12])
    assert silent_sources(tmp_path / "gap", {NAME: source}, TODAY + timedelta(days=6)) == {}


def test_a_source_that_gives_less_than_its_entry_asks_for_is_named(tmp_path: Path, source: Source) -> None:
    history(tmp_path, [12] * 3)
    asking = {
        least: source.model_copy(
            update={"expect": source.expect.model_copy(update={"articles_per_day_min": least})},
        )
        for least in (12, 13)
    }
    assert silent_sources(tmp_path, {NAME: asking[12]}, TODAY) == {}
    assert "expected at least 13" in silent_sources(tmp_path, {NAME: asking[13]}, TODAY)[NAME]
