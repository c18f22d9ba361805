"""CPU time, wall time and memory of a command and of every process that it starts, however those end.

    python benchmarks/process_tree.py COMMAND...

CPU time is what the kernel counted for the whole tree: this process adopts orphans (PR_SET_CHILD_SUBREAPER), so that
workers whose parent did not wait for them count too. Memory is the highest sum of the tree's proportional set sizes
(PSS: a page that several processes share counts once), looked at five times a second. Linux only.
"""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Usage:
    """What a command took."""

    code: int
    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int
    output: str  # stdout


def measure(
    command: Sequence[str | Path], environment: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Usage:
    """Run a command to its end; no other child of this process may run beside it."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    peak = 0
    with subprocess.Popen(list(map(str, command)), env=environment, cwd=cwd, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        os.set_blocking(child.stdout.fileno(), False)
        output = b""
        while child.poll() is None:
            peak = max(peak, sum(map(_pss, _descendants(os.getpid()))))
            output += child.stdout.read() or b""
            time.sleep(LOOK_SECONDS)
        output += child.stdout.read() or b""
    wall = time.monotonic() - started
    _reap()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Usage(child.returncode, cpu, wall, peak, output.decode("utf-8", "replace"))


def _reap() -> None:
    """Wait for the orphans that this process adopted."""
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(word) for word in task.read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *_descendants(child)]
    return found


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def main() -> None:
    """Measure the command of the command line."""
    used = measure(sys.argv[1:])
    sys.stdout.write(used.output)
    peak = used.peak_bytes / 1e6
    print(
        f"{used.cpu_seconds:.2f} CPU-s, {used.wall_seconds:.2f} s, {peak:.0f} MB, exit code {used.code}",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
