"""Exports hold exactly the chosen rows, leave out what is reserved and say why, and run nothing in a spreadsheet."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cleaning.records import Article, RightsRow
from cleaning.schema.arrow import to_table
from flows.exporting.export import export
from flows.exporting.selection import NOT_RECORDED, ExportError, Selection
from flows.lake.store import Lake, partition
from tests.flows.rows import DAY, NOON, article, put

NEXT = DAY + timedelta(days=1)


def lake_of(root: Path, *rows: Article, signals: Mapping[int, tuple[str, ...]] | None = None) -> Lake:
    """A lake of these articles; ``signals``: raw_offset → what it forbids."""
    lake = Lake(root)
    days = {row.published_date for row in rows}
    files: dict[str, pa.Table | None] = {
        partition("articles", day): to_table(Article, [r for r in rows if r.published_date == day]) for day in days
    }
    told = [
        RightsRow("", "", "post", NOON, 0, "noai", "header", "", NOON, "", "", forbids, rows[0].raw_file, offset, DAY)
        for offset, forbids in (signals or {}).items()
    ]
    files[partition("rights", DAY)] = to_table(RightsRow, told)
    put(lake, files)
    return lake


def allowed(number: int, *uses: str, **changes: object) -> Article:
    return replace(article(number), rights=uses, license="CC-BY-4.0", **changes)  # type: ignore[arg-type]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    later = replace(allowed(3, "search", "research", "train"), published_date=NEXT, source="other")
    rows = [allowed(1, "search", "research", "train", text='He said "=1+1", twice\n\nand left.'), allowed(2, "search")]
    return lake_of(tmp_path / "lake", *rows, later, signals={2: ("research", "train")})


def read(file: Path) -> list[dict[str, object]]:
    kind = file.suffix
    if kind == ".jsonl":
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    if kind == ".csv":
        with file.open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.DictReader(stream))
    if kind == ".parquet":
        return pq.read_table(file).to_pylist()
    if kind == ".duckdb":
        with duckdb.connect(str(file), read_only=True) as db:
            return db.execute("from articles").to_arrow_table().to_pylist()
    head, *body = openpyxl.load_workbook(file).active.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in body]


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet", "duckdb", "xlsx"])
def test_every_format_holds_the_same_rows(lake: Lake, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "out" / f"x.{kind}"
    done = export(lake, Selection(columns=("article_id", "title", "text", "word_count")), file, kind)
    stored = lake.read("articles", columns=["article_id", "title", "text", "word_count"]).to_pylist()
    assert [{**row, "word_count": int(str(row["word_count"]))} for row in read(file)] == stored
    assert done.receipt.rows == 3
    assert "`word_count`" in (file.parent / f"x.{kind}.dictionary.md").read_text()
    assert "CC-BY-4.0" in (file.parent / f"x.{kind}.licence.md").read_text()
    assert sorted(path.name for path in file.parent.iterdir()) == sorted(path.name for path in done.files)


def test_days_sources_and_columns_are_chosen(lake: Lake, tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    export(lake, Selection(start=NEXT, columns=("title", "source")), file, "jsonl")
    assert read(file) == [{"title": "Headline 3", "source": "other"}]
    export(lake, Selection(end=DAY, sources=("post",), columns=("title",)), file, "jsonl")
    assert read(file) == [{"title": "Headline 1"}, {"title": "Headline 2"}]
    assert export(lake, Selection(end=date(2000, 1, 1)), file, "jsonl").receipt.rows == 0


def test_what_is_reserved_is_left_out_and_the_receipt_says_by_what(tmp_path: Path) -> None:
    rows = [allowed(1, "search", "research", "train"), allowed(2, "search"), article(3)]
    lake = lake_of(tmp_path / "lake", *rows, signals={1: (), 2: ("research", "train")})
    file = tmp_path / "x.jsonl"
    done = export(lake, Selection(columns=("title",), use="train-ai"), file, "jsonl")
    assert read(file) == [{"title": "Headline 1"}]
    assert dict(done.receipt.left_out) == {"noai (header)": 1, NOT_RECORDED: 1}
    assert "noai (header) | 1" in done.files[2].read_text()
    done = export(lake, Selection(columns=("title",), use="search"), file, "jsonl")
    assert [row["title"] for row in read(file)] == ["Headline 1", "Headline 2"]


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1+1", "@SUM(1)", "\t=1", " =1", "＝1"])
def test_no_text_runs_in_a_spreadsheet(tmp_path: Path, text: str) -> None:
    lake = lake_of(tmp_path / "lake", allowed(1, title=text, authors=(text, "x")))
    done = export(lake, Selection(columns=("title", "authors", "word_count")), tmp_path / "x.csv", "csv")
    (row,) = read(tmp_path / "x.csv")
    assert (row["title"], row["authors"], row["word_count"]) == (f"'{text}", f"'{text}; x", "2")
    assert done.notes.total() == 2
    export(lake, Selection(columns=("title",)), tmp_path / "x.xlsx", "xlsx")
    cell = openpyxl.load_workbook(tmp_path / "x.xlsx").active["A2"]
    assert (cell.data_type, cell.value) == ("s", text)


def test_a_cell_that_is_too_long_is_cut_and_counted(tmp_path: Path) -> None:
    lake = lake_of(tmp_path / "lake", allowed(1, text="a" * 40_000))
    done = export(lake, Selection(columns=("text",)), tmp_path / "x.xlsx", "xlsx")
    assert len(str(read(tmp_path / "x.xlsx")[0]["text"])) == 32_767
    assert done.notes.total() == 1


def test_a_lake_of_an_earlier_release_is_read_with_nulls(tmp_path: Path) -> None:
    lake = lake_of(tmp_path / "lake", article(1))
    file = lake.root / partition("articles", DAY)
    old = pq.read_table(file).drop_columns(["license", "rights"])
    old = old.replace_schema_metadata({**(old.schema.metadata or {}), b"newsmill.schema_version": b"1.1"})
    pq.write_table(old, file)
    done = export(lake, Selection(columns=("title", "rights"), use=None), tmp_path / "x.jsonl", "jsonl")
    assert read(tmp_path / "x.jsonl") == [{"title": "Headline 1", "rights": None}]
    done = export(lake, Selection(use="search"), tmp_path / "x.jsonl", "jsonl")
    assert dict(done.receipt.left_out) == {NOT_RECORDED: 1}


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ({"table": "nothing"}, "no such table"),
        ({"columns": ("titel",)}, "titel: no column of articles"),
        ({"use": "fun"}, "search, research, train-ai"),
        ({"table": "removals", "use": "search"}, "table of texts"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(selection: dict[str, object], message: str) -> None:
    with pytest.raises(ExportError, match=message):
        Selection(**selection)  # type: ignore[arg-type]


def test_an_export_that_fails_leaves_nothing(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.exporting.writers.XLSX_ROWS", 2)
    with pytest.raises(ExportError, match="choose fewer days"):
        export(lake, Selection(), tmp_path / "out" / "x.xlsx", "xlsx")
    assert list((tmp_path / "out").iterdir()) == []


def test_the_bytes_are_the_same_each_time(lake: Lake, tmp_path: Path) -> None:
    digests = set()
    for name in ("a.parquet", "b.parquet"):
        export(lake, Selection(), tmp_path / name, "parquet")
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1
