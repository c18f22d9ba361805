"""Alarms on simulated weeks: which events are alarmed on their day with the right cause, and how many are false.

``python -m benchmarks.drift [--seeds 3]``: five weeks of daily crawls of the sites of tests/flows/reports/weeks.py,
whose rows and visits the product's own code writes; no page is fetched. Ten kinds of events befall ten sites and end
again; a false alarm is any other that opens.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path

from flows.reports.drift.alerts import EVERYWHERE
from flows.reports.drift.watch import watch
from tests.flows.reports.weeks import Event, Weeks

DAYS = 35
EVENTS = {
    Event("capital-dispatch", "layout", 15, 20): "layout-changed",
    Event("valley-times", "authors", 20, 24): "layout-changed",
    Event("coast-herald", "robots", 21, 25): "robots-closed",
    Event("metro-evening", "paywall", 22, 27): "paywall",
    Event("island-news", "silent", 23, 26): "silent",
    Event("hill-tribune", "moved", 24, 28): "moved",
    Event("river-courier", "backdated", 25, 26): "backdated",
    Event("morning-ledger", "certificate", 29, 31): "certificate",
    Event("lakeside-post", "consent", 29, 32): "consent-wall",
    Event("*", "network", 33, 34): "network-down",
}
# True from the first day: none of its pages has an image.
STANDING = {("wire-service", "empty-field")}


def main() -> None:
    """Print a line for each event, and the sums."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=3)
    seeds = options.parse_args().seeds
    lateness: dict[Event, Counter[str]] = {event: Counter() for event in EVENTS}
    false, ends, began = [], Counter[str](), time.process_time()
    for seed in range(seeds):
        opened, ended = _weeks(seed)
        expected = {(EVERYWHERE if e.site == "*" else e.site, cause): e for e, cause in EVENTS.items()}
        for key, event in expected.items():
            days = [day for day, what in opened if what == key and event.start <= day < event.end]
            lateness[event][f"{days[0] - event.start} runs late" if days else "missed"] += 1
            over = [day for day, what in ended if what == key and day >= event.end]
            ends["on the first day after" if over and over[0] == event.end else "later or never"] += 1
        explained = {
            (day, key) for day, key in opened for k, e in expected.items() if k == key and e.start <= day < e.end
        }
        false += [(seed, day, key) for day, key in opened if (day, key) not in explained and key not in STANDING]
    for event, counted in lateness.items():
        print(f"{event.kind:12} {EVENTS[event]:16} {dict(counted)}")
    print(f"alerts ended: {dict(ends)}")
    print(f"false alarms: {len(false)} in {seeds} × {DAYS} days × 12 sites {false}")
    print(f"{time.process_time() - began:.0f} s of CPU")


def _weeks(seed: int) -> tuple[list[tuple[int, tuple[str, str]]], list[tuple[int, tuple[str, str]]]]:
    opened, ended = [], []
    with tempfile.TemporaryDirectory() as folder:
        weeks = Weeks(Path(folder), events=tuple(EVENTS), seed=seed)
        catalogue = weeks.catalogue()
        for day, end in weeks.run(DAYS):
            changes = watch(weeks.root, catalogue, weeks.frontier.engine, end)
            opened += [(day, alert.key) for alert in changes.opened]
            ended += [(day, alert.key) for alert in changes.ended]
        weeks.frontier.close()
    return opened, ended


if __name__ == "__main__":
    main()
