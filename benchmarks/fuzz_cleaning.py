"""Spoils pages of a corpus and cleans each in a process of its own clock: outcomes are fine, exceptions are not.

    python benchmarks/fuzz_cleaning.py CORPUS [--count 1000] [--seed 1]

CORPUS is whatever ``newsmill clean`` reads: a folder with ``index.jsonl``, HTML files, WARC. Exit code 1 where
cleaning (or the page that explains it) raised, hung, or ended its process.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import TimeoutError as PageTimeout
from dataclasses import dataclass
from functools import cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from random import Random

from pebble import ProcessExpired, ProcessFuture, ProcessPool

# ruff: noqa: E402 -- a script finds the modules beside it first, and benchmarks/cleaning.py would hide the package
sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.fuzz_mutations import mutate
from cleaning import limits
from cleaning.boilerplate.rules import RuleSet, load_rules
from cleaning.explain.html import explain_html
from cleaning.pipeline import clean
from cleaning.records import Article, RawPage, SourceFacts
from flows.cli.cleaning.clean_inputs import read_inputs

MAX_PAGES = 400  # pages of the corpus that are held in memory to be spoiled
WARM_UP = 50  # pages after which a worker has loaded what it needs; its memory is compared from there on
RSS_KB = 1024 if sys.platform == "darwin" else 1  # ru_maxrss is in bytes on macOS, in kB elsewhere


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one spoiled page."""

    number: int
    page: str
    faults: list[str]
    result: str  # article, a reason, or: raised, hung, died
    seconds: float = 0.0  # CPU of cleaning
    memory: int = 0  # resident kB of the worker afterwards
    peak: int = 0  # most resident kB that the worker had so far
    trace: str = ""

    @property
    def is_failure(self) -> bool:
        """Whether this must not happen."""
        return self.result in ("raised", "hung", "died")


@cache
def _rules() -> RuleSet:
    return load_rules()


def run(number: int, page: RawPage, seed: str) -> Outcome:
    """Spoil and clean one page in this process."""
    spoiled, faults = mutate(page, seed)
    rules = _rules()
    started = time.process_time()
    try:
        cleaned = clean(spoiled, SourceFacts(page.source), rules)
        seconds = time.process_time() - started
        explain_html(spoiled, cleaned).encode()
    except Exception:
        return Outcome(number, page.raw_file, faults, "raised", trace=traceback.format_exc())
    result = "article" if isinstance(cleaned.result, Article) else cleaned.result.reason
    return Outcome(number, page.raw_file, faults, result, seconds, _resident(), _peak())


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // RSS_KB


def _resident() -> int:
    """Resident memory now, kB; the peak where the system does not tell (proc_pid_statm(5))."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return _peak()
    return int(statm.read_text().split()[1]) * resource.getpagesize() // 1024


def fuzz(pages: list[RawPage], count: int, seed: int, limit: float) -> Iterator[Outcome]:
    """``count`` outcomes, in order. One worker, so that its memory tells whether anything stays behind."""
    with ProcessPool(max_workers=1, context=get_context("spawn")) as pool:
        upcoming = iter(range(count))
        running: list[tuple[int, RawPage, ProcessFuture[Outcome]]] = []
        while True:
            for number in islice(upcoming, 4 - len(running)):
                page = pages[number % len(pages)]
                future = pool.schedule(run, args=[number, page, f"{seed}:{number}"], timeout=limit)
                running.append((number, page, future))
            if not running:
                return
            number, page, future = running.pop(0)
            try:
                yield future.result()
            except PageTimeout:
                faults = mutate(page, f"{seed}:{number}")[1]
                yield Outcome(number, page.raw_file, faults, "hung", limit)
            except ProcessExpired as error:
                faults = mutate(page, f"{seed}:{number}")[1]
                yield Outcome(number, page.raw_file, faults, "died", trace=f"exit code {error.exitcode}")


def report(outcomes: list[Outcome]) -> None:
    """Print what happened."""
    for result, number in Counter(outcome.result for outcome in outcomes).most_common():
        print(f"{number:6,}  {result}")
    for outcome in outcomes:
        if outcome.is_failure:
            print(f"\n{outcome.result}: page {outcome.number} from {outcome.page}: {', '.join(outcome.faults)}")
            print(outcome.trace)
    times = sorted(outcome.seconds for outcome in outcomes)
    slowest = max(outcomes, key=lambda outcome: outcome.seconds)
    print(f"\nCPU s a page: median {times[len(times) // 2]:.3f}, p99 {times[len(times) * 99 // 100]:.3f}, ", end="")
    print(f"slowest {slowest.seconds:.2f} (page {slowest.number}: {', '.join(slowest.faults)})")
    measured = [outcome for outcome in outcomes if outcome.memory]
    if len(measured) > WARM_UP:
        first, last = measured[WARM_UP], measured[-1]
        print(
            f"resident MB: {first.memory / 1024:.0f} after {WARM_UP} pages, {last.memory / 1024:.0f} at the end ",
            end="",
        )
        print(f"({(last.memory - first.memory) / 1024:+.0f}); peak {max(o.peak for o in measured) / 1024:.0f}")
    failures = Counter(outcome.result for outcome in outcomes if outcome.is_failure)
    print(f"raised {failures['raised']}, hung {failures['hung']}, died {failures['died']} of {len(outcomes):,} pages")


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=limits.PAGE_SECONDS, help="seconds of wall time a page may take")
    parser.add_argument("--keep", type=Path, help="write the pages that raised or hung into this folder")
    options = parser.parse_args()
    pages = [item.page for item in read_inputs([options.corpus]) if isinstance(item.page, RawPage)]
    if not pages:
        parser.error(f"{options.corpus} holds no pages of HTML")
    rng = Random(options.seed)
    pages = rng.sample(pages, min(len(pages), MAX_PAGES))
    outcomes = []
    for outcome in fuzz(pages, options.count, options.seed, options.limit):
        outcomes.append(outcome)
        if len(outcomes) % 100 == 0:
            print(f"{len(outcomes):,} of {options.count:,} pages", file=sys.stderr, flush=True)
        if options.keep is not None and outcome.is_failure:
            options.keep.mkdir(parents=True, exist_ok=True)
            page = mutate(pages[outcome.number % len(pages)], f"{options.seed}:{outcome.number}")[0]
            (options.keep / f"{options.seed}-{outcome.number}.html").write_bytes(page.body)
    report(outcomes)
    return int(any(outcome.is_failure for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
