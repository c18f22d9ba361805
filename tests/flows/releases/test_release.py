"""A release is whole, described, valid Croissant, and does not change."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import mlcroissant
import pyarrow.parquet as pq
import pytest
import yaml

from cleaning.records import Article, Rejection
from cleaning.schema.arrow import to_table
from flows.lake.store import Lake, partition
from flows.releases.levels import ID_COLUMNS
from flows.releases.release import ReleaseError, release
from tests.flows.rows import DAY, NOON, article, put

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 24, tzinfo=UTC)
LATER = DAY + timedelta(days=2)
TEXT = "The harbour of the old town was closed on Monday."


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(tmp_path / "lake")
    today = [replace(article(n, text=TEXT), rights=("search",), license="CC-BY-4.0", tags=("a", "b")) for n in (1, 2)]
    secret = replace(article(3, text="Only here stands this sentence about hens."), authors=("Jane Doe",))
    later = replace(article(4), published_date=LATER)
    rejected = Rejection("u", "u", "post", "h", "gallery", "", None, 0, NOON, DAY, "r", "run", "raw", 1)
    put(
        made,
        {
            partition("articles", DAY): to_table(Article, [*today, secret]),
            partition("articles", LATER): to_table(Article, [later]),
            partition("rejected", DAY): to_table(Rejection, [rejected]),
        },
    )
    return made


@pytest.mark.parametrize("level", ["full", "derived", "ids"])
def test_every_level_is_valid_croissant_and_its_records_can_be_read(lake: Lake, tmp_path: Path, level: str) -> None:
    folder = release(lake, tmp_path / "out", "ed-1", level=level, clock=lambda: NOW)
    dataset = mlcroissant.Dataset(jsonld=folder / "croissant.json")
    assert dataset.metadata.issues.errors == set()
    assert [str(c) for c in dataset.metadata.conforms_to][:1] == ["http://mlcommons.org/croissant/1.1"]
    records = list(dataset.records(record_set="articles"))
    assert len(records) == 4
    assert {record["articles/article_id"].decode() for record in records} == {
        row["article_id"] for row in lake.read("articles").to_pylist()
    }


def test_the_manifest_has_the_hash_of_every_file(lake: Lake, tmp_path: Path) -> None:
    folder = release(lake, tmp_path, "ed-1", clock=lambda: NOW)
    told = json.loads((folder / "manifest.json").read_text())
    assert (told["from"], told["to"], told["level"]) == (str(DAY), str(LATER), "full")
    assert {one["path"] for one in told["files"]} == {f"data/{p.name}" for p in (folder / "data").iterdir()}
    for one in told["files"]:
        assert hashlib.sha256((folder / one["path"]).read_bytes()).hexdigest() == one["sha256"]
        assert pq.read_metadata(folder / one["path"]).num_rows == one["rows"]


def test_an_edition_is_made_the_same_again_and_never_over_another(lake: Lake, tmp_path: Path) -> None:
    one = release(lake, tmp_path / "a", "ed-1", clock=lambda: NOW)
    two = release(lake, tmp_path / "b", "ed-1", clock=lambda: NOW)
    files = [p.relative_to(one) for p in sorted(one.rglob("*")) if p.is_file()]
    assert all((one / f).read_bytes() == (two / f).read_bytes() for f in files)
    with pytest.raises(ReleaseError, match="does not change"):
        release(lake, tmp_path / "a", "ed-1")


def test_the_documents_say_what_is_in_it_and_what_is_missing(lake: Lake, tmp_path: Path) -> None:
    folder = release(lake, tmp_path, "ed-1", clock=lambda: NOW)
    sheet = (folder / "DATASHEET.md").read_text()
    assert "4 news articles of 1 sources" in sheet
    assert f"Days without any article: {DAY + timedelta(days=1)}" in sheet
    assert "gallery (1)" in sheet
    assert "| CC-BY-4.0 | 2 |" in sheet
    assert "| train | 2 |" in sheet
    assert "| unknown | 2 |" in sheet
    assert "| `section` | string | 100.0% |" in (folder / "DICTIONARY.md").read_text()
    _, head, _ = (folder / "README.md").read_text().split("---\n", 2)
    configs = {one["config_name"]: one["data_files"] for one in yaml.safe_load(head)["configs"]}
    assert set(configs.values()) == {f"data/{path.name}" for path in (folder / "data").iterdir()}
    cited = yaml.safe_load((folder / "CITATION.cff").read_text())
    assert (cited["cff-version"], cited["type"], cited["version"]) == ("1.2.0", "dataset", "ed-1")


def test_derived_and_ids_hold_no_text_and_no_name(lake: Lake, tmp_path: Path) -> None:
    for level in ("derived", "ids"):
        folder = release(lake, tmp_path, f"ed-{level}", level=level, clock=lambda: NOW)
        held = "".join(str(pq.read_table(f).to_pylist()) for f in (folder / "data").iterdir())
        for word in ("hens", "Jane Doe", "Headline", "harbour of the old town"):
            assert word not in held, (level, word)
    grams = pq.read_table(tmp_path / "ed-derived" / "data" / "ngrams.parquet").to_pylist()
    assert {"gram": "the old town", "articles": 2, "occurrences": 2}.items() <= next(
        g for g in grams if g["gram"] == "the old town"
    ).items()
    assert set(pq.read_schema(tmp_path / "ed-ids" / "data" / "articles.parquet").names) == set(ID_COLUMNS)


def test_a_mistake_is_named_and_leaves_nothing(lake: Lake, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for name, options, message in (
        ("a/b", {}, "letters"),
        ("a", {"level": "x"}, "full, derived, ids"),
        ("a", {"start": LATER + timedelta(days=9)}, "no article"),
    ):
        with pytest.raises(ReleaseError, match=message):
            release(lake, out, name, **options)  # type: ignore[arg-type]
    assert not out.exists() or not any(out.iterdir())
