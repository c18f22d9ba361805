from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from cleaning.records import Article
from cleaning.schema.arrow import to_table
from flows.duplicates.corpus import DedupError, dedup_lake
from flows.duplicates.detector import FingerprintIndex
from flows.lake.cluster_picture import UnknownClusterError, draw_cluster
from flows.lake.store import Lake, partition
from tests.cleaning.duplicates.news import article, cut, edited
from tests.flows.duplicates.test_detector import made


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A lake of one story of three texts, another story, and a round-up of both."""
    texts = [article(1), edited(article(1), 0.05), cut(article(1), 0.6), article(2), f"{article(1)}\n{article(2)}"]
    rows = [made(n, text, day=min(n, 1)) for n, text in enumerate(texts)]
    rows[0] = replace(rows[0], title='Harbour <reopens> & "thrives"')
    batch = to_table(Article, rows)
    decisions = FingerprintIndex(tmp_path).decide(batch)
    files = dict(decisions.partitions)
    for table, content in (
        ("articles", to_table(Article, [r for r in rows if r.article_id in decisions.canonical])),
        ("duplicates", decisions.duplicates),
    ):
        for day in set(content.column("published_date").to_pylist()):
            mask = [d == day for d in content.column("published_date").to_pylist()]
            files[partition(table, day)] = content.filter(mask)
    writer = Lake(tmp_path)
    with writer.write_lock():
        writer.commit(files)
    return tmp_path


def test_the_picture_shows_every_text_of_a_story_and_the_round_up(lake: Path) -> None:
    story = made(0, "").article_id
    drawn = draw_cluster(lake, story)
    root = ET.fromstring(drawn)
    words = " ".join("".join(e.itertext()) for e in root.iter())
    assert 'Harbour <reopens> & "thrives"' in words
    assert "4 texts" in words
    for what in ("the article", "near", "contained", "holds", "cut"):
        assert what in words
    assert len([e for e in root.iter() if e.tag.endswith("path")]) == 3
    assert draw_cluster(lake, story) == drawn


def test_an_unknown_story_is_refused_with_where_to_find_one(
    lake: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.raises(UnknownClusterError, match="column cluster_id"):
        draw_cluster(lake, "0" * 32)
    with pytest.raises(UnknownClusterError):
        draw_cluster(tmp_path_factory.mktemp("empty"), "0" * 32)


def test_a_whole_lake_is_deduplicated_anew_by_date_range(lake: Path, tmp_path: Path) -> None:
    report = dedup_lake(lake, tmp_path / "out")
    assert (report.documents, report.clusters, report.aggregates) == (5, 3, 1)
    later = dedup_lake(lake, tmp_path / "later", start=made(1, "", day=1).published_date)
    assert later.documents == 4
    with pytest.raises(DedupError, match="no articles from"):
        dedup_lake(lake, tmp_path / "none", end=made(1, "", day=-9).published_date)
