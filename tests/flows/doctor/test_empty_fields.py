"""A field that no article of a source has is an alarm, not a shrug."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cleaning.records import Article
from cleaning.schema.arrow import to_table
from flows.doctor.empty_fields import check_empty_fields
from flows.doctor.findings import Severity
from flows.lake.store import Lake, partition
from flows.reports.drift.signals import EMPTY_TEXTS
from tests.flows.rows import DAY, article


def lake(root: Path, rows: list[Article]) -> Path:
    made = Lake(root)
    with made.write_lock():
        made.commit({partition("articles", DAY): to_table(Article, rows)})
    return root


def test_a_source_without_any_author_is_named_and_one_with_some_is_not(tmp_path: Path) -> None:
    nameless = [replace(article(n, source="birch"), authors=()) for n in range(EMPTY_TEXTS)]
    mixed = [replace(article(100 + n, source="alder"), authors=() if n else ("Ada Quill",)) for n in range(30)]
    few = [replace(article(200 + n, source="cedar"), authors=()) for n in range(EMPTY_TEXTS - 1)]
    [finding] = check_empty_fields(lake(tmp_path, [*nameless, *mixed, *few]), tmp_path / "sources", DAY)
    assert finding.severity is Severity.WARNING
    assert f"authors is empty in all {EMPTY_TEXTS} articles of birch" in finding.detail


def test_a_lake_without_articles_and_one_in_order_are_fine(tmp_path: Path) -> None:
    assert [found.severity for found in check_empty_fields(tmp_path, tmp_path / "sources", DAY)] == [Severity.OK]
    root = lake(tmp_path, [article(n) for n in range(EMPTY_TEXTS)])
    assert [found.severity for found in check_empty_fields(root, tmp_path / "sources", DAY)] == [Severity.OK]


def test_a_field_that_the_catalogue_expects_to_be_empty_is_no_finding(tmp_path: Path) -> None:
    nameless = [replace(article(n, source="birch"), authors=()) for n in range(EMPTY_TEXTS)]
    root = lake(tmp_path, nameless)
    (tmp_path / "sources").mkdir()
    entry = 'name = "birch"\ntitle = "Birch"\nhome = "http://birch.example/"\nhosts = ["birch.example"]\n'
    file = tmp_path / "sources" / "birch.toml"
    for fields, severity in (('["tags"]', Severity.WARNING), ('["authors"]', Severity.OK)):
        file.write_text(f"{entry}[expect]\nempty_fields = {fields}\n", encoding="utf-8")
        assert [found.severity for found in check_empty_fields(root, tmp_path / "sources", DAY)] == [severity]
