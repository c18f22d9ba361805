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


def end_with_parent(parent: int, grace: float = GRACE_SECONDS) -> None:
    """Watch the parent process: SIGTERM to ourselves when it is gone, SIGKILL if we are still there ``grace`` s later.

    Args:
        parent: pid of the process that started this one, as that process knew it, or as it was read before any other
            work: a parent that dies meanwhile would otherwise be taken for whoever adopted us.
        grace: seconds.

    SIGTERM and not SIGINT, which a process ignores whose first ancestor was started by a script in the background.
    The watch compares the parent's pid instead of setting PR_SET_PDEATHSIG, which fires when the *thread* that started
    us ends (prctl(2)), as a scheduler's worker threads do.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(grace)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
