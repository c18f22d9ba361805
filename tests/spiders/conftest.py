"""A sample web, and crawls of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flows.sample.server import SampleWeb
from tests.spiders.crawling import Crawls, new_crawls


@pytest.fixture
def web() -> Iterator[SampleWeb]:
    with SampleWeb(port=0) as running:
        yield running


@pytest.fixture
def crawls(tmp_path: Path, web: SampleWeb) -> Callable[..., Crawls]:
    """Makes crawls of this test's sample web."""
    return lambda *names: new_crawls(tmp_path, web, *names)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Crawls, SampleWeb]]:
    """The whole sample web crawled once, but for the site whose pages take seconds on purpose."""
    with SampleWeb(port=0) as running:
        made = new_crawls(tmp_path_factory.mktemp("whole"), running)
        (made.sources / "slow-road.toml").unlink()
        made.run()
        yield made, running
