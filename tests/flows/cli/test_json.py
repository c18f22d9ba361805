"""`--json`: stdout is one JSON document and nothing else, whatever else a command and its processes have to say."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from flows.cli.app import main
from flows.lake.store import Lake
from flows.publishing.publisher import Publishing, publish_raw
from tests.flows.archive import ExactIndex, Page, story, write_archive
from tests.flows.conftest import Crawled

Newsmill = Callable[..., Any]


@pytest.fixture
def newsmill(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Newsmill:
    """The command with --json, in this process: its whole stdout, that of crawl processes included, parsed."""

    def call(*words: str | Path, code: int = 0) -> Any:
        monkeypatch.setattr(sys, "argv", ["newsmill", *map(str, words), "--json"])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capfd.readouterr()
        assert int(ended.value.code or 0) == code, captured.err
        return json.loads(captured.out)

    return call


@pytest.fixture
def own(crawled: Crawled, tmp_path: Path) -> list[str]:
    """The options of a lake that a test may change, with one source of the sample web."""
    sources = tmp_path / "sources"
    sources.mkdir()
    shutil.copy(crawled.sources / "valley-notebook.toml", sources)
    return ["--lake", str(tmp_path / "lake"), "--sources-dir", str(sources)]


def test_config_gives_each_setting_with_its_origin(newsmill: Newsmill, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSMILL_WAVE_DAYS", "3")
    settings = {row["setting"]: row for row in newsmill("config")["settings"]}
    assert settings["wave_days"]["value"] == 3
    assert settings["wave_days"]["from"] == "environment: NEWSMILL_WAVE_DAYS"
    assert settings["frontier"]["value"] is None


def test_sources_list_gives_the_catalogue_and_check_what_was_found(
    newsmill: Newsmill, crawled: Crawled, own: list[str]
) -> None:
    listed = newsmill("sources", "list", "--sources-dir", crawled.sources)
    assert {source["name"] for source in listed} == {path.stem for path in crawled.sources.glob("*.toml")}
    found = newsmill("sources", "check", "valley-notebook", *own[2:], "--allow", crawled.allow[0])
    assert found["valid"] == 1
    [looked] = found["checked"]
    assert looked["well"]
    assert looked["articles"]


def test_sources_check_fails_for_a_broken_file_in_json_too(newsmill: Newsmill, own: list[str]) -> None:
    (Path(own[3]) / "broken.toml").write_text('name = "broken"\n', encoding="utf-8")
    found = newsmill("sources", "check", *own[2:], code=1)
    assert found == {"valid": 1, "broken": 1, "enabled": 1, "findings": [], "checked": []}


def test_failures_gives_the_rows_that_the_table_shows(newsmill: Newsmill, crawled: Crawled) -> None:
    found = newsmill("failures", "--lake", crawled.lake)
    assert {row["outcome"] for row in found if row["what"] == "page"} >= {"http-404", "timeout", "robots"}
    assert all(datetime.fromisoformat(row["ended_at"]) for row in found)
    assert newsmill("failures", "--lake", crawled.lake, "--source", "nobody") == []


def test_inspect_gives_the_row_its_copies_and_what_was_fetched(newsmill: Newsmill, crawled: Crawled) -> None:
    copy = Lake(crawled.lake).read("duplicates").to_pylist()[0]
    found = newsmill("inspect", copy["duplicate_of"], "--lake", crawled.lake)
    assert found["table"] == "articles"
    assert found["row"]["article_id"] == copy["duplicate_of"]
    assert copy["article_id"] in {one["article_id"] for one in found["copies"]}
    assert found["fetched"]["status"] == 200


def test_reclean_gives_its_plan_with_a_sample_and_then_what_it_changed(
    newsmill: Newsmill, crawled: Crawled, tmp_path: Path
) -> None:
    lake, sources = tmp_path / "lake", tmp_path / "sources"
    shutil.copytree(crawled.lake, lake)
    shutil.copytree(crawled.sources, sources)
    file = sources / "valley-notebook.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('timezone = "', 'timezone = "Asia/Tokyo" # ', 1))
    words = ("reclean", "--lake", lake, "--sources-dir", sources)
    plan = newsmill(*words, "--plan")
    [source] = plan["sources"]
    assert (source["source"], source["in_catalogue"]) == ("valley-notebook", True)
    assert plan["pages"] == source["pages"] == sum(plan["sample"].values()) > 0
    done = newsmill(*words)
    assert done["pages"] == sum(row["pages"] for row in done["changes"]) == plan["pages"]
    assert {row["source"] for row in done["changes"]} == {"valley-notebook"}
    assert newsmill(*words, "--plan") == {"pages": 0, "sources": [], "sample": {}}


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lake of four articles, whose texts are cleaned in this process."""
    root = tmp_path / "lake"
    write_archive(root, "run-1", [Page(str(n), story(n)) for n in range(4)])
    publish_raw(Lake(root), Publishing(sources={}, decide=ExactIndex(root).decide, workers=0))
    monkeypatch.setenv("NEWSMILL_PUBLISH_WORKERS", "0")
    return root


def test_export_gives_its_files_and_the_receipt(newsmill: Newsmill, small: Path, tmp_path: Path) -> None:
    file = tmp_path / "all.csv"
    done = newsmill("export", "--lake", small, "-o", file)
    assert done["files"] == [str(file), f"{file}.dictionary.md", f"{file}.licence.md"]
    assert all(Path(one).is_file() for one in done["files"])
    assert (done["rows"], done["left_out"], list(done["licenses"].values())) == (4, {}, [{"": 4}])


def test_release_gives_its_manifest_and_rehydrate_what_came_back(
    newsmill: Newsmill, small: Path, tmp_path: Path
) -> None:
    made = newsmill("release", "--lake", small, "--name", "ids", "--level", "ids", "-o", tmp_path)
    assert made["folder"] == str(tmp_path / "ids")
    assert {file["table"]: file["rows"] for file in made["files"]} == {"articles": 4, "duplicates": 0}
    came = newsmill("rehydrate", tmp_path / "ids", "-o", tmp_path / "texts.parquet", "--lake", small)
    assert (came["outcomes"], came["why_gone"], came["other_rules"]) == ({"identical": 4}, {}, 0)


def test_erase_gives_what_would_go_and_then_what_went(newsmill: Newsmill, small: Path) -> None:
    [row, *_] = Lake(small).read("articles").to_pylist()
    seen = newsmill("erase", row["url"], "--lake", small)
    assert [text["article_id"] for text in seen["texts"]] == [row["article_id"]]
    assert (seen["raw_records"], seen["erased"]) == (1, None)
    assert len(Lake(small).read("articles")) == 4
    gone = newsmill("erase", row["url"], "--lake", small, "--yes")
    assert gone["texts"] == seen["texts"]
    assert (gone["erased"]["articles"], gone["erased"]["left"]) == (1, [])
    assert len(Lake(small).read("articles")) == 3


def test_lake_migrate_gives_the_partitions_that_are_outdated(newsmill: Newsmill, small: Path) -> None:
    found = newsmill("lake", "migrate", "--lake", small)
    assert (found["outdated"], found["written"]) == ([], {})
