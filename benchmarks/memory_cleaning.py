# ruff: noqa: E402 -- a script finds the modules beside it first, and benchmarks/cleaning.py would hide the package
"""Whether cleaning keeps anything behind: python benchmarks/memory_cleaning.py CORPUS [--count 20000] [--fast]

Cleans the pages of a corpus (whatever ``newsmill clean`` reads) over and over, each time as another page of another
host: its address, its class names and a part of its words are new, so that whatever is remembered by page, host, class
or word would grow. Prints the resident memory of the process at each tenth, and exits with 1 where the last tenth grew
by more than ``--allowed`` MB over the third, when everything that is loaded once is there.

Run it with MALLOC_ARENA_MAX=1 to tell growth from fragments: what an allocator keeps is no growth of ours.
"""

from __future__ import annotations

import argparse
import gc
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

sys.path[0] = str(Path(__file__).resolve().parents[1])

from cleaning.boilerplate.rules import load_rules
from cleaning.pipeline import clean
from cleaning.records import Article, RawPage, SourceFacts
from flows.cli.cleaning.clean_inputs import read_inputs

MAX_PAGES = 400  # of the corpus that are held in memory
CLASS = re.compile(rb"""(class=["'][^"'<>]{3,60})(?=["'])""")
WORD = re.compile(rb"(?<= )[a-z]{9,}(?= )")  # of prose: markup and scripts seldom have one between two spaces
STEPS = 10


def resident() -> float:
    """Resident memory now, MB; the peak where the system does not tell (proc_pid_statm(5))."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def another(page: RawPage, number: int) -> RawPage:
    """The page as if it were a new one of a new host."""
    parts = urlsplit(page.url)
    url = urlunsplit(("https", f"host-{number}.example", f"/{number}{parts.path}", "", ""))
    tail = b"x%d" % number
    body = CLASS.sub(rb"\1 c-" + tail, page.body)
    body = WORD.sub(lambda found: found[0] + tail if len(found[0]) % 5 == number % 5 else found[0], body)
    host = parts.netloc.encode()
    return replace(page, url=url, body=body.replace(host, b"host-%d.example" % number) if host else body)


def pages(corpus: Path, count: int) -> Iterator[RawPage]:
    """``count`` pages, each of them new."""
    known = [item.page for item in islice(read_inputs([corpus]), MAX_PAGES) if isinstance(item.page, RawPage)]
    if not known:
        raise SystemExit(f"{corpus} holds no pages of HTML: name a folder with index.jsonl, HTML files or WARC")
    return (another(page, number) for number, page in enumerate(islice(cycle(known), count)))


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--fast", action="store_true", help="as newsmill clean --fast")
    parser.add_argument("--allowed", type=float, default=30.0, help="MB from the third tenth to the last (default 30)")
    options = parser.parse_args()
    rules, facts = load_rules(), SourceFacts("benchmark")
    results: Counter[str] = Counter()
    series: list[float] = []
    step = max(1, options.count // STEPS)
    seconds = 0.0
    for number, page in enumerate(pages(options.corpus, options.count), 1):
        started = time.process_time()
        result = clean(page, facts, rules, fast=options.fast).result
        seconds += time.process_time() - started
        results["article" if isinstance(result, Article) else result.reason] += 1
        if number % step == 0:
            series.append(resident())
            print(f"{number:7,} pages  {series[-1]:6.0f} MB  {len(gc.get_objects()):9,} objects", flush=True)
    print(", ".join(f"{n:,} {name}" for name, n in results.most_common()))
    grown = series[-1] - series[min(2, len(series) - 1)]
    print(f"{1000 * seconds / options.count:.1f} ms of CPU a page; {grown:+.0f} MB from the third tenth to the last")
    return int(grown > options.allowed)


if __name__ == "__main__":
    sys.exit(main())
