"""Breaks the core on purpose and counts how often the fast tests notice: mutation testing by mutmut.

    python -m benchmarks.mutants                         # a sample of every module, the same each time
    python -m benchmarks.mutants --per-module 100 strip commit_plan
    python -m benchmarks.mutants --all dates             # every mutant of a module

Prints the score of each module (share of its mutants that made a test fail) and the survivors, each with its change;
ends with code 1 where a module lies below its floor in benchmarks/mutants.toml, which also says which tests are to
notice. Of each module a sample is taken with a fixed seed, since all mutants of the core would take hours; mutants that
no test reaches count as survivors. mutmut changes the bodies of functions only: constants of modules are held by tests
of their own.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
WORK = REPOSITORY / "mutants"
FLOORS = Path(__file__).with_suffix(".toml")
MUTMUT = [sys.executable, "-m", "mutmut"]
# With this seed the floors were measured: another one is another sample, whose score may lie some points away.
SEED = 9
PER_MODULE = 16
# Exit codes of pytest below a mutant, as mutmut keeps them: 0 all tests passed, 5 and 33 no test reaches it; what it
# was not asked to run has none. Everything else (a failure, a crash, a time-out) is a mutant that was noticed.
SURVIVED = {0, 5, 33}
TIMED_OUT = {36, 24, -24, 152}
# What the tests read, apart from the packages that are changed.
NEEDED = ("benchmarks", "data", "docs", "tests", "prefect.yaml", "scrapy.cfg", "README.md", "constraints.txt")
# Few examples: a mutant that only one in a hundred of them shows is better noticed by a test by example. The time limit
# is generous, since a time-out counts as noticed and the machine may be busy.
CONFIGURATION = """
[tool.mutmut]
source_paths = ["cleaning", "spiders", "flows"]
only_mutate = [{module}]
also_copy = {needed}
timeout_constant = 20.0
pytest_add_cli_args = [
    "-m", "not slow and not browser and not postgres and not world", "-p", "no:cacheprovider",
    "--hypothesis-profile=fast", "--hypothesis-seed=0",
]
pytest_add_cli_args_test_selection = {tests}
"""


@dataclass(frozen=True, slots=True)
class Core:
    """A module of the core, and what is asked of its tests."""

    module: str  # path from the repository's root
    floor: float  # least share of sampled mutants to be noticed
    tests: tuple[str, ...]  # files and folders

    @property
    def work(self) -> Path:
        """A folder of its own, so that one module's run does not write the mutants of all others."""
        return WORK / self.module.removesuffix(".py").replace("/", "-")

    def results(self) -> dict[str, int | None]:
        """Exit code of each mutant, by mutant; None where it was not run."""
        path = self.work / "mutants" / f"{self.module}.meta"
        found: dict[str, int | None] = (
            json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"] if path.exists() else {}
        )
        return found

    def generate(self) -> None:
        """Write the mutants, and learn which test reaches which function."""
        self.work.mkdir(parents=True, exist_ok=True)
        for name in ("cleaning", "spiders", "flows", *NEEDED):
            if not (self.work / name).exists():
                (self.work / name).symlink_to(REPOSITORY / name)
        project = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
        (self.work / "pyproject.toml").write_text(
            project
            + CONFIGURATION.format(
                module=json.dumps(self.module), needed=json.dumps(NEEDED), tests=json.dumps(self.tests)
            ),
            encoding="utf-8",
        )
        # A name that nothing has: mutmut writes the mutants and its statistics, and finds nothing to run.
        self._mutmut("no.such.mutant")

    def mutate(self, names: list[str]) -> None:
        """Run the tests on some mutants. Raises SystemExit where mutmut itself fails."""
        if code := self._mutmut(*names):
            raise SystemExit(f"mutmut ended with code {code}: fix what {self.work / 'log'} says, then run this again")

    def _mutmut(self, *names: str) -> int:
        with (self.work / "log").open("wb") as log:  # thousands of frames of a spinner
            run = [*MUTMUT, "run", "--max-children", "1", *names]
            return subprocess.run(run, cwd=self.work, stdout=log, stderr=subprocess.STDOUT, check=False).returncode

    def change(self, name: str) -> str:
        """The lines that a mutant changes."""
        shown = subprocess.run([*MUTMUT, "show", name], cwd=self.work, capture_output=True, text=True, check=False)
        lines = [line for line in shown.stdout.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
        return "\n".join(f"    {line}" for line in lines)


def sample(names: Iterable[str], count: int | None) -> list[str]:
    """Some of the mutants, the same each time; all where ``count`` is None."""
    ordered = sorted(names)
    if count is None or count >= len(ordered):
        return ordered
    return random.Random(SEED).sample(ordered, count)


def report(core: Core, chosen: list[str]) -> bool:
    """Print a module's score and survivors; whether it holds its floor."""
    ended = core.results()
    left = [name for name in chosen if ended.get(name) in SURVIVED]
    slow = sum(ended.get(name) in TIMED_OUT for name in chosen)
    score = 1 - len(left) / len(chosen)
    print(
        f"{core.module}: {score:.3f} ({len(chosen) - len(left)} of {len(chosen)} noticed, {slow} of them by time-out; "
        f"it has {len(ended)}; floor {core.floor:.2f})"
    )
    for name in left:
        print(f"  {name}\n{core.change(name)}")
    return score >= core.floor


def read_cores(wanted: list[str]) -> list[Core]:
    """The modules of mutants.toml whose path contains one of the words; all if there are none."""
    listed = tomllib.loads(FLOORS.read_text(encoding="utf-8"))
    cores = [Core(module, about["floor"], tuple(about["tests"])) for module, about in listed.items()]
    return [core for core in cores if not wanted or any(part in core.module for part in wanted)]


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Mutation score of the core modules.")
    parser.add_argument("modules", nargs="*", help="names or parts of paths; none takes all of benchmarks/mutants.toml")
    parser.add_argument("--per-module", type=int, default=PER_MODULE, help="mutants of each module")
    parser.add_argument("--all", action="store_true", help="every mutant of each module")
    parser.add_argument("--again", action="store_true", help="forget what earlier runs found")
    given = parser.parse_args()
    cores = read_cores(given.modules)
    if not cores:
        parser.error(f"no core module is called {' or '.join(given.modules)}; benchmarks/mutants.toml lists them")
    chosen: dict[Core, list[str]] = {}
    for core in cores:
        if given.again:
            shutil.rmtree(core.work, ignore_errors=True)
        core.generate()
        chosen[core] = names = sample(core.results(), None if given.all else given.per_module)
        if not names:
            raise SystemExit(f"no mutants of {core.module}: was it moved? See benchmarks/mutants.toml")
        if waiting := [name for name in names if core.results()[name] is None]:
            core.mutate(waiting)
    held = [report(core, names) for core, names in chosen.items()]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
