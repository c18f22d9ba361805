"""Real publishing systems, crawled by the real commands: what readers are shown is what the lake holds."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world.crawling import Operator
from tests.world.scorecard import Score, Scorer, faults, table
from tests.world.world import STATIC, WORDPRESS, lacks, running

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


FLOORS = tomllib.loads((Path(__file__).parent / "floors.toml").read_text(encoding="utf-8"))
EDITS = ("revisions", "silent", "gone")
SHARES = ("title", "authors", "date", "section", "tags", "language", "copies")


def test_every_floor_is_of_a_site_of_the_world() -> None:
    assert set(FLOORS) <= {*WORDPRESS, *STATIC}


@pytest.mark.parametrize("site", FLOORS)
def test_every_post_has_its_row_and_nothing_else_has_one(told: Told, site: str) -> None:
    score = told.first[site]
    assert len(score.missing) <= FLOORS[site]["missing"], score.missing
    assert len(score.extra) <= FLOORS[site]["extra"], score.extra


@pytest.mark.parametrize("site", FLOORS)
def test_texts_are_those_of_the_posts(told: Told, site: str) -> None:
    for score in (told.first[site], told.later[site]):
        assert score.precision >= FLOORS[site]["precision"]
        assert score.recall >= FLOORS[site]["recall"]
        assert len(score.boilerplate) <= FLOORS[site]["boilerplate"], score.boilerplate


@pytest.mark.parametrize(("site", "name"), [(site, name) for site in FLOORS for name in SHARES if name in FLOORS[site]])
def test_what_readers_are_shown_is_in_the_columns(told: Told, site: str, name: str) -> None:
    share = told.first[site].share(name)
    assert share is not None
    assert share >= FLOORS[site][name], [line for line in told.first[site].wrong if line.startswith(name)]


@pytest.mark.parametrize(("site", "name"), [(site, name) for site in FLOORS for name in EDITS if name in FLOORS[site]])
def test_what_editors_changed_is_kept(told: Told, site: str, name: str) -> None:
    share = told.later[site].share(name)
    assert share is not None
    assert share >= FLOORS[site][name], [line for line in told.later[site].wrong if line.startswith(name)]
