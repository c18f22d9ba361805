"""Without a Prefect server the work runs in this process: steps side by side, tried again, interrupted at once."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from flows.orchestration.in_process import TERMINATED, InProcess, ended_by_sigterm
from flows.orchestration.orchestrator import Step
from tests.flows.conftest import REPOSITORY


def failing(times: int, error: type[Exception] = RuntimeError) -> tuple[list[float], Callable[[], None]]:
    """Work that fails so often, and the moments at which it was tried."""
    tried: list[float] = []

    def work() -> None:
        tried.append(time.monotonic())
        if len(tried) <= times:
            raise error(f"attempt {len(tried)}")

    return tried, work


def test_steps_run_at_the_same_time() -> None:
    meet = threading.Barrier(3, timeout=30)

    def work() -> None:
        meet.wait()

    assert InProcess().side_by_side("kind", [Step(str(n), "a step", work) for n in range(3)]) == {}


def test_a_step_that_fails_is_tried_again_after_its_pause_and_then_counts_as_done() -> None:
    tried, work = failing(1)
    assert InProcess().side_by_side("kind", [Step("a", "a step", work, retries=1, retry_seconds=0.1)]) == {}
    assert len(tried) == 2
    assert tried[1] - tried[0] >= 0.1


def test_a_step_that_fails_for_good_is_named_with_its_error_and_the_others_are_done() -> None:
    tried, work = failing(9)
    done, other = failing(0)
    steps = [Step("a", "a step", work, retries=1), Step("b", "another", other)]
    assert InProcess().side_by_side("kind", steps) == {"a": "attempt 2"}
    assert (len(tried), len(done)) == (2, 1)


def test_a_final_error_is_not_tried_again() -> None:
    tried, work = failing(9, KeyError)
    failed = InProcess().side_by_side(
        "kind", [Step("a", "a step", work, retries=5, retry_seconds=60, final=(KeyError,))]
    )
    assert list(failed) == ["a"]
    assert len(tried) == 1


INTERRUPTED = """
import sys, time
from flows.orchestration.in_process import InProcess, ended_by_sigterm
from flows.orchestration.orchestrator import Step

def work():
    print("at work", flush=True)
    raise RuntimeError("no")

with ended_by_sigterm():
    try:
        InProcess().side_by_side("kind", [Step("a", "a step", work, retries=1, retry_seconds=600)])
    finally:
        print("closed", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, TERMINATED), (signal.SIGINT, -signal.SIGINT)])
def test_an_interruption_does_not_wait_for_a_pause_and_closes_what_is_open(number: signal.Signals, code: int) -> None:
    call = subprocess.Popen([sys.executable, "-c", INTERRUPTED], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert call.stdout is not None
    assert call.stdout.readline() == "at work\n"
    call.send_signal(number)
    assert call.communicate(timeout=30)[0] == "closed\n"
    assert call.returncode == code


def test_the_handler_of_sigterm_is_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with ended_by_sigterm():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
