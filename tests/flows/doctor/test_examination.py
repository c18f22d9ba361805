"""`newsmill doctor` names what is wrong with a lake, with the remedy, and mends what is safe."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from flows.config import Settings, open_frontier
from flows.doctor.examination import examine
from flows.doctor.findings import Finding, Severity
from flows.doctor.frontier import check_frontier
from flows.doctor.lake import check_journal, check_lineage, check_partitions, check_rows, check_state
from flows.doctor.machine import check_catalogue, check_settings, check_versions
from flows.doctor.raw_archive import check_archive
from flows.duplicates.detector import FingerprintIndex
from flows.lake.store import JOURNAL, Lake
from flows.publishing.publisher import Publishing, publish_raw
from spiders.frontier.frontier import DiscoveredUrl
from spiders.frontier.tables import urls
from tests.flows.archive import Page, story, write_archive

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("published") / "lake"
    write_archive(root, "r1", [Page(f"p{n}", story(n)) for n in range(6)])
    how = Publishing(sources={}, decide=FingerprintIndex(root).decide, workers=0)
    publish_raw(Lake(root), how)
    return root


@pytest.fixture
def lake(published: Path, tmp_path: Path) -> Path:
    shutil.copytree(published, tmp_path / "lake")
    return tmp_path / "lake"


def told(findings: object) -> dict[str, Finding]:
    return {one.check: one for one in findings if one.severity != Severity.OK}  # type: ignore[attr-defined]


def part(lake: Path) -> Path:
    return next((lake / "articles").glob("date=*/part-0.parquet"))


def test_a_whole_lake_has_no_findings(lake: Path) -> None:
    for check in (check_state, check_journal, check_partitions, check_lineage, check_archive):
        assert not told(check(lake)), check
    assert not told(check_rows(lake, NOW))
    assert not told(check_frontier(lake, Settings()))


def test_an_open_state_is_named_and_closed(lake: Path) -> None:
    (lake / "state").chmod(0o755)
    found = told(check_state(lake))["permissions"]
    assert found.severity == Severity.PROBLEM
    assert found.fix is not None
    found.fix()
    assert not told(check_state(lake))


def test_a_commit_that_died_is_named_and_finished(lake: Path) -> None:
    file = part(lake)
    hidden = file.with_name(f".{file.name}.tmp")
    file.rename(hidden)
    swaps = f'{{"swaps": {{"{hidden.relative_to(lake)}": "{file.relative_to(lake)}"}}, "deletions": []}}'
    (lake / JOURNAL).write_text(swaps)
    found = told(check_journal(lake))["journal"]
    assert found.fix is not None
    found.fix()
    assert file.exists()
    assert not told(check_journal(lake))


def test_a_truncated_partition_a_strange_folder_and_an_orphan_are_named(lake: Path) -> None:
    file = part(lake)
    file.write_bytes(file.read_bytes()[:-20])
    assert str(file) in told(check_partitions(lake))["partitions"].detail
    shutil.rmtree(file.parent)
    (lake / "articles" / "date=__HIVE_DEFAULT_PARTITION__").mkdir()
    assert "HIVE" in told(check_partitions(lake))["partitions"].detail
    (lake / "articles" / ".part-0.parquet.tmp").touch()
    orphan = told(check_partitions(lake))["orphans"]
    assert orphan.fix is not None
    orphan.fix()
    assert "orphans" not in told(check_partitions(lake))


def test_an_id_that_stands_twice_and_a_fetch_in_the_future_are_named(lake: Path) -> None:
    other = lake / "articles" / "date=2020-01-01"
    other.mkdir()
    shutil.copy(part(lake), other / "part-0.parquet")
    assert "twice" in told(check_rows(lake, NOW))["rows"].detail
    assert "future" in told(check_rows(lake, datetime(2020, 1, 1, tzinfo=UTC)))["clock"].detail


def test_a_raw_file_that_is_broken_or_gone_is_named(lake: Path) -> None:
    for file in (lake / "raw").glob("**/*.warc.gz"):
        content = bytearray(file.read_bytes())
        content[: len(content) // 2] = b"\0" * (len(content) // 2)
        file.write_bytes(content)
        import os

        os.utime(file, (0, 0))
    assert told(check_archive(lake))
    assert told(check_lineage(lake))["lineage"].severity == Severity.PROBLEM
    shutil.rmtree(lake / "raw")
    assert told(check_lineage(lake))["lineage"].severity == Severity.WARNING


def test_a_frontier_with_an_unknown_outcome_a_far_time_or_another_lake_is_named(lake: Path, tmp_path: Path) -> None:
    frontier = open_frontier(lake, Settings())
    url = "https://post.example/a"
    frontier.enqueue("r1", [DiscoveredUrl("post", url, url, "post.example")])
    with frontier.engine.begin() as db:
        db.execute(update(urls).values(outcome="http--200", due_at=9e9, state="done"))
    frontier.close()
    found = told(check_frontier(lake, Settings()))
    assert "http--200" in found["outcomes"].detail
    assert "clock" in found
    shared = Settings(frontier=f"sqlite:///{lake / 'state' / 'ledger.sqlite'}")
    assert "another lake" in told(check_frontier(tmp_path / "other", shared))["frontier"].detail


def test_a_database_that_is_none_is_named(lake: Path) -> None:
    (lake / "state" / "ledger.sqlite").write_bytes(b"no database at all" * 100)
    assert told(check_frontier(lake, Settings()))["frontier"].severity == Severity.PROBLEM


def test_a_misspelt_setting_and_a_broken_source_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSMILL_CONTACTS", "me@example.org")
    assert "NEWSMILL_CONTACTS" in told(check_settings())["settings"].detail
    (tmp_path / "post.toml").write_text("name = ")
    assert told(check_catalogue(tmp_path))
    assert not told(check_versions())


def test_one_check_that_fails_hides_no_other(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_lake: Path) -> list[Finding]:
        raise ValueError("unforeseen")

    monkeypatch.setattr("flows.doctor.examination.check_journal", broken)
    found = list(examine(lake, Path("nowhere"), Settings()))
    assert any("unforeseen" in one.detail for one in found)
    assert any(one.check == "server" for one in found)
