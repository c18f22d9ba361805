"""Of the sample web exactly those sites are left out that reserve training."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows.cli.app import main
from flows.lake.store import Lake
from flows.sample.content import read_sites
from tests.flows.conftest import Crawled


def test_an_export_for_training_leaves_out_exactly_the_sites_that_reserve_it(
    crawled: Crawled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reserving = {site.name: site.training_reserved_by for site in read_sites().values() if site.training_reserved_by}
    assert len(set(reserving.values())) > 1
    file = tmp_path / "train.jsonl"
    command = ["newsmill", "export", "--lake", str(crawled.lake), "-o", str(file), "--for", "train-ai"]
    monkeypatch.setattr("sys.argv", command)
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    every = Lake(crawled.lake).read("articles", columns=["article_id", "source"]).to_pylist()
    exported = {json.loads(line)["article_id"] for line in file.read_text(encoding="utf-8").splitlines()}
    left_out = [row["source"] for row in every if row["article_id"] not in exported]
    assert set(left_out) == set(reserving)
    assert {row["article_id"] for row in every if row["source"] not in reserving} == exported
    told = capsys.readouterr().err
    for source, signal in reserving.items():
        assert signal in told, source
    assert f"left out for train-ai: {len(left_out)}" in told
