"""Coverage of a crawl of the sample web: every URL that its lists name, and what became of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.coverage.gaps import gaps
from flows.coverage.refresh import refresh_coverage
from flows.duplicates.detector import FingerprintIndex
from flows.lake.store import Lake
from flows.publishing.publisher import Publishing, publish_raw
from flows.sample.server import SampleWeb
from flows.sample.truth import load
from spiders.catalogue import load_catalogue
from tests.spiders.crawling import new_crawls

SOURCES = ("the-harbor-post", "rough-road")


@pytest.mark.slow
def test_every_url_that_the_lists_of_a_site_name_is_counted_with_what_became_of_it(tmp_path: Path) -> None:
    with SampleWeb(port=0) as web:
        made = new_crawls(tmp_path, web, *SOURCES)
        made.run()
        truth = load(web.port, 1)
    lake, frontier = Lake(made.lake), made.frontier()
    facts = {name: source.facts() for name, source in load_catalogue(made.sources).items()}
    publish_raw(lake, Publishing(facts, FingerprintIndex(made.lake).decide, workers=1, frontier=frontier.engine))
    refresh_coverage(lake, frontier.engine)
    assert refresh_coverage(lake, frontier.engine) == []
    whole = [row for row in lake.read("coverage").to_pylist() if row["way"] == "any"]
    for source, counts in frontier.counts().items():
        own = [row for row in whole if row["source"] == source]
        moved = counts.outcomes.get("moved", 0)
        assert sum(row["listed"] for row in own) == sum(counts.outcomes.values()) - moved, source
        assert sum(row["failed"] for row in own) == sum(counts.failed.values()), source
    assert sum(row["articles"] for row in whole) == lake.read("articles").num_rows
    assert sum(row["rejected"] for row in whole) == lake.read("rejected").num_rows
    assert all(row["listed"] == row["fetched"] + row["failed"] + row["never_tried"] for row in whole)
    found = {one.source: one for one in gaps(lake, None, None, None)}
    listing = {way for article in truth.articles.values() if article.source == SOURCES[0] for way in article.found_by}
    assert len(found[SOURCES[0]].ways) > 1
    assert listing
    assert any("http-404" in line for line in found["rough-road"].said)
