"""Runs the probe spider and cleans the articles that it fetches: behind `newsmill sources add` and `sources check`."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cleaning.boilerplate.rules import load_rules
from cleaning.pipeline import clean
from cleaning.records import Article, SourceFacts
from flows.config import read_settings
from flows.crawling.child_processes import Children, tail
from flows.crawling.jobs import REPOSITORY, spider_environment
from spiders.archive.warc_reader import read_pages
from spiders.catalogue import Source, load_source
from spiders.probe import SourceCheckRow, read_checks
from spiders.system.whole_file import write_whole

# A probe requests some twenty addresses with the usual delay between them; a site that needs longer is not healthy.
TIMEOUT_SECONDS = 600.0
# How often the log of a probe is looked at for its progress, and what stands before each address there.
WATCH_SECONDS = 0.3
ASKING = "asking for "


@dataclass(frozen=True, slots=True)
class Probed:
    """The result of checking a site, and the articles fetched from it, cleaned."""

    look: SourceCheckRow
    samples: tuple[Article, ...]
    rejected: tuple[str, ...]  # "url: reason: detail"


class ProbeError(RuntimeError):
    """The probe could not run; the message contains the end of its log."""


def probe_site(url: str, allow: Sequence[str] = (), on_request: Callable[[str], None] | None = None) -> Probed:
    """Check a site that is not in the catalogue; ``on_request`` is called with each address that is asked for.

    Raises ProbeError.
    """
    return _probe({"url": url}, allow, {}, on_request)[0]


def probe_sources(sources: Sequence[Source], sources_dir: Path, allow: Sequence[str] = ()) -> list[Probed]:
    """Check every endpoint of sources in the catalogue. Raises ProbeError."""
    arguments = {"source": ",".join(s.name for s in sources), "sources_dir": str(sources_dir.resolve())}
    return _probe(arguments, allow, {s.name: s.facts() for s in sources})


def save_source(toml: str, name: str, folder: Path, *, force: bool) -> Path:
    """Write a catalogue file, validated. Raises FileExistsError unless `force`, and CatalogueError for a bad one."""
    path = folder / f"{name}.toml"
    if path.exists() and not force:
        raise FileExistsError(f"{path} is there already: give --force to write over it")
    with TemporaryDirectory() as scratch:
        draft = Path(scratch) / path.name
        draft.write_text(toml, encoding="utf-8")
        load_source(draft)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(path, toml)
    return path


def _probe(
    arguments: dict[str, str],
    allow: Sequence[str],
    facts: dict[str, SourceFacts],
    on_request: Callable[[str], None] | None = None,
) -> list[Probed]:
    with TemporaryDirectory(prefix="newsmill-probe-") as scratch:
        lake, out, log = Path(scratch), Path(scratch) / "looks.jsonl", Path(scratch) / "probe.log"
        arguments |= {"out": str(out), "lake": str(lake)} | ({"allow": ",".join(allow)} if allow else {})
        argv = [sys.executable, "-m", "scrapy", "crawl", "probe", "-s", f"NEWSMILL_PARENT={os.getpid()}"]
        argv += [word for name, value in arguments.items() for word in ("-a", f"{name}={value}")]
        environment = spider_environment(read_settings())
        with _watched(log, on_request):
            ended = Children(1).run(argv, log=log, cwd=REPOSITORY, env=environment, timeout=TIMEOUT_SECONDS)
        if ended.code != 0 or not out.exists():
            raise ProbeError(f"the probe ended with exit code {ended.code}; its log ends:\n{tail(log)}")
        return [_cleaned(look, lake, facts) for look in read_checks(out)]


@contextmanager
def _watched(log: Path, on_request: Callable[[str], None] | None) -> Iterator[None]:
    """Report the addresses that a probe asks for, as its log names them."""
    if on_request is None:
        yield
        return
    over = threading.Event()

    def watch(tell: Callable[[str], None]) -> None:
        while not over.wait(WATCH_SECONDS):
            asked = [line for line in tail(log).splitlines() if ASKING in line]
            if asked:
                tell(asked[-1].partition(ASKING)[2].strip())

    thread = threading.Thread(target=watch, args=(on_request,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _cleaned(look: SourceCheckRow, lake: Path, facts: dict[str, SourceFacts]) -> Probed:
    rules = load_rules()
    samples: list[Article] = []
    rejected: list[str] = []
    for file in sorted((lake / "raw" / f"source={look.name}").rglob("*.warc.gz")):
        for page in read_pages(file, root=lake):
            result = clean(page, facts.get(look.name) or SourceFacts(name=look.name), rules).result
            if isinstance(result, Article):
                samples.append(result)
            else:
                rejected.append(f"{result.url}: {result.reason}: {result.detail}")
    return Probed(look, tuple(samples), tuple(rejected))
