"""Counts the attacks: every test here says which family it belongs to and how many cases of it were survived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PROPERTY = "attack"
KINDS = ("hostile input", "fault", "kill")


class Attack:
    """The cases of one test. A case that fails does not keep the others from being tried."""

    def __init__(self, family: str, kind: str) -> None:
        assert kind in KINDS
        self.family, self.kind = family, kind
        self.tried = 0
        self.failed: dict[str, BaseException] = {}

    @contextmanager
    def case(self, name: object) -> Iterator[None]:
        self.tried += 1
        try:
            yield
        except (Exception, pytest.fail.Exception) as error:
            self.failed[str(name)] = error


@pytest.fixture
def attack(request: pytest.FixtureRequest) -> Iterator[Attack]:
    """The tally of a test marked ``@pytest.mark.attack(FAMILY, KIND)``."""
    mark = request.node.get_closest_marker("attack")
    made = Attack(*mark.args)
    yield made
    survived = made.tried - len(made.failed)
    request.node.user_properties.append((PROPERTY, (made.family, made.kind, made.tried, survived)))
    if made.failed:
        told = "\n".join(f"{name}: {type(error).__name__}: {error}" for name, error in list(made.failed.items())[:20])
        pytest.fail(f"{made.family}: {len(made.failed)} of {made.tried} cases\n{told}")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The table of families × cases × survived."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") != "teardown":
                continue
            for name, value in report.user_properties:
                if name == PROPERTY:
                    family, kind, tried, survived = value
                    sums[family, kind][0] += tried
                    sums[family, kind][1] += survived
    if not sums:
        return
    terminalreporter.section("attacks")
    terminalreporter.write_line(f"{'family':<44} {'kind':<14} {'cases':>7} {'survived':>9}")
    for (family, kind), (tried, survived) in sorted(sums.items()):
        terminalreporter.write_line(f"{family:<44} {kind:<14} {tried:>7,} {survived:>9,}")
    for kind in KINDS:
        tried = sum(n for (_, of), (n, _) in sums.items() if of == kind)
        survived = sum(n for (_, of), (_, n) in sums.items() if of == kind)
        if tried:
            terminalreporter.write_line(f"{'all':<44} {kind:<14} {tried:>7,} {survived:>9,}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Attacks take seconds each: `make test-fast` leaves them out."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.slow)
