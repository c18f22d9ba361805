"""Kills work with SIGKILL at random moments and does it again, until it is through."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from pathlib import Path
from random import Random

from flows.lake.store import Lake
from tests.faults.conftest import Attack

# Kills of each kind of work: few in `make test`, many where asked for.
VARIABLE = "NEWSMILL_KILLS"
KILLS = int(os.environ.get(VARIABLE, "2"))
# Kills of one lake before it may get through: later ones would only repeat the last steps.
KILLS_PER_LAKE = 8
# Locks, who holds them, and when files were written.
OF_THIS_DISK = (".lock", "lake.holder.json", "rewrites.json")

Work = Callable[[Path], None]


def content(root: Path, *rooms: str) -> dict[str, str]:
    """SHA-256 of every file below a folder, or below some of its folders; also of what was left behind by mistake."""
    files = (path for room in (rooms or (".",)) for path in (root / room).rglob("*") if path.is_file())
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(files)
        if not path.name.endswith(OF_THIS_DISK)
    }


def rows_by_url(root: Path) -> Counter[str]:
    """How many rows each page has in the tables, whichever table it is in."""
    lake, found = Lake(root), Counter[str]()
    for table in ("articles", "duplicates", "rejected", "revisions"):
        found.update(f"{table}: {row['url']}" for row in lake.read(table, columns=["url"]).to_pylist())
    return found


def processes(preload: str) -> ForkServerContext:
    """Processes forked from one that has a module imported: a kill then meets the work, and not Python's start."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload([preload])
    warm = made.Process(target=time.time)
    warm.start()
    warm.join()
    return made


@dataclass(frozen=True, slots=True)
class Killing:
    """One kind of work on one lake, and what must have come of it."""

    given: Path  # the lake as it is before
    work: Work
    state: Callable[[Path], Mapping[str, object]]  # what must be the same, however often it was killed

    def attack(self, context: ForkServerContext, folder: Path, attack: Attack, kills: int = KILLS) -> None:
        """Do the work once in peace, then kill it and compare, until there were enough kills."""
        chance = Random(f"{attack.family}-{kills}")
        alone = self._copy(folder / "alone")
        begun = time.monotonic()
        assert self._call(context, alone, None)
        seconds = time.monotonic() - begun
        expected = dict(self.state(alone))
        assert expected
        done = number = in_vain = 0
        while done < kills:
            root, here = self._copy(folder / f"killed-{number}"), 0
            number += 1
            wanted = min(KILLS_PER_LAKE, kills - done)
            while not self._call(context, root, chance.uniform(0, 0.9 * seconds) if here < wanted else None):
                here += 1
            if not here:  # it was through before the kill came
                in_vain += 1
                assert in_vain < 10 * kills + 100
                shutil.rmtree(root)
                continue
            done += here
            got = dict(self.state(root))
            wrong = sorted(name for name in expected.keys() | got.keys() if expected.get(name) != got.get(name))
            for kill in range(here):
                with attack.case(f"lake {number}, kill {kill}"):
                    assert not wrong, wrong[:5]
            shutil.rmtree(root)

    def _copy(self, target: Path) -> Path:
        shutil.copytree(self.given, target)
        return target

    def _call(self, context: ForkServerContext, root: Path, wait: float | None) -> bool:
        """Whether the work got through before the kill."""
        process = context.Process(target=self.work, args=(root,))
        process.start()
        process.join(wait)
        if process.exitcode is None:
            process.kill()
            process.join()
            return False
        assert process.exitcode == 0, f"a call after kills ended with code {process.exitcode}"
        return True
