"""Kills the daily flow over the sample web with `kill -9` at random moments, starts it again, and compares the lakes.

    python -m benchmarks.kills --kills 20

A lake that was killed and a lake that was left alone must hold the same rows, fetch times and the place of the raw
bytes aside. Prints a line for each lake and ends with code 1 when any differs. Takes about half a minute a kill.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from prefect.settings import PREFECT_API_URL
from prefect.testing.utilities import prefect_test_harness

from cleaning.schema.arrow import TABLES
from flows.lake.store import Lake
from flows.sample.server import SampleWeb

REPOSITORY = Path(__file__).resolve().parents[1]
# Serves pages that take 20 s on purpose; what they come to does not depend on kills.
SLOW = "slow-road"
# When and where a page was fetched differs from run to run; nothing else may.
OF_THE_FETCH = {"fetched_at", "fetched_date", "superseded_at", "run_id", "raw_file", "raw_offset"}
# A killed flow's crawl ends by itself: it looks for its parent twice a second and has 3 s to end.
ORPHAN_SECONDS = 5.0

CALL = """
import sys
from flows.daily import daily
if __name__ == "__main__":
    lake, sources_dir, allow, *sources = sys.argv[1:]
    daily(lake, sources, sources_dir, [allow])
"""


def rows(root: Path) -> dict[str, list[str]]:
    """The rows of every table, fetch aside, in an order that does not depend on it."""
    found = {}
    for name in TABLES:
        table = Lake(root).read(name)
        kept = table.drop_columns([c for c in table.column_names if c in OF_THE_FETCH])
        found[name] = sorted(repr(row) for row in kept.to_pylist())
    return found


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description="kill -9 the daily flow at random moments")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    os.environ |= {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
    with (
        tempfile.TemporaryDirectory() as folder,
        SampleWeb(port=0) as web,
        prefect_test_harness(server_startup_timeout=120),
    ):
        root = Path(folder)
        web.write_sources(root / "sources")
        names = sorted(p.stem for p in (root / "sources").glob("*.toml") if p.stem != SLOW)
        environment = {**os.environ, "PREFECT_API_URL": str(PREFECT_API_URL.value()), "PYTHONPATH": str(REPOSITORY)}

        def start(lake: Path) -> subprocess.Popen[bytes]:
            words = [str(lake), str(root / "sources"), f"127.0.0.1:{web.port}", *names]
            return subprocess.Popen(
                [sys.executable, "-c", CALL, *words],
                env=environment,
                cwd=REPOSITORY,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

        began = time.monotonic()
        if start(root / "alone").wait():
            raise SystemExit("the run that was left alone failed")
        seconds = time.monotonic() - began
        expected = rows(root / "alone")
        print(f"alone: {seconds:.0f} s, rows: { {n: len(r) for n, r in expected.items() if r} }", flush=True)
        kills = lakes = wrong = 0
        while kills < options.kills:
            lake = root / f"killed-{lakes}"
            lakes += 1
            here = 0
            while True:
                flow = start(lake)
                try:
                    code = flow.wait(chance.uniform(0, seconds) if kills < options.kills else None)
                except subprocess.TimeoutExpired:
                    flow.send_signal(signal.SIGKILL)
                    flow.wait()
                    kills += 1
                    here += 1
                    time.sleep(ORPHAN_SECONDS)
                    continue
                if code:
                    raise SystemExit(f"a run after {here} kills ended with code {code}")
                break
            got = rows(lake)
            different = [name for name in TABLES if got[name] != expected[name]]
            wrong += bool(different)
            print(f"lake {lakes}: {here} kills: {'differs in ' + ', '.join(different) if different else 'same rows'}")
            for name in different:
                for row in sorted(set(got[name]) ^ set(expected[name]))[:4]:
                    print(f"  {name}: {row[:400]}")
            sys.stdout.flush()
        print(f"{kills} kills over {lakes} lakes: {lakes - wrong} the same, {wrong} different")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
