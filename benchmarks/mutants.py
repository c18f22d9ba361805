"""Breaks the core on purpose and counts how often the fast tests notice: mutation testing by mutmut.

    python -m benchmarks.mutants                         # a sample of every module, the same each time
    python -m benchmarks.mutants --per-module 20 strip commit_plan
    python -m benchmarks.mutants --all dates             # every mutant of a module

Prints the score of each module (share of its mutants that made a test fail) and the survivors, each with its change;
ends with code 1 where a module lies below its floor in benchmarks/mutants.toml. Of each module a sample is taken with a
fixed seed, since all mutants of the core would take hours; mutants that no test reaches count as survivors. mutmut
changes the bodies of functions only: constants of modules are held by tests of their own.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
WORK = REPOSITORY / "mutants"
FLOORS = Path(__file__).with_suffix(".toml")
MUTMUT = [sys.executable, "-m", "mutmut"]
# With this seed the floors were measured: another one is another sample, whose score may lie some points away.
SEED = 9
PER_MODULE = 6
# Exit codes of pytest below a mutant, as mutmut keeps them: 0 all tests passed, 5 and 33 no test reaches it; what it
# was not asked to run has none. Everything else (a failure, a crash, a time-out) is a mutant that was noticed.
SURVIVED = {0, 5, 33}


def results(module: str) -> dict[str, int | None]:
    """Exit code of each mutant of a module, by mutant; None where it was not run."""
    path = WORK / f"{module}.meta"
    found: dict[str, int | None] = (
        json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"] if path.exists() else {}
    )
    return found


def sample(names: Iterable[str], count: int | None) -> list[str]:
    """Some of the mutants, the same each time; all where ``count`` is None."""
    ordered = sorted(names)
    if count is None or count >= len(ordered):
        return ordered
    return random.Random(SEED).sample(ordered, count)


def mutate(names: list[str]) -> None:
    """Run the tests on some mutants. Raises SystemExit where mutmut itself fails."""
    done = subprocess.run([*MUTMUT, "run", "--max-children", "1", *names], cwd=REPOSITORY, check=False)
    if done.returncode:
        raise SystemExit(f"mutmut ended with code {done.returncode}: mend what it says above, then run this again")


def generate() -> None:
    """Write the mutants of all core modules and learn which test reaches which function; takes some minutes."""
    # A name that nothing has: mutmut writes the mutants and its statistics, and then says that there is nothing to run.
    subprocess.run([*MUTMUT, "run", "--max-children", "1", "no.such.mutant"], cwd=REPOSITORY, check=False)


def change(name: str) -> str:
    """The lines that a mutant changes."""
    shown = subprocess.run([*MUTMUT, "show", name], cwd=REPOSITORY, capture_output=True, text=True, check=False).stdout
    lines = [line for line in shown.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    return "\n".join(f"    {line}" for line in lines)


def report(module: str, chosen: list[str], floors: Mapping[str, float]) -> bool:
    """Print a module's score and survivors; whether it holds its floor."""
    ended = results(module)
    left = [name for name in chosen if ended.get(name) in SURVIVED]
    score = 1 - len(left) / len(chosen)
    floor = floors.get(module, 0.0)
    print(
        f"{module}: {score:.2f} ({len(chosen) - len(left)} of {len(chosen)} noticed; it has {len(ended)}; "
        f"floor {floor:.2f})"
    )
    for name in left:
        print(f"  {name}\n{change(name)}")
    return score >= floor


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Mutation score of the core modules.")
    parser.add_argument("modules", nargs="*", help="names or parts of paths; none takes all of benchmarks/mutants.toml")
    parser.add_argument("--per-module", type=int, default=PER_MODULE, help="mutants of each module")
    parser.add_argument("--all", action="store_true", help="every mutant of each module")
    parser.add_argument("--again", action="store_true", help="forget what earlier runs found")
    given = parser.parse_args()
    floors: dict[str, float] = tomllib.loads(FLOORS.read_text(encoding="utf-8"))["floors"]
    modules = [m for m in floors if not given.modules or any(part in m for part in given.modules)]
    if not modules:
        parser.error(f"no core module is called {' or '.join(given.modules)}; benchmarks/mutants.toml lists them")
    if given.again:
        shutil.rmtree(WORK, ignore_errors=True)
    generate()
    chosen = {m: sample(results(m), None if given.all else given.per_module) for m in modules}
    chosen = {m: names for m, names in chosen.items() if names}
    waiting = [n for m, names in chosen.items() for n in names if results(m)[n] is None]
    if waiting:
        mutate(waiting)
    held = [report(module, names, floors) for module, names in chosen.items()]
    missing = [m for m in modules if m not in chosen]
    if missing:
        raise SystemExit(
            f"no mutants of {', '.join(missing)}: was the module moved? See [tool.mutmut] in pyproject.toml"
        )
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
