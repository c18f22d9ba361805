"""A crawl ends with the process that started it: a flow that is killed leaves no crawler behind."""

from __future__ import annotations

import os
import signal
import threading
import time

# A crawl stops within this and GRACE_SECONDS of its parent.
LOOK_SECONDS = 0.5
# Time to flush outcomes and close files; what is lost after it is fetched again, nothing else.
GRACE_SECONDS = 3.0


def end_with_parent() -> None:
    """Watch the parent process: SIGINT to ourselves when it is gone, SIGKILL if that did not do.

    The watch asks who the parent is instead of setting PR_SET_PDEATHSIG, which fires when the *thread* that started us
    ends (prctl(2)), as worker threads of a scheduler do.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_SECONDS)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(GRACE_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
