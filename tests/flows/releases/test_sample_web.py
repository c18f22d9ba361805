"""A release of the sample web is valid, and comes back word for word from the raw archive."""

from __future__ import annotations

from pathlib import Path

import mlcroissant

from flows.lake.store import Lake
from flows.releases.rehydrate import rehydrate
from flows.releases.release import release
from spiders.catalogue import load_catalogue
from tests.flows.conftest import Crawled


def test_a_release_of_the_sample_web_validates_and_rehydrates_to_identical_texts(
    crawled: Crawled, tmp_path: Path
) -> None:
    lake = Lake(crawled.lake)
    folder = release(lake, tmp_path, "sample", level="full")
    dataset = mlcroissant.Dataset(jsonld=folder / "croissant.json")
    assert dataset.metadata.issues.errors == set()
    facts = {name: source.facts() for name, source in load_catalogue(crawled.sources).items()}
    report = rehydrate(release(lake, tmp_path, "ids", level="ids"), lake, tmp_path / "x.parquet", facts, workers=0)
    assert (report.outcomes.total(), report.share("identical")) == (len(lake.read("articles")), 1.0), report
    assert (report.other_rules, report.other_extractor) == (0, 0)
