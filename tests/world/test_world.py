"""Real publishing systems, crawled by the real commands: what readers are shown is what the lake holds."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world.crawling import Operator
from tests.world.scorecard import Score, Scorer, faults, table
from tests.world.world import COPIES, STATIC, WORDPRESS, lacks, running

MISSING = lacks()
pytestmark = [
    pytest.mark.world,
    pytest.mark.timeout(1_500),
    pytest.mark.skipif(bool(MISSING), reason=f"THE WORLD IS NOT TESTED: this machine lacks {', '.join(MISSING)}"),
]


class Told:
    """The scorecards after the first day and after a day of editing."""

    def __init__(self, first: dict[str, Score], later: dict[str, Score]) -> None:
        self.first = first
        self.later = later


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with running(tmp_path_factory.mktemp("world")) as world:
        world.publish()
        operator = Operator(world)
        operator.add_all()
        operator.run()
        first = _scores(operator, "the first day")
        world.later()
        # a page is gone when two visits found it so
        operator.run("--everything")
        operator.run("--everything")
        yield Told(first, _scores(operator, "after a day of editing"))


def _scores(operator: Operator, title: str) -> dict[str, Score]:
    scorer = Scorer(operator.lake)
    scores = {
        one.site.name: scorer.score(one, operator.world.changes.get(one.site.name)) for one in operator.world.served()
    }
    print(f"\n## {title}\n\n{table(list(scores.values()))}\n\n{faults(list(scores.values()))}\n")
    return scores


def floor(site: str, name: str) -> float:
    values = tomllib.loads((Path(__file__).parent / "floors.toml").read_text(encoding="utf-8"))
    return float({**values["default"], **values.get(site, {})}[name])


SITES = [*WORDPRESS, *STATIC]


@pytest.mark.parametrize("site", SITES)
def test_every_post_has_its_row_and_nothing_else_has_one(told: Told, site: str) -> None:
    score = told.first[site]
    assert len(score.missing) <= floor(site, "missing"), score.missing
    assert len(score.extra) <= floor(site, "extra"), score.extra


@pytest.mark.parametrize("site", SITES)
def test_texts_are_those_of_the_posts(told: Told, site: str) -> None:
    for score in (told.first[site], told.later[site]):
        assert score.precision >= floor(site, "precision")
        assert score.recall >= floor(site, "recall")
        assert len(score.boilerplate) <= floor(site, "boilerplate"), score.boilerplate


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("name", ["title", "date"])
def test_what_readers_are_shown_is_in_the_columns(told: Told, site: str, name: str) -> None:
    share = told.first[site].share(name)
    assert share is not None
    assert share >= floor(site, name), [line for line in told.first[site].wrong if line.startswith(name)]


@pytest.mark.parametrize("site", sorted(COPIES))
def test_copies_of_other_sites_are_linked_to_their_originals(told: Told, site: str) -> None:
    assert told.first[site].share("copies") == 1.0, told.first[site].wrong
