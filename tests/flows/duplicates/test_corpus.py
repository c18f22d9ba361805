from __future__ import annotations

import json
import random
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cleaning.duplicates.days import UNDATED
from flows.duplicates.corpus import dedup_files
from flows.duplicates.corpus_reader import BATCH_ROWS, DedupError, file_batches
from tests.cleaning.duplicates.news import article, cut, edited, report

TEXTS = [
    article(1),
    article(2),
    edited(article(1), 0.05),
    article(3),
    cut(article(2), 0.6),
    f"{article(1)}\n{article(3)}",
    article(3).upper(),
]
DAYS = [1, 1, 2, 2, 3, 3, 4]


def write(folder: Path, order: list[int], name: str = "set.parquet") -> Path:
    file = folder / name
    pq.write_table(
        pa.table(
            {
                "id": [10 + i for i in order],
                "text": [TEXTS[i] for i in order],
                "host": [f"site{i}.example" for i in order],
                "day": [DAYS[i] for i in order],
            }
        ),
        file,
    )
    return file


def clusters(out: Path) -> dict[object, object]:
    table = pq.read_table(out / "clusters.parquet")
    return dict(zip(table.column("id").to_pylist(), table.column("cluster_id").to_pylist(), strict=True))


def links(out: Path) -> set[tuple[object, object, str]]:
    rows = pq.read_table(out / "links.parquet").to_pylist()
    assert all(0 < r["score"] <= 1 for r in rows)
    return {(r["a"], r["b"], r["relation"]) for r in rows}


EXPECTED = {10: 10, 11: 11, 12: 10, 13: 13, 14: 11, 15: 15, 16: 13}


def test_files_are_deduplicated_and_every_link_is_told(tmp_path: Path) -> None:
    report = dedup_files([write(tmp_path, list(range(7)))], tmp_path / "out")
    assert clusters(tmp_path / "out") == EXPECTED
    assert links(tmp_path / "out") >= {
        (12, 10, "near"),
        (14, 11, "contained"),
        (16, 13, "exact"),
        (15, 10, "aggregate"),
        (15, 13, "aggregate"),
    }
    assert (report.documents, report.clusters, report.duplicates, report.aggregates) == (7, 4, 3, 1)
    table = pq.read_table(tmp_path / "out" / "clusters.parquet")
    assert table.column("id").type == table.column("cluster_id").type == pa.int64()
    assert table.column("is_canonical").to_pylist() == [i == c for i, c in clusters(tmp_path / "out").items()]


@pytest.mark.parametrize("seed", range(4))
def test_the_order_and_number_of_files_do_not_matter(tmp_path: Path, seed: int) -> None:
    order = random.Random(seed).sample(range(7), 7)
    dedup_files([write(tmp_path, list(range(7)), "whole.parquet")], tmp_path / "whole")
    halves = [write(tmp_path, order[:3], "a.parquet"), write(tmp_path, order[3:], "b.parquet")]
    dedup_files(halves, tmp_path / "halves")
    for name in ("clusters.parquet", "links.parquet"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "halves" / name).read_bytes()


def test_json_lines_with_urls_and_dates_give_the_same(tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    rows = [
        {"id": f"x{i}", "text": t, "url": f"https://www.site{i}.example/a", "date": f"2026-11-0{d}T08:00:00Z"}
        for i, (t, d) in enumerate(zip(TEXTS, DAYS, strict=True))
    ]
    file.write_text("\n".join(json.dumps(r) for r in rows) + "\n\n", encoding="utf-8")
    dedup_files([file], tmp_path / "out")
    assert clusters(tmp_path / "out") == {f"x{k - 10}": f"x{v - 10}" for k, v in EXPECTED.items()}


def test_text_alone_is_enough(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["a", "b", "c"], "text": [TEXTS[0], None, TEXTS[2]]}), tmp_path / "x.parquet")
    dedup_files([tmp_path / "x.parquet"], tmp_path / "out")
    assert clusters(tmp_path / "out") == {"a": "a", "b": "b", "c": "a"}


def test_documents_dated_further_apart_than_the_window_are_not_compared(tmp_path: Path) -> None:
    dedup_files([write(tmp_path, list(range(7)))], tmp_path / "out", window_days=0)
    assert clusters(tmp_path / "out")[12] == 12


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.csv", "id,text\n", "not a kind"),
        ("x.jsonl", '{"id": 1, "text": "a"}\n{"id": 2}\n', "line 2"),
        ("x.jsonl", '{"id": 1, "text": "a"\n', "line 1: not JSON"),
        ("x.jsonl", '{"id": 1, "text": "a"}\n{"id": 1, "text": "b"}\n', "id 1 stands there twice"),
        ("x.jsonl", '{"id": null, "text": "a"}\n', "no id"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_what_to_do(
    tmp_path: Path, name: str, content: str, says: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(DedupError, match=says):
        dedup_files([tmp_path / name], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_parquet_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"key": [1]}), tmp_path / "x.parquet")
    with pytest.raises(DedupError, match="no column id or text; it has key"):
        dedup_files([tmp_path / "x.parquet"], tmp_path / "out")
    with pytest.raises(DedupError, match="no file was given"):
        dedup_files([], tmp_path / "out")


