"""A field that no article of a source has is an alarm, not a shrug."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cleaning.records import Article
from cleaning.schema.arrow import to_table
from flows.doctor.empty_fields import ARTICLES_MIN, check_empty_fields
from flows.doctor.findings import Severity
from flows.lake.store import Lake, partition
from tests.flows.rows import DAY, article


def lake(root: Path, rows: list[Article]) -> Path:
    made = Lake(root)
    with made.write_lock():
        made.commit({partition("articles", DAY): to_table(Article, rows)})
    return root


def test_a_source_without_any_author_is_named_and_one_with_some_is_not(tmp_path: Path) -> None:
    nameless = [replace(article(n, source="birch"), authors=()) for n in range(ARTICLES_MIN)]
    mixed = [replace(article(100 + n, source="alder"), authors=() if n else ("Ada Quill",)) for n in range(30)]
    few = [replace(article(200 + n, source="cedar"), authors=()) for n in range(ARTICLES_MIN - 1)]
    [finding] = check_empty_fields(lake(tmp_path, [*nameless, *mixed, *few]), DAY)
    assert finding.severity is Severity.WARNING
    assert f"authors is empty in all {ARTICLES_MIN} articles of birch" in finding.detail


def test_a_lake_without_articles_and_one_in_order_are_fine(tmp_path: Path) -> None:
    assert [found.severity for found in check_empty_fields(tmp_path, DAY)] == [Severity.OK]
    root = lake(tmp_path, [article(n) for n in range(ARTICLES_MIN)])
    assert [found.severity for found in check_empty_fields(root, DAY)] == [Severity.OK]
