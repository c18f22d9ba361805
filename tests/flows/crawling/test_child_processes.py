"""Child processes end when they are told to, when their time is up, and when their parent is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from flows.crawling.child_processes import ChildExit, Children, ChildStopped, tail

pytestmark = pytest.mark.slow

# Says that it runs, then sleeps; ignores signals when asked to.
SLEEPER = "import signal,sys,time; {ignore}; print('up', flush=True); time.sleep(60)"
# As a script leaves its background children.
BACKGROUND = "signal.signal(signal.SIGINT, signal.SIG_IGN)"
DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
WAIT_SECONDS = 30.0


def run(children: Children, tmp_path: Path, code: str, *, timeout: float = 60, name: str = "log") -> ChildExit:
    return children.run([sys.executable, "-c", code], log=tmp_path / name, cwd=tmp_path, env={}, timeout=timeout)


def until(told: object, condition: object) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, told
        time.sleep(0.02)


def test_a_child_that_ends_gives_its_code_and_its_log(tmp_path: Path) -> None:
    ended = run(Children(1), tmp_path, "print('hello'); raise SystemExit(3)")
    assert (ended.code, ended.timed_out) == (3, False)
    assert tail(tmp_path / "log") == "hello\n"
    assert tail(tmp_path / "none") == ""


def test_a_child_whose_time_is_up_is_interrupted(tmp_path: Path) -> None:
    ended = run(Children(1), tmp_path, SLEEPER.format(ignore="pass"), timeout=1)
    assert ended.timed_out
    assert ended.code != 0


@pytest.mark.parametrize("ignore", ["pass", BACKGROUND, DEAF])
def test_stopping_ends_a_child_even_one_that_is_deaf_to_signals(tmp_path: Path, ignore: str) -> None:
    children = Children(1)
    raised: list[BaseException] = []

    def work() -> None:
        try:
            run(children, tmp_path, SLEEPER.format(ignore=ignore))
        except ChildStopped as e:
            raised.append(e)

    thread = threading.Thread(target=work)
    thread.start()
    until("the child runs", lambda: tail(tmp_path / "log") == "up\n")
    children.stop()
    thread.join(WAIT_SECONDS)
    assert raised
    with pytest.raises(ChildStopped):
        run(children, tmp_path, "pass")


def test_no_more_children_run_at_once_than_asked_for(tmp_path: Path) -> None:
    code = (
        "import os,pathlib,time; me=pathlib.Path(f'{os.getpid()}.up'); me.touch(); time.sleep(0.2); "
        "print(len(list(pathlib.Path('.').glob('*.up')))); me.unlink()"
    )
    children = Children(2)
    threads = [
        threading.Thread(target=run, args=(children, tmp_path, code), kwargs={"name": f"log{n}"}) for n in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(int(tail(tmp_path / f"log{n}")) for n in range(5)) <= 2


PARENT = """
import subprocess, sys, time
child = "from flows.crawling.child_processes import *; die_with_parent(); print('up', flush=True); time.sleep(60)"
process = subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE)
process.stdout.readline()
print(process.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="PR_SET_PDEATHSIG is Linux's")
def test_a_child_dies_with_a_parent_that_is_killed() -> None:
    root = Path(__file__).parents[3]
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(root)}
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until("the child is gone", lambda: not alive(child))


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
