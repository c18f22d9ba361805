"""The table ``coverage``: what became of each listed URL, counted from a real frontier and a real lake."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from cleaning.records import Hints
from cleaning.schema.arrow import to_table
from cleaning.urls import article_id
from flows.coverage.gaps import gaps
from flows.coverage.refresh import refresh_coverage
from flows.lake.index import Published, PublishedAs, published_path
from flows.lake.store import Lake
from spiders.frontier.endpoint_kinds import Kind, kind_bits
from spiders.frontier.frontier import DiscoveredUrl, FinishedTask, Frontier, Outcome
from spiders.frontier.tables import urls

DAY = datetime(2026, 7, 8, 9, tzinfo=UTC)
NOW = datetime(2026, 7, 8, 12, tzinfo=UTC)
HOST = "post.example"


class Site:
    """A source's frontier and lake; ``lists``, ``ends`` and ``publishes`` are what crawls and publishing do to them."""

    def __init__(self, root: Path) -> None:
        self.lake = Lake(root)
        self.frontier = Frontier(root / "state" / "ledger.sqlite", clock=NOW.timestamp)
        self._rows: list[Published] = []

    def lists(self, kind: Kind, *names: str, published: datetime | None = DAY) -> None:
        offers = [self._offer(name, kind, published) for name in names]
        self.frontier.enqueue("r1", offers)

    def _offer(self, name: str, kind: Kind, published: datetime | None) -> DiscoveredUrl:
        url = f"https://{HOST}/{name}"
        return DiscoveredUrl("post", url, url, HOST, Hints(published=published), listed_by=kind_bits([kind]))

    def ends(self, outcome: str, *names: str, detail: str | None = None) -> None:
        lease = self.frontier.leases.begin("r1")
        tasks = {task.url.rpartition("/")[2]: task for task in self.frontier.claim(lease, "post", HOST, 100)}
        self.frontier.finish("r1", [self._end(tasks.pop(name), name, outcome, detail) for name in names])
        self.frontier.release(tasks.values())

    def _end(self, task: Any, name: str, outcome: str, detail: str | None) -> FinishedTask:
        kept = outcome in (Outcome.FETCHED, Outcome.REVISION)
        place = (self._file(), hash(name) % 10**9) if kept else (None, None)
        return FinishedTask(task, outcome, NOW.timestamp(), detail, raw_file=place[0], raw_offset=place[1])

    def _file(self) -> str:
        return f"raw/source=post/date={NOW.date()}/r1-00000.warc.gz"

    def publishes(self, fate: PublishedAs, *names: str, day: datetime | None = DAY, reason: str | None = None) -> None:
        for name in names:
            url = f"https://{HOST}/{name}"
            self._rows = [row for row in self._rows if row.url != url]
            self._rows.append(
                Published(self._file(), hash(name) % 10**9, "r1", "post", url, NOW, article_id(url), fate, reason,
                          day.date() if day else None, "v1")
            )  # fmt: skip
        with self.lake.write_lock():
            self.lake.commit({published_path(f"{NOW:%Y-%m-%d}"): to_table(Published, self._rows)})

    def rows(self, day: date | None = None) -> dict[str, dict[str, Any]]:
        refresh_coverage(self.lake, self.frontier.engine)
        return {row["way"]: row for row in self.lake.read("coverage", [day or DAY.date()]).to_pylist()}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_every_listed_url_is_counted_once_for_all_ways_and_once_for_each_that_listed_it(site: Site) -> None:
    site.lists(Kind.FEED, "a", "b", "c")
    site.lists(Kind.SITEMAP, "b", "c", "d", "e", "f")
    site.ends(Outcome.FETCHED, "a", "b", "c")
    site.ends("http-404", "d")
    site.publishes(PublishedAs.ARTICLE, "a")
    site.publishes(PublishedAs.DUPLICATE, "b")
    site.publishes(PublishedAs.REJECTED, "c", reason="gallery", day=None)
    rows = site.rows()
    assert set(rows) == {"any", "feed", "sitemap"}
    assert [rows[way]["listed"] for way in ("any", "feed", "sitemap")] == [6, 3, 5]
    assert [rows[way]["listed_alone"] for way in ("any", "feed", "sitemap")] == [4, 1, 3]
    assert [rows[way]["listed_twice"] for way in ("any", "feed", "sitemap")] == [2, 2, 2]
    whole = rows["any"]
    assert [whole[name] for name in ("fetched", "articles", "copies", "rejected", "failed", "never_tried")] == [
        3, 1, 1, 1, 1, 2,
    ]  # fmt: skip
    assert dict(whole["reasons"]) == {"failed/http-404": 1, "rejected/gallery": 1}
    assert whole["missing"] == pytest.approx(1 * 3 / 3)
    assert whole["missing_low"] <= 1 <= whole["missing_high"]
    assert "1 could not be fetched, 2 not tried yet" in whole["gap"]
    for row in rows.values():
        assert row["listed"] == row["fetched"] + row["failed"] + row["never_tried"]


