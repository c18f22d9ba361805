"""Ends a crawl together with the process that started it: a killed flow leaves no crawler behind."""

from __future__ import annotations

import os
import signal
import threading
import time

# A crawl stops at most this plus GRACE_SECONDS after its parent.
LOOK_SECONDS = 0.5
# Time to flush outcomes and close files; whatever is lost after it is fetched again, nothing worse.
GRACE_SECONDS = 3.0


def end_with_parent() -> None:
    """Watch the parent process: send SIGINT to ourselves when it is gone, and SIGKILL if that was not enough.

    The watch compares the parent's pid instead of setting PR_SET_PDEATHSIG, which fires when the *thread* that started
    us ends (prctl(2)), as a scheduler's worker threads do.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_SECONDS)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(GRACE_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
