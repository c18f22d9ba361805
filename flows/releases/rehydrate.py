"""Rehydrates a list of ids: reads each record from a raw archive, cleans it, compares the text with the stated hash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cleaning.boilerplate.rules import load_rules
from cleaning.extract import TRAFILATURA
from cleaning.records import Article, SourceFacts
from cleaning.schema.arrow import to_table
from flows.lake.store import Lake, write_parquet
from flows.publishing.batches import PublishProgress, clean_batch
from flows.publishing.unpublished import Record
from flows.publishing.workers.cleaning_pool import CleaningPool
from flows.releases.release import ReleaseError

NEEDED = ("article_id", "text_hash", "source", "url", "fetched_at", "run_id", "raw_file", "raw_offset", "rules_version")
IDENTICAL, CHANGED, GONE = "identical", "changed", "gone"


@dataclass(slots=True)
class RehydrateReport:
    """The result of rehydrating.

    Attributes:
        outcomes: identical, changed, gone → rows.
        why_gone: reason → rows: no record, or what cleaning made of the page.
        other_rules: rows that were cleaned with other rules than today's.
        other_extractor: rows whose body another version found.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    why_gone: Counter[str] = field(default_factory=Counter)
    other_rules: int = 0
    other_extractor: int = 0

    def share(self, outcome: str) -> float:
        """The share of an outcome, 0 to 1; 0 where there are no rows."""
        total = self.outcomes.total()
        return self.outcomes[outcome] / total if total else 0.0


def rehydrate(
    ids: Path,
    lake: Lake,
    out: Path,
    sources: Mapping[str, SourceFacts],
    *,
    workers: int | None = None,
    on_progress: Callable[[PublishProgress], None] = lambda _: None,
) -> RehydrateReport:
    """Write the articles of an edition of ids.

    Args:
        ids: ``articles.parquet`` of a release, or a release's folder.
        lake: whose raw archive holds the records; its site templates, where it has them, are used as in publishing.
        out: Parquet file with the columns of articles: the rows whose text is identical or changed.
        sources: facts of the catalogue by name; a source missing there is cleaned with the defaults.
        workers: cleaning processes, as for publishing.
        on_progress: called after each page.

    Raises:
        ReleaseError: a file that is no list of ids.
    """
    file = ids / "data" / "articles.parquet" if ids.is_dir() else ids
    rows = _read(file)
    report = RehydrateReport()
    today = load_rules().version
    report.other_rules = sum(row["rules_version"] != today for row in rows)
    report.other_extractor = sum(
        "trafilatura" in (row.get("extractor") or "") and TRAFILATURA not in row["extractor"] for row in rows
    )
    there = [row for row in rows if _is_raw(row["raw_file"]) and (lake.root / row["raw_file"]).exists()]
    _count_gone(report, "its raw file is not there", len(rows) - len(there))
    records = {_record(row): row for row in there}
    articles: list[Article] = []
    with CleaningPool(lake.root, sources, workers=workers) as pool:
        ordered = sorted(records, key=lambda record: record.order)
        cleaned, _ = clean_batch(pool, lake, ordered, on_progress)
    for record, page in cleaned:
        if isinstance(page.result, Article):
            articles.append(page.result)
            is_same = page.result.text_hash == records[record]["text_hash"]
            report.outcomes[IDENTICAL if is_same else CHANGED] += 1
        else:
            _count_gone(report, f"{page.result.reason}: {page.result.detail.split(': ')[0][:80]}", 1)
    write_parquet(out, to_table(Article, sorted(articles, key=lambda a: (a.published_date, a.source, a.article_id))))
    return report


def _is_raw(name: str) -> bool:
    """Whether a name lies in the raw archive: an edition comes from elsewhere, and must not have other files read."""
    parts = PurePosixPath(name).parts
    return parts[:1] == ("raw",) and ".." not in parts


def _count_gone(report: RehydrateReport, reason: str, rows: int) -> None:
    if rows:
        report.outcomes[GONE] += rows
        report.why_gone[reason] += rows


def _read(file: Path) -> list[dict[str, Any]]:
    try:
        names = pq.read_schema(file).names
    except (OSError, pa.ArrowException) as error:
        raise ReleaseError(
            f"{file}: cannot be read ({str(error).splitlines()[0]}); give articles.parquet of a release"
        ) from error
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise ReleaseError(f"{file}: has no column {', '.join(missing)}; give articles.parquet of a release")
    wanted = [*NEEDED, *(["extractor"] if "extractor" in names else [])]
    return list(pq.read_table(file, columns=wanted).to_pylist())


def _record(row: Mapping[str, Any]) -> Record:
    return Record(
        row["raw_file"],
        row["raw_offset"],
        row["run_id"],
        row["source"],
        row["url"],
        row["fetched_at"].astimezone(UTC),
        "",
    )