def test_a_url_moves_to_the_day_that_the_article_states(site: Site) -> None:
    site.lists(Kind.SECTION, "a", published=None)
    rows = site.rows(NOW.date())
    assert (rows["any"]["listed"], rows["any"]["undated"]) == (1, 1)
    site.ends(Outcome.FETCHED, "a")
    site.publishes(PublishedAs.ARTICLE, "a", day=DAY - timedelta(days=3))
    assert site.rows(NOW.date()) == {}
    moved = site.rows((DAY - timedelta(days=3)).date())["any"]
    assert (moved["listed"], moved["articles"], moved["undated"]) == (1, 1, 0)


def test_cleaning_again_is_counted_again_and_nothing_else_changes_a_byte(site: Site, tmp_path: Path) -> None:
    site.lists(Kind.FEED, "a", "b")
    site.ends(Outcome.FETCHED, "a", "b")
    site.publishes(PublishedAs.ARTICLE, "a", "b")
    assert site.rows()["any"]["articles"] == 2
    assert refresh_coverage(site.lake, site.frontier.engine) == []
    site.publishes(PublishedAs.REJECTED, "b", reason="section-page", day=None)
    assert site.rows()["any"]["rejected"] == 1
    site.lists(Kind.FEED, "a", "b")  # the same again
    assert refresh_coverage(site.lake, site.frontier.engine) == []


def test_a_redirect_counts_where_it_leads_to_under_the_ways_that_listed_it(site: Site) -> None:
    site.lists(Kind.FEED, "old")
    site.lists(Kind.SITEMAP, "new")
    lease = site.frontier.leases.begin("r1")
    tasks = {task.url.rpartition("/")[2]: task for task in site.frontier.claim(lease, "post", HOST, 100)}
    new = f"https://{HOST}/new"
    assert site.frontier.follow("r1", lease, tasks["old"], new, new, HOST) is None
    site.frontier.finish("r1", [FinishedTask(tasks["old"], Outcome.MOVED, NOW.timestamp(), new)])
    rows = site.rows()
    assert (rows["any"]["listed"], rows["feed"]["listed"], rows["any"]["listed_twice"]) == (1, 1, 1)


def test_a_day_that_was_counted_when_its_process_died_is_counted_by_the_next(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.lists(Kind.FEED, "a")
    with monkeypatch.context() as patched:
        patched.setattr(Lake, "commit", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            refresh_coverage(site.lake, site.frontier.engine)
    assert site.rows()["any"]["listed"] == 1


def test_a_frontier_of_an_earlier_release_is_counted_by_the_listing_that_it_remembers(site: Site) -> None:
    site.lists(Kind.FEED, "a", "b")
    with site.frontier.engine.begin() as db:
        db.execute(update(urls).values(listed_by=kind_bits([Kind.SITEMAP]), counted_day=None, uncounted=None))
    assert site.rows()["sitemap"]["listed"] == 2


def test_gaps_are_summed_over_days_with_an_estimate_of_their_own(site: Site) -> None:
    for back in range(30):
        day = DAY - timedelta(days=back)
        site.lists(Kind.FEED, f"{back}-a", f"{back}-b", published=day)
        site.lists(Kind.SITEMAP, f"{back}-b", f"{back}-c", published=day)
    site.rows()
    [found] = gaps(site.lake, None, None, None)
    assert (found.days, len(found.judged), found.listed) == (30, 30, 90)
    assert found.missing is not None
    assert found.missing.number == pytest.approx(30 * 30 / 31)
    assert "about 29" in found.said[0]
    [week] = gaps(site.lake, ["post"], (DAY - timedelta(days=6)).date(), DAY.date())
    assert (week.days, week.listed) == (7, 21)
    assert gaps(site.lake, ["other"], None, None) == []


def test_a_day_that_one_way_reaches_has_no_estimate_and_says_so(site: Site) -> None:
    site.lists(Kind.SITEMAP, "a", "b")
    row = site.rows()["any"]
    assert row["missing"] is None
    assert "only the sitemap reaches this day" in row["gap"]
    [found] = gaps(site.lake, None, None, None)
    assert "1 of 1 days reached by fewer than two ways" in found.said[0]