def test_more_rows_than_a_batch_are_read_in_several(tmp_path: Path) -> None:
    count = BATCH_ROWS + 50
    texts = [f"number {i} of many short notes" for i in range(count - 1)]
    pq.write_table(pa.table({"id": range(count), "text": [TEXTS[0], *texts[1:], TEXTS[2]]}), tmp_path / "x.parquet")
    dedup_files([tmp_path / "x.parquet"], tmp_path / "out", rewrite_score=None)
    assert clusters(tmp_path / "out")[count - 1] == 0


def test_odd_dates_are_read_as_far_as_they_go_and_told_with_their_row(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    dates = ["2015-11-20", "2015-11", "2020", "Nov 3, 2020", "", "yesterday", None, "2020-11-03T10:00:00Z"]
    rows = [{"id": n, "text": article(n), "date": d} for n, d in enumerate(dates)]
    (tmp_path / "x.jsonl").write_text("\n".join(json.dumps(r) for r in rows), encoding="utf-8")
    (batch,) = file_batches([tmp_path / "x.jsonl"])
    days = [None if d == UNDATED else date(1970, 1, 1) + timedelta(days=d) for d in batch.days.tolist()]
    third = date(2020, 11, 3)
    assert days == [date(2015, 11, 20), date(2015, 11, 1), date(2020, 1, 1), third, None, None, None, third]
    told = " ".join(r.getMessage() for r in caplog.records)
    assert all(f"row {row}:" in told for row in (2, 3, 4, 6))
    assert not any(f"row {row}:" in told for row in (1, 5, 7, 8))


def test_undated_copies_come_after_their_dated_original_and_are_compared_with_all_days(tmp_path: Path) -> None:
    text = article(1)
    rows = [
        {"id": "a", "text": text, "date": None},
        {"id": "b", "text": edited(text, 0.03), "date": "2026-03-01"},
        {"id": "c", "text": edited(text, 0.03, seed=5), "date": "2025-03-01"},
    ]
    (tmp_path / "x.jsonl").write_text("\n".join(json.dumps(r) for r in rows), encoding="utf-8")
    dedup_files([tmp_path / "x.jsonl"], tmp_path / "out", window_days=90)
    found = clusters(tmp_path / "out")
    assert found["a"] in ("b", "c")
    assert found["b"] != "a" != found["c"]


def test_an_update_on_its_own_host_is_a_version_with_its_lag_and_what_it_added(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": [1, 2, 3],
            "text": [
                article(1),
                f"{article(1)}\n{article(2, sentences=3)}",
                f"{article(1)}\n{article(3, sentences=3)}",
            ],
            "host": ["one.example", "one.example", "two.example"],
            "day": [1, 2, 2],
        }
    )
    pq.write_table(table, tmp_path / "x.parquet")
    dedup_files([tmp_path / "x.parquet"], tmp_path / "out")
    rows = {(r["a"], r["b"]): r for r in pq.read_table(tmp_path / "out" / "links.parquet").to_pylist()}
    assert rows[2, 1]["relation"] == "version"
    assert rows[3, 1]["relation"] != "version"
    assert rows[2, 1]["lag_days"] == 1
    assert rows[2, 1]["added_share"] == pytest.approx(0.2, abs=0.1)
    assert rows[2, 1]["cut_share"] == pytest.approx(0, abs=0.05)


def test_reports_of_one_form_are_a_series_in_a_file_of_its_own(tmp_path: Path) -> None:
    texts = [report(1), article(8), report(2), report(3)]
    table = pa.table({"id": [1, 2, 3, 4], "text": texts, "day": [1, 1, 8, 15]})
    pq.write_table(table, tmp_path / "x.parquet")
    found = dedup_files([tmp_path / "x.parquet"], tmp_path / "out")
    assert found.series == 1
    assert pq.read_table(tmp_path / "out" / "series.parquet").to_pylist() == [
        {"id": 1, "template_id": 1, "previous": None, "period_days": None},
        {"id": 3, "template_id": 1, "previous": 1, "period_days": 7},
        {"id": 4, "template_id": 1, "previous": 3, "period_days": 7},
    ]
