"""The index made anew from the tables: the same, so far as the tables tell."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pyarrow.compute as pc
import pytest

from cleaning.records import Article
from cleaning.schema.arrow import to_table
from flows.duplicates.detector import FingerprintIndex
from flows.duplicates.index_rebuild import rebuild
from flows.lake.store import Lake, partition
from tests.cleaning.duplicates.news import article as news
from tests.cleaning.duplicates.news import cut, edited
from tests.flows.duplicates.test_detector import START, copies, index_bytes, made, publish


def publish_day(root: Path, *articles: Article) -> None:
    """Decide on the articles of one day, and commit tables and index."""
    batch = to_table(Article, articles)
    decisions = FingerprintIndex(root).decide(batch)
    stays = pc.is_in(batch.column("article_id"), pc.cast(decisions.canonical, batch.column("article_id").type))
    day = articles[0].published_date
    lake = Lake(root)
    with lake.write_lock():
        lake.commit(
            {
                partition("articles", day): batch.filter(stays),
                partition("duplicates", day): decisions.duplicates,
                **decisions.partitions,
            }
        )


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Three days with a near copy, a cut one, a round-up of two articles, and a site's notice on every page."""
    notice = "\n".join(news(900, sentences=2).split("\n"))
    publish_day(tmp_path, *(made(7 * n, f"{notice}\n{news(n)}") for n in range(5)), made(50, news(50)))
    publish_day(tmp_path, made(1, cut(news(50, sentences=20), 0.4), day=1), made(61, edited(news(50), 0.05), day=1))
    publish_day(tmp_path, made(70, f"{news(3)}\n{news(50)}", day=40))
    return Lake(tmp_path)


@pytest.mark.slow
def test_an_index_that_was_lost_comes_back_byte_for_byte(lake: Lake) -> None:
    before = index_bytes(lake.root)
    assert not rebuild(lake).changed
    shutil.rmtree(lake.root / "index")
    report = rebuild(lake)
    assert (report.days, report.documents) == (3, 9)
    assert set(report.changed) == set(before)
    assert index_bytes(lake.root) == before


@pytest.mark.slow
def test_what_comes_later_is_decided_as_with_the_old_index(
    lake: Lake, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("rebuilt") / "lake"
    shutil.copytree(lake.root, other)
    shutil.rmtree(other / "index")
    rebuild(Lake(other))
    later = [made(80, edited(news(50), 0.06, seed=4), day=3), made(81, news(2).upper(), day=3)]
    with_old, with_new = publish(lake.root, *later), publish(other, *later)
    assert copies(with_old)
    assert with_new.duplicates == with_old.duplicates


def test_days_that_the_tables_do_not_have_leave_the_index(lake: Lake) -> None:
    gone = (START + timedelta(days=40)).date()
    with lake.write_lock():
        lake.commit({partition("articles", gone): None, partition("duplicates", gone): None})
    assert rebuild(lake).documents == 8
    assert not list(lake.root.glob(f"index/*/date={gone}/*"))
    assert not (lake.root / f"index/keys/month={gone:%Y-%m}/part-0.parquet").exists()


def test_a_lake_without_articles_has_an_empty_index(tmp_path: Path) -> None:
    assert rebuild(Lake(tmp_path)).documents == 0
