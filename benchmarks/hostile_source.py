"""Crawls five healthy sites alone, and beside one that does everything at once to its visitors.

    python -m benchmarks.hostile_source --pages 40 --delay 0.5

Prints how long the healthy sites took from their first page to their last, the whole crawl, and the peak memory of the
process tree; then the ratio. The delay between requests, and not the processor, decides how long a healthy site takes.
Exits with 1 where it took more than 1.2 times as long, or the tree more than 600 MB.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.faults.hostile_site import EVIL, HEALTHY, Measured, add_healthy, add_hostile, measure, write_sources
from tests.spiders.crawling import Crawls
from tests.spiders.oneweb import OneWeb

LONGER = 1.2
PEAK_BYTES = 600_000_000


def crawl(folder: Path, pages: int, delay: float, *, hostile: bool) -> Measured:
    """One crawl into a lake of its own."""
    sites = [f"s{number}" for number in range(HEALTHY)]
    with OneWeb({}) as web:
        add_healthy(web, pages)
        if hostile:
            add_hostile(web)
            sites.append(EVIL)
        made = Crawls(folder, web.port)
        write_sources(web, made.sources, sites, delay)
        return measure(made)


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=40, help="of each healthy site")
    parser.add_argument("--delay", type=float, default=0.5, help="seconds between two requests to a site")
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    worst = peak = 0.0
    for number in range(given.rounds):
        with tempfile.TemporaryDirectory() as folder:
            alone = crawl(Path(folder) / "alone", given.pages, given.delay, hostile=False)
            beside = crawl(Path(folder) / "beside", given.pages, given.delay, hostile=True)
        ratio = beside.healthy_seconds / alone.healthy_seconds
        worst, peak = max(worst, ratio), max(peak, beside.peak_bytes)
        for name, got in (("alone", alone), ("beside a hostile one", beside)):
            fetched = sum(outcome == "fetched" for url, outcome in got.outcomes.items() if f"//{EVIL}." not in url)
            print(
                f"{number} {name:22} {fetched} healthy pages in {got.healthy_seconds:5.1f} s, "
                f"crawl {got.seconds:5.1f} s, peak {got.peak_bytes / 1e6:4.0f} MB",
                flush=True,
            )
        print(f"{number} healthy pages took {ratio:.2f} times as long", flush=True)
    sys.exit(worst > LONGER or peak > PEAK_BYTES)


if __name__ == "__main__":
    main()
