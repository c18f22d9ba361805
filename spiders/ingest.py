"""Importing archives made by others, such as Common Crawl's CC-NEWS: what the catalogue wants goes into the lake.

Streaming, bounded, and resumable by record offset; a URL that the frontier already has with the same body is skipped.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from http.client import responses
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select

from cleaning.records import Hints
from cleaning.urls import canonical_url
from spiders.archive.download import is_address
from spiders.archive.lenient_reader import Capture, RawRecord, blocks, capture_of
from spiders.archive.warc_writer import Exchange, WarcWriter, payload_digest
from spiders.catalogue import Source, unlisted_source
from spiders.discovery.listing import ListingEntry, Span
from spiders.fetching.address_guard import Refused, check_url
from spiders.frontier.database import upsert
from spiders.frontier.endpoint_kinds import Kind, kind_bits
from spiders.frontier.frontier import DiscoveredUrl, FinishedTask, Frontier, Outcome, Task
from spiders.frontier.tables import archives
from spiders.media_types import is_page

logger = logging.getLogger(__name__)

# A capture that is later than now was dated by a clock that was wrong; a day's zone is not.
FUTURE_SECONDS = 86_400.0
# Records between two checkpoints that a killed run resumes from; each is one transaction and one fsync.
BATCH = 200
# Hosts whose source is remembered, some kilobytes each; an archive of the whole web holds tens of thousands.
HOSTS_KEPT = 4_096
# Where the pages of hosts lie that the catalogue does not name: a file each would be hundreds of thousands.
UNLISTED = "any-host"
_LANG = re.compile(rb"<html[^>]*\slang\s*=\s*[\"']?([a-zA-Z]{2,3})", re.IGNORECASE)
_HEAD_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records are wanted."""

    sources: dict[str, Source]
    span: Span | None = None  # possible publication dates; a page captured before them is left out
    languages: frozenset[str] = frozenset()  # primary subtags accepted in <html lang>; empty: any
    any_host: bool = False  # also pages of hosts that no source owns: their registered domain is their source


@dataclass(slots=True)
class IngestProgress:
    """Progress through one archive; passed to the caller after each batch."""

    path: Path
    size: int  # bytes of the file
    offset: int = 0
    records: int = 0
    taken: int = 0
    left_out: Counter[str] = field(default_factory=Counter)  # reason → records

    @property
    def done(self) -> bool:
        """Whether the whole archive was read."""
        return self.offset >= self.size


def find_archives(patterns: Iterable[str]) -> list[Path]:
    """The files named by paths, folders, globs and list files (``@LIST``: one path per line), without duplicates,
    sorted.

    Addresses are skipped: :mod:`spiders.archive.download` turns them into files first. Raises FileNotFoundError for a
    pattern that matches nothing.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        if pattern.startswith("@"):
            lines = Path(pattern[1:]).read_text(encoding="utf-8").splitlines()
            paths = (line.strip() for line in lines if line.strip() and not is_address(line.strip()))
            found |= dict.fromkeys(find_archives(paths))
            continue
        if is_address(pattern):
            continue
        path = Path(pattern)
        if path.is_dir():
            named = sorted([*path.rglob("*.warc.gz"), *path.rglob("*.warc")])
        elif path.exists():
            named = [path]
        else:
            anchor = Path(path.anchor) if path.is_absolute() else Path()
            named = sorted(anchor.glob(str(path.relative_to(anchor)))) if any(c in pattern for c in "*?[") else []
        if not named:
            raise FileNotFoundError(f"{pattern}: no archive there; give a .warc or .warc.gz file, a folder or a glob")
        found |= dict.fromkeys(named)
    return sorted(found)


def ingest(
    paths: Sequence[Path],
    selection: Selection,
    *,
    lake: Path,
    frontier: Frontier,
    run_id: str,
    report: Callable[[IngestProgress], None] = lambda _progress: None,
) -> list[IngestProgress]:
    """Import archives into the lake's raw archive under ``run_id``; returns the progress of each."""
    warc = WarcWriter(lake, run_id)
    try:
        return [_Ingest(path, selection, frontier, warc, run_id, report).run() for path in paths]
    finally:
        warc.close()


