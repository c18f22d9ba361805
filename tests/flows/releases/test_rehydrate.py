"""From ids back to texts: identical from the same archive; what changed or vanished is counted."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.lake.store import Lake
from flows.publishing.publisher import Publishing, publish_raw
from flows.releases.rehydrate import rehydrate
from flows.releases.release import ReleaseError, release
from spiders.archive.record_eraser import erase_record
from tests.flows.archive import START, ExactIndex, Page, story, write_archive

pytestmark = pytest.mark.slow

PAGES = 30


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    root = tmp_path / "lake"
    write_archive(root, "run-1", [Page(str(n), story(n)) for n in range(PAGES)])
    publish_raw(Lake(root), Publishing(sources={}, decide=ExactIndex(root).decide, workers=0))
    return Lake(root)


def test_all_texts_come_back_from_the_archive(lake: Lake, tmp_path: Path) -> None:
    folder = release(lake, tmp_path, "ids", level="ids")
    report = rehydrate(folder, lake, tmp_path / "out.parquet", {}, workers=0)
    assert dict(report.outcomes) == {"identical": PAGES}
    assert report.share("identical") == 1.0
    assert report.other_rules == 0
    texts = {row["article_id"]: row["text"] for row in lake.read("articles").to_pylist()}
    assert {row["article_id"]: row["text"] for row in pq.read_table(tmp_path / "out.parquet").to_pylist()} == texts


def test_ten_that_changed_and_three_that_vanished_are_counted(lake: Lake, tmp_path: Path) -> None:
    folder = release(lake, tmp_path, "ids", level="ids")
    file = folder / "data" / "articles.parquet"
    rows = pq.read_table(file).to_pylist()
    for row in rows[:3]:
        erase_record(lake.root / row["raw_file"], row["raw_offset"], START)
    for row in rows[3:13]:
        row["text_hash"] = "0" * 32
    pq.write_table(pa.Table.from_pylist(rows, schema=pq.read_schema(file)), file)
    report = rehydrate(file, lake, tmp_path / "out.parquet", {}, workers=0)
    assert dict(report.outcomes) == {"identical": PAGES - 13, "changed": 10, "gone": 3}
    assert sum(report.why_gone.values()) == 3


def test_a_file_that_is_no_list_of_ids_is_named(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_text("no")
    with pytest.raises(ReleaseError, match=r"x\.parquet"):
        rehydrate(tmp_path / "x.parquet", lake, tmp_path / "out.parquet", {}, workers=0)
    pq.write_table(pa.table({"a": [1]}), tmp_path / "y.parquet")
    with pytest.raises(ReleaseError, match="no column article_id"):
        rehydrate(tmp_path / "y.parquet", lake, tmp_path / "out.parquet", {}, workers=0)


@pytest.mark.parametrize("outside", ["raw/../other.warc.gz", "other.warc.gz", "{root}/other.warc.gz"])
def test_an_edition_from_elsewhere_reads_nothing_but_the_raw_archive(lake: Lake, tmp_path: Path, outside: str) -> None:
    folder = release(lake, tmp_path, "ids", level="ids")
    file = folder / "data" / "articles.parquet"
    rows = pq.read_table(file).to_pylist()
    copy = lake.root / "other.warc.gz"
    copy.write_bytes((lake.root / rows[0]["raw_file"]).read_bytes())
    rows = [{**row, "raw_file": outside.format(root=lake.root.resolve())} for row in rows]
    pq.write_table(pa.Table.from_pylist(rows, schema=pq.read_schema(file)), file)
    report = rehydrate(file, lake, tmp_path / "out.parquet", {}, workers=0)
    assert dict(report.outcomes) == {"gone": PAGES}
