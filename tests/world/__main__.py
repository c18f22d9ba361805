"""`make world`: publish, crawl, edit and crawl again on real publishing systems; the scorecard."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.world.crawling import Operator
from tests.world.scorecard import Scorer, faults, table
from tests.world.world import lacks, running


def main(keep: Path | None = None) -> None:
    """Publish, crawl, edit, crawl again, and print what came out."""
    missing = lacks()
    if missing:
        sys.exit(f"the world needs: {', '.join(missing)}")
    began = time.process_time()
    with tempfile.TemporaryDirectory(prefix="newsmill-world-") as scratch, running(keep or Path(scratch)) as world:
        world.publish()
        operator = Operator(world)
        operator.add_all()
        print(operator.run(), flush=True)
        report(operator, "the first day")
        world.later()
        for _ in range(2):  # a page is gone when two visits found it so
            print(operator.run("--everything"), flush=True)
        report(operator, "after a day of editing")
    print(f"{time.process_time() - began:.0f} s of CPU in this process")


def report(operator: Operator, title: str) -> None:
    """Print the scorecard of the lake as it is."""
    scorer = Scorer(operator.lake)
    scores = [scorer.score(one, operator.world.changes.get(one.site.name)) for one in operator.world.served()]
    print(f"\n## {title}\n\n{table(scores)}\n\n{faults(scores)}\n", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