class _Ingest:
    """One archive."""

    def __init__(
        self,
        path: Path,
        selection: Selection,
        frontier: Frontier,
        warc: WarcWriter,
        run_id: str,
        report: Callable[[IngestProgress], None],
    ) -> None:
        self._selection = selection
        self._frontier = frontier
        self._warc = warc
        self._run_id = run_id
        self._report = report
        self._progress = IngestProgress(path, path.stat().st_size)
        # Longest host first, so that a source for a subdomain is matched before the one for its domain.
        self._hosts = sorted(
            ((host, source) for source in selection.sources.values() for host in source.hosts),
            key=lambda pair: -len(pair[0]),
        )
        self._owner_of = lru_cache(HOSTS_KEPT)(self._find_owner)

    def run(self) -> IngestProgress:
        progress = self._progress
        progress.offset = self._resume_at()
        if progress.done:
            return progress
        batch: list[tuple[Source, Capture]] = []
        for block in blocks(progress.path, progress.offset):
            progress.records += 1
            wanted = self._select_safely(block)
            if isinstance(wanted, str):
                progress.left_out[wanted] += 1
            else:
                batch.append(wanted)
            if progress.records % BATCH == 0:
                self._commit(batch, block.next_offset)
                batch = []
        self._commit(batch, progress.size)
        return progress

    def _select_safely(self, block: RawRecord) -> tuple[Source, Capture] | str:
        """As :meth:`_select`; a fault of our own over one record must not cost the rest of its archive."""
        try:
            return self._select(block)
        except Exception:
            logger.exception("%s: the record at byte %d; please report this", self._progress.path, block.offset)
            return str(Outcome.INTERNAL_ERROR)

    def _select(self, block: RawRecord) -> tuple[Source, Capture] | str:
        """A wanted page with its source; otherwise the reason why it is left out."""
        if block.fault is not None:
            return block.fault.partition(":")[0]
        if block.head.get("warc-type") != "response":
            return "other-record"
        url = block.head.get("warc-target-uri", "").strip("<>")
        source = self._owner(url)
        if source is None:
            return "other-host"
        capture = capture_of(block, source.limits.max_bytes)
        if capture is None:
            return "unreadable"
        return self._judge(source, capture) or (source, capture)

    def _judge(self, source: Source, capture: Capture) -> str | None:
        """Why a page is not wanted after all; None if it is."""
        try:
            check_url(capture.url, source)
        except Refused as refused:
            return str(refused.outcome)
        span, languages = self._selection.span, self._selection.languages
        named = _LANG.search(capture.body[:_HEAD_BYTES])
        language = named[1].decode("ascii").lower() if named else None
        faults = {
            "future-date": capture.captured_at.timestamp() > self._frontier.clock() + FUTURE_SECONDS,
            "excluded": not source.wants(capture.url),
            "other-status": capture.status != 200,
            str(Outcome.NOT_HTML): not is_page(capture.header("Content-Type"), capture.body),
            # A page cannot have been published after it was captured.
            "other-date": span is not None
            and not span.may_hold(ListingEntry(capture.url, modified=capture.captured_at)),
            "other-language": bool(languages) and language is not None and language not in languages,
        }
        return next((name for name, holds in faults.items() if holds), None)

    def _owner(self, url: str) -> Source | None:
        try:
            host = (urlsplit(url).hostname or "").rstrip(".")
        except ValueError:
            return None
        return self._owner_of(host)

    def _find_owner(self, host: str) -> Source | None:
        matching = (source for own, source in self._hosts if host == own or host.endswith("." + own))
        found = next(matching, None)
        return unlisted_source(f"https://{host}/") if found is None and self._selection.any_host else found

    def _commit(self, batch: list[tuple[Source, Capture]], offset: int) -> None:
        """Archive a batch, then record it in the frontier together with the offset reached in the file."""
        progress = self._progress
        ended = list(self._archive(batch))
        self._warc.sync()
        self._frontier.finish(self._run_id, ended)
        progress.offset = offset
        progress.taken += len(ended)
        self._remember()
        self._report(progress)

    def _archive(self, batch: list[tuple[Source, Capture]]) -> Iterator[FinishedTask]:
        latest: dict[tuple[str, str], Capture] = {}
        for source, capture in batch:
            latest[source.name, canonical_url(capture.url)] = capture
        tasks = self._frontier.enter(
            self._run_id,
            [
                DiscoveredUrl(
                    name,
                    capture.url,
                    canonical,
                    urlsplit(capture.url).netloc,
                    Hints(via=self._progress.path.name),
                    listed_by=kind_bits([Kind.IMPORT]),
                )
                for (name, canonical), capture in latest.items()
            ],
        )
        for (name, canonical), capture in latest.items():
            task = tasks.get((name, canonical))
            if task is None:
                self._progress.left_out["erased"] += 1
                continue
            digest = payload_digest(capture.body)
            if task.body_digest == digest or self._is_older(task, capture):
                self._progress.left_out["known"] += 1
                continue
            folder = None if name in self._selection.sources else UNLISTED
            written = self._warc.response(name, _exchange(capture, task.hints), folder=folder)
            yield FinishedTask(
                task,
                Outcome.FETCHED if task.body_digest is None else Outcome.REVISION,
                capture.captured_at.timestamp(),
                bytes=len(capture.body),
                raw_file=written.raw_file,
                raw_offset=written.raw_offset,
                body_digest=digest,
            )

    def _is_older(self, task: Task, capture: Capture) -> bool:
        """Whether the frontier has seen a later version; a time that is yet to come tells nothing."""
        changed = task.changed_at or 0.0
        return capture.captured_at.timestamp() < changed <= self._frontier.clock()

    def _resume_at(self) -> int:
        with self._frontier.engine.connect().execution_options(reading=True) as db:
            row = db.execute(select(archives).where(archives.c.key == self._key())).first()
        return int(row.offset) if row is not None else 0

    def _remember(self) -> None:
        values = {"offset": self._progress.offset, "run_id": self._run_id, "read_at": self._frontier.clock()}
        with self._frontier.engine.begin() as db:
            db.execute(
                upsert(self._frontier.engine, archives)
                .values(key=self._key(), **values)
                .on_conflict_do_update(index_elements=["key"], set_=values)
            )

    def _key(self) -> str:
        """Identifies the archive and the selection: another selection reads it from the start; a file that grew is
        resumed."""
        span = self._selection.span
        wanted = [*sorted(self._selection.sources), str(span), *sorted(self._selection.languages)]
        wanted += ["any host"] * self._selection.any_host
        return f"{self._progress.path.resolve()}|{payload_digest(' '.join(wanted).encode())}"


def _exchange(capture: Capture, hints: Hints) -> Exchange:
    return Exchange(
        capture.url,
        capture.captured_at,
        capture.status,
        responses.get(capture.status, ""),
        capture.headers,
        capture.body,
        hints=hints,
    )


def span_of(start: date | None, end: date | None) -> Span | None:
    """A span from optional dates."""
    return Span(start or date.min, end) if start or end else None
