"""Runs a module as a program that ends with its parent: ``python -m flows.serving.tied prefect.engine``.

Prefect starts its server, workers and engines as plain processes, which survive a `kill -9` of their parent; an engine
goes on crawling for minutes.
"""

from __future__ import annotations

import os
import runpy
import sys

from spiders.system.parent_watch import end_with_parent

# An engine stops its crawls (3 s) and reports to the server, in this order.
GRACE_SECONDS = 10.0


def main() -> None:
    """Run the module named by the first argument, with the rest as its arguments."""
    parent = os.getppid()
    _, module, *arguments = sys.argv
    end_with_parent(parent, GRACE_SECONDS)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
